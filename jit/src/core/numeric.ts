/** What instructions of words make of the operand stack, and which constants they want. */
import { load32, load8, store32 } from '@fireball/wasm';
import { classAt, indexOf, operationAt, recordOf } from './instructions.js';
import { addAccess } from './accesses.js';
import { commutes, isPowerOfTwo } from './alu.js';
import { becomesCode } from './controls.js';
import { fitsImmediate, fitsReverse } from './costs.js';
import { beginRun, closeChecks, closeGroups } from './groups.js';
import * as arithmetic from './layout/arithmetic.js';
import {
  aField,
  deltaField,
  flagsField,
  isBelowLimit,
  isForegone,
  isInterval,
  isShort,
  limitField,
  memoryOffsetField,
  recordCount,
  recordStride,
} from './layout/body.js';
import * as classes from './layout/classes.js';
import { detailOf, pair, resultOf, routine, routineOfVariable, takenBy, trapping, wayOf, word } from './layout/operations.js';
import { firstCall, hasRoutines, isBehindCall } from './layout/allocation.js';
import { loopAhead, looksAhead } from './layout/plan.js';
import { symbolC, symbolHigh, symbolMax } from './layout/symbols.js';
import { peek, pop, pushAgain, pushHigh, pushResult, pushValue, pushWords, replaceByTest, replaceByValue } from './stack.js';
import { bound, conditionOf, isConstant, negate, resultBound, testOf, valueOf } from './symbols.js';
import { greater, isBelow, smear, u32Max } from './unsigned.js';
import { needConst, noteEvent, settle, useConst, useInRegister, useMoved } from './weights.js';

const signBit: i32 = -0x8000_0000;

/** Notes a flag of the instruction. Of what is seen ahead, more may be known when the walk comes there. */
export function note(record: i32, flag: i32): void {
  if (load32(looksAhead) === 0) store32(record + flagsField, load32(record + flagsField) | flag);
}

export function planAlu(record: i32): void {
  const operation = load8(detailOf + operationAt(record));
  const b = pop();
  const a = pop();
  if (isConstant(b)) {
    if (planConstant(record, operation, b, a)) return;
  } else if (isConstant(a)) {
    if (planConstant(record, operation, a, b)) return;
  }
  if (operation >= arithmetic.shl) {
    if (operation <= arithmetic.shrU && isBelow(bound(b), 32)) note(record, isShort);
  }
  settle(a);
  settle(b);
  replaceByValue(resultBound(operation, a, b));
}

/** Of an operation with a constant, its first operand or its second: needs that constant, or becomes something else. True where that is done. */
function planConstant(record: i32, operation: i32, constant: i32, other: i32): boolean {
  const value = valueOf(constant);
  const isSecond = constant > other;
  const isMixed = !isConstant(other);
  if (isMixed) {
    if (operation === arithmetic.add) {
      pushAgain(other, value);
      return true;
    }
    if (operation === arithmetic.sub && isSecond) {
      pushAgain(other, -value | 0);
      return true;
    }
  }
  if (operation === arithmetic.and) {
    if ((smear(bound(other)) & ~value) === 0) {
      note(record, isForegone);
      pushAgain(other, 0);
      return true;
    }
    noteInterval(record, value, other);
  }
  if (!isMixed) return false;
  if (operation === arithmetic.sub && !isSecond) {
    if (!fitsReverse(value)) needConst(value);
  } else if (operation !== arithmetic.mul || !isPowerOfTwo(value)) {
    if (isSecond || commutes(operation)) useConst(constant, operation);
    else needConst(value);
  }
  return false;
}

/**
 * ((x + c) & mask) compared with a number, as C does with its small types, is x + c compared without the mask. x must be at
 * most the mask: then x + c minus a multiple of mask + 1 tells by its borrow on which side of it x lies. @noinline
 */
function noteInterval(record: i32, mask: i32, operand: i32): void {
  if (isConstant(operand) || mask <= 0 || (mask & (mask + 1)) !== 0 || isBelow(mask, load32(operand + symbolMax))) return;
  const constant = record + recordStride;
  const comparison = constant + recordStride;
  if (comparison >= recordOf(load32(recordCount))) return;
  if (classAt(constant) !== classes.constant || classAt(comparison) !== classes.compare) return;
  // Unsigned comparisons: whether they hold of the lower numbers, and how far the first of the others lies behind the constant.
  const cond = load8(detailOf + operationAt(comparison));
  if (cond < arithmetic.ltU) return;
  const isBelowIt = cond === arithmetic.ltU || cond === arithmetic.leU;
  const number = load32(constant + aField);
  if (isBelow(mask, number)) return;
  const limit = number + (cond === arithmetic.leU || cond === arithmetic.gtU ? 1 : 0);
  if (limit < 1 || limit > mask) return;
  // x - k, of which the mask makes numbers from mask + 1 - k on where x is less than k.
  const c = load32(operand + symbolC);
  const k = -c & mask;
  const isWhole = limit - 1 <= mask - k;
  let delta = (-k - c) | 0;
  let side = limit;
  let below = isBelowIt;
  if (!isWhole) {
    side = (mask + 1 - limit) | 0;
    delta = (side - k - c) | 0;
    below = !isBelowIt;
  }
  store32(record + deltaField, delta);
  store32(record + limitField, side);
  note(record, below ? isInterval | isBelowLimit : isInterval);
}

export function planCompare(record: i32): void {
  const b = pop();
  const a = pop();
  testOf(load8(detailOf + operationAt(record)), a, b);
  useConst(isConstant(a) ? a : b, arithmetic.compare);
  settle(a);
  settle(b);
  replaceByTest();
}

/** A comparison of one word with 0. */
export function planTest(): void {
  const operand = pop();
  settle(operand);
  conditionOf(operand);
  negate();
  replaceByTest();
}

export function planDivide(): void {
  const b = pop();
  const a = pop();
  if (isConstant(a)) needConst(valueOf(a));
  if (isConstant(b)) needConst(valueOf(b));
  // Constants that it may trap for are 0 and -1.
  if (!isConstant(b) || isBelow((valueOf(b) + 1) | 0, 2)) closeChecks();
  replaceByValue(u32Max);
}

export function planUnary(): void {
  settle(pop());
  replaceByValue(u32Max);
}

export function planSelect(): void {
  settle(pop());
  const b = pop();
  if (load8(b + symbolHigh) !== 0) {
    for (let words = 0; words < 3; words++) pop();
    pushValue(u32Max);
    pushHigh();
    return;
  }
  const a = pop();
  useMoved(a);
  useMoved(b);
  replaceByValue(greater(bound(a), bound(b)));
}

/** Pair operations, those of floats, and runtime routines: operands in registers, results unknown. */
export function planNumeric(record: i32, isFloat: boolean): void {
  const operation = operationAt(record);
  const way = load8(wayOf + operation);
  const isCall = way === routine || (way === routineOfVariable && !isConstant(peek(1)));
  for (let words = load8(takenBy + operation); words > 0; words--) {
    const operand = pop();
    if (isFloat && !isCall) useInRegister(operand);
    else settle(operand);
  }
  pushWords(load8(resultOf + operation) === pair ? 2 : 1);
  if (isCall) callRoutine(record);
  else if (way === trapping) closeChecks();
}

export function planSign(record: i32): void {
  const operation = operationAt(record);
  if (load8(detailOf + operation) !== arithmetic.abs && !fitsImmediate(arithmetic.xor, signBit)) needConst(signBit);
  for (let words = load8(takenBy + operation); words > 0; words--) settle(pop());
  pushWords(load8(resultOf + operation) === pair ? 2 : 1);
}

export function planRecordOperation(record: i32): void {
  const operation = operationAt(record);
  for (let words = load8(takenBy + operation); words > 0; words--) pop();
  pushResult(load8(resultOf + operation));
  callRoutine(record);
}

/** A call or a routine: from here on, or from the outermost loop around it on, constants are wanted behind one. */
export function comeToCall(record: i32): void {
  if (load32(isBehindCall) !== 0 || isLeftBehind(record)) return;
  store32(isBehindCall, 1);
  store32(firstCall, indexOf(load32(looksAhead) === 0 ? record : load32(loopAhead)));
}

/** Is the function left right behind the instruction? */
function isLeftBehind(record: i32): boolean {
  let next = record + recordStride;
  while (classAt(next) === classes.rest) next += recordStride;
  const found = classAt(next);
  return found === classes.returnResults || found === classes.unreachable;
}

function callRoutine(record: i32): void {
  comeToCall(record);
  noteEvent(record, -1);
  store32(hasRoutines, 1);
  closeGroups();
  beginRun();
}

export function planLoad(record: i32): void {
  planAccess(record);
  const result = load8(resultOf + operationAt(record));
  if (result === word) replaceByValue(u32Max);
  else pushResult(result);
}

export function planStore(record: i32): void {
  for (let words = load8(takenBy + operationAt(record)); words > 0; words--) useInRegister(pop());
  planAccess(record);
  closeChecks();
}

function planAccess(record: i32): void {
  const address = pop();
  becomesCode();
  if (load32(looksAhead) !== 0) return;
  addAccess(record, address, load32(record + memoryOffsetField), load8(detailOf + operationAt(record)));
}
