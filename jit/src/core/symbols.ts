/** What symbols say of numbers. */
import { load32, load8, store32 } from '@fireball/wasm';
import * as arithmetic from './layout/arithmetic.js';
import { rangeMax, rangeMin, testC, testCond, testValue, testVersion, testWord } from './layout/plan.js';
import {
  constKind,
  localKind,
  symbolC,
  symbolCond,
  symbolKind,
  symbolMax,
  symbolMin,
  symbolTestC,
  symbolTestValue,
  symbolVersion,
  symbolWord,
  valueKind,
} from './layout/symbols.js';
import { swapped } from './masm/condition-words.js';
import { fitsProduct, greater, isBelow, lesser, product, smear, u32Max } from './unsigned.js';

export function isConstant(symbol: i32): boolean {
  return load8(symbol + symbolKind) === constKind;
}

/** Of a constant. */
export function valueOf(symbol: i32): i32 {
  return load32(symbol + symbolMax);
}

/** Range: from min..max to the same with `c` more, where all of it wraps, or none; everything otherwise. */
export function rangeBehind(min: i32, max: i32, c: i32): void {
  const low = (min + c) | 0;
  const high = (max + c) | 0;
  const isWhole = isBelow(low, c) === isBelow(high, c);
  store32(rangeMin, isWhole ? low : 0);
  store32(rangeMax, isWhole ? high : u32Max);
}

/** Range: the numbers that it may be. */
export function rangeOf(symbol: i32): void {
  rangeBehind(load32(symbol + symbolMin), load32(symbol + symbolMax), load32(symbol + symbolC));
}

/** The greatest number that it may be. */
export function bound(symbol: i32): i32 {
  if (load32(symbol + symbolC) === 0) return load32(symbol + symbolMax);
  rangeOf(symbol);
  return load32(rangeMax);
}

/** The greatest number that the operation may make of two operands. */
export function resultBound(operation: i32, a: i32, b: i32): i32 {
  const left = bound(a);
  const right = bound(b);
  switch (operation) {
    case arithmetic.and:
      return lesser(left, right);
    case arithmetic.or:
    case arithmetic.xor:
      return smear(greater(left, right));
    case arithmetic.shrU:
      return isConstant(b) ? (left >>> (valueOf(b) & 31)) | 0 : left;
    case arithmetic.shl: {
      if (!isConstant(b)) return u32Max;
      const amount = valueOf(b) & 31;
      const shifted = left << amount;
      return ((shifted >>> amount) | 0) === left ? shifted : u32Max;
    }
    case arithmetic.add: {
      const sum = (left + right) | 0;
      return isBelow(sum, left) ? u32Max : sum;
    }
    case arithmetic.mul:
      return fitsProduct(left, right) ? product(left, right) : u32Max;
    default:
      return u32Max;
  }
}

/** Test: the comparison of two operands, if one is a local and the other a constant. */
export function testOf(cond: i32, a: i32, b: i32): void {
  if (load8(a + symbolKind) === localKind && isConstant(b)) writeTest(cond, a, valueOf(b));
  // Orders of two are two orders of each other.
  else if (isConstant(a) && load8(b + symbolKind) === localKind) writeTest(swapped(cond), b, valueOf(a));
  else store32(testCond, arithmetic.noCondition);
}

function writeTest(cond: i32, local: i32, value: i32): void {
  store32(testCond, cond);
  store32(testWord, load32(local + symbolWord));
  store32(testVersion, load32(local + symbolVersion));
  store32(testC, load32(local + symbolC));
  store32(testValue, value);
}

/** Test: what is true where the operand is not 0. */
export function conditionOf(symbol: i32): void {
  const kind = load8(symbol + symbolKind);
  if (kind === localKind) writeTest(arithmetic.ne, symbol, 0);
  else if (kind !== valueKind || load32(symbol + symbolC) !== 0) store32(testCond, arithmetic.noCondition);
  else {
    store32(testCond, load8(symbol + symbolCond));
    store32(testWord, load32(symbol + symbolWord));
    store32(testVersion, load32(symbol + symbolVersion));
    store32(testC, load32(symbol + symbolTestC));
    store32(testValue, load32(symbol + symbolTestValue));
  }
}

/** Test: its contrary. */
export function negate(): void {
  const cond = load32(testCond);
  if (cond !== arithmetic.noCondition) store32(testCond, cond ^ 1);
}
