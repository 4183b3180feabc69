/** Operations on numbers of two words. Operands are held while the result's registers are found: none of these is one that is still read. */
import { load32, store32 } from '@fireball/wasm';
import { fitsImmediate } from '../costs.js';
import * as arithmetic from '../layout/arithmetic.js';
import * as layout from '../layout/baseline.js';
import * as families from '../layout/families.js';
import { conditionAHigh, conditionBHigh, immediate, pairTest, register } from '../layout/machine.js';
import { pendingCondition } from '../layout/select.js';
import { alu, move } from '../masm/arithmetic.js';
import { addPair, addPairImmediate, fitsPairImmediate, multiplyPair, shiftPair } from '../masm/pairs.js';
import { consume, holdPending, pend, pendZero } from './conditions.js';
import { detailOf } from './details.js';
import {
  hold,
  holdOwn,
  isConstant,
  isConstantOf,
  isTemporary,
  kindOf,
  pop,
  popRows,
  push,
  pushConstant,
  pushTemporary,
  release,
  releaseRow,
  takeTemporary,
  topRows,
  valueOf,
} from './operands.js';
import { finishPair, pairResultOf } from './results.js';
import { selectUnary } from './words.js';

const stride: i32 = layout.operandStride;

/** An operation of the family of pairs. */
export function selectPair(operation: i32): void {
  const what = detailOf(operation, 1);
  switch (detailOf(operation, 0)) {
    case families.pairAdd:
      addPairs(what);
      return;
    case families.pairLogic:
      combinePairs(what);
      return;
    case families.pairMultiply:
      multiplyPairs();
      return;
    case families.pairShift:
      shiftPairs(what);
      return;
    case families.pairRotate:
      rotatePair(what === families.rotateLeft);
      return;
    case families.pairEquality:
      comparePairsEqual(what);
      return;
    case families.pairEqz:
      comparePairWithZero();
      return;
    case families.pairCompare:
      orderPairs(what);
      return;
    case families.pairWrap:
      releaseRow(pop());
      return;
    default:
      extendFrom(detailOf(operation, 2));
      extendWord(what !== 0);
  }
}

/** What becomes of the operand of an extension first. */
function extendFrom(operand: i32): void {
  if (operand === families.ofWord) return;
  releaseRow(pop());
  if (operand !== families.ofPair) selectUnary(operand);
}

/** The topmost word becomes the lower one of a pair. */
export function extendWord(signed: boolean): void {
  if (!signed) {
    pushConstant(0, 1);
    return;
  }
  const row = topRows(1);
  if (isConstant(row)) {
    pushConstant(valueOf(row) >> 31, 1);
    return;
  }
  const low = hold(pop());
  const high = takeTemporary();
  alu(arithmetic.shrS, high, low, immediate, 31, false);
  if (isTemporary(low)) pushTemporary(low, 0);
  else push(layout.localKind, low, 0);
  pushTemporary(high, 1);
}

/** Are both words of a pair constants? */
function isConstantPair(rows: i32): boolean {
  return isConstant(rows) && isConstant(rows + stride);
}

function addPairs(op: i32): void {
  const rows = popRows(4);
  const right = rows + 2 * stride;
  if (isConstantPair(right) && fitsPairImmediate(op, valueOf(right), valueOf(right + stride))) {
    const a = hold(rows);
    const aHigh = hold(rows + stride);
    const low = valueOf(right);
    const high = valueOf(right + stride);
    pairResultOf(a, aHigh, true, true);
    addPairImmediate(op, load32(layout.lowResult), load32(layout.highResult), a, aHigh, low, high);
    release(a);
    release(aHigh);
    finishPair();
    return;
  }
  const a = hold(rows);
  const aHigh = hold(rows + stride);
  const b = hold(right);
  const bHigh = hold(right + stride);
  pairResultOf(a, aHigh, true, true);
  addPair(op, load32(layout.lowResult), load32(layout.highResult), a, aHigh, b, bHigh);
  releaseFour(a, aHigh, b, bHigh);
  finishPair();
}

function releaseFour(a: i32, aHigh: i32, b: i32, bHigh: i32): void {
  release(a);
  release(aHigh);
  release(b);
  release(bHigh);
}

/** and, or, xor: word by word. */
function combinePairs(op: i32): void {
  const rows = popRows(4);
  combineWords(op, rows, 0);
  combineWords(op, rows, 1);
}

/** The operation on one of the words of two pairs at `rows`, of which the result takes the place. */
function combineWords(op: i32, rows: i32, high: i32): void {
  const b = rows + (2 + high) * stride;
  const a = rows + high * stride;
  if (isConstant(b)) {
    const value = valueOf(b);
    if (value === (op === arithmetic.and ? -1 : 0)) {
      push(kindOf(a), valueOf(a), high);
      return;
    }
    if (op === arithmetic.and && value === 0) {
      releaseRow(a);
      pushConstant(0, high);
      return;
    }
    if (fitsImmediate(op, value)) {
      const left = hold(a);
      const to = isTemporary(left) ? left : takeTemporary();
      alu(op, to, left, immediate, value, false);
      pushTemporary(to, high);
      return;
    }
  }
  const left = hold(a);
  const right = hold(b);
  const to = isTemporary(left) ? left : isTemporary(right) ? right : takeTemporary();
  alu(op, to, left, register, right, false);
  release(left);
  release(right);
  pushTemporary(to, high);
}

function multiplyPairs(): void {
  const rows = popRows(4);
  const isWord = isConstantOf(rows + stride, 0);
  const a = hold(rows);
  const aHigh = isWord ? -1 : hold(rows + stride);
  const b = hold(rows + 2 * stride);
  const bHigh = hold(rows + 3 * stride);
  pairResultOf(a, aHigh, true, true);
  multiplyPair(load32(layout.lowResult), load32(layout.highResult), a, aHigh, b, bHigh);
  release(a);
  if (aHigh >= 0) release(aHigh);
  release(b);
  release(bHigh);
  finishPair();
}

function shiftPairs(op: i32): void {
  const rows = popRows(4);
  releaseRow(rows + 3 * stride);
  const amount = rows + 2 * stride;
  if (isConstant(amount)) {
    shiftByConstant(op, rows, valueOf(amount) & 63);
    return;
  }
  const low = hold(rows);
  const high = hold(rows + stride);
  const count = holdOwn(amount);
  pairResultOf(low, high, true, true);
  shiftPair(op, load32(layout.lowResult), load32(layout.highResult), low, high, count);
  release(low);
  release(high);
  release(count);
  finishPair();
}

function shiftByConstant(op: i32, rows: i32, amount: i32): void {
  if (amount === 0) {
    push(kindOf(rows), valueOf(rows), 0);
    push(kindOf(rows + stride), valueOf(rows + stride), 1);
    return;
  }
  const isLeft = op === arithmetic.shl;
  const near = hold(isLeft ? rows : rows + stride);
  if (amount >= 32) {
    releaseRow(isLeft ? rows + stride : rows);
    shiftAcross(op, near, amount - 32);
    return;
  }
  const far = hold(isLeft ? rows + stride : rows);
  const moved = takeTemporary();
  alu(isLeft ? arithmetic.shrU : arithmetic.shl, moved, near, immediate, 32 - amount, false);
  const to = isTemporary(far) ? far : takeTemporary();
  alu(isLeft ? arithmetic.shl : arithmetic.shrU, to, far, immediate, amount, false);
  alu(arithmetic.or, to, to, register, moved, false);
  alu(op, moved, near, immediate, amount, false);
  release(near);
  pushTemporary(isLeft ? moved : to, 0);
  pushTemporary(isLeft ? to : moved, 1);
}

/** A word moves to the place of the other one, and so many bits further. */
function shiftAcross(op: i32, near: i32, amount: i32): void {
  const to = takeTemporary();
  alu(op, to, near, immediate, amount, false);
  if (op === arithmetic.shl) {
    release(near);
    pushConstant(0, 0);
    pushTemporary(to, 1);
    return;
  }
  if (op === arithmetic.shrU) {
    release(near);
    pushTemporary(to, 0);
    pushConstant(0, 1);
    return;
  }
  const sign = isTemporary(near) ? near : takeTemporary();
  alu(arithmetic.shrS, sign, near, immediate, 31, false);
  pushTemporary(to, 0);
  pushTemporary(sign, 1);
}

/** A rotation by a constant; others are routines. */
function rotatePair(isLeft: boolean): void {
  const rows = popRows(4);
  releaseRow(rows + 3 * stride);
  const value = valueOf(rows + 2 * stride);
  const amount = (isLeft ? value : -value) & 63;
  // Rotating by 32 swaps the words; what is left is below 32.
  const low = holdOwn(amount >= 32 ? rows + stride : rows);
  const high = holdOwn(amount >= 32 ? rows : rows + stride);
  const rest = amount & 31;
  if (rest !== 0) {
    const fromLow = takeTemporary();
    const fromHigh = takeTemporary();
    alu(arithmetic.shrU, fromLow, low, immediate, 32 - rest, false);
    alu(arithmetic.shrU, fromHigh, high, immediate, 32 - rest, false);
    alu(arithmetic.shl, low, low, immediate, rest, false);
    alu(arithmetic.shl, high, high, immediate, rest, false);
    alu(arithmetic.or, low, low, register, fromHigh, false);
    alu(arithmetic.or, high, high, register, fromLow, false);
    release(fromLow);
    release(fromHigh);
  }
  pushTemporary(low, 0);
  pushTemporary(high, 1);
}

/** eq, ne: the words' differences, ored, against 0. */
function comparePairsEqual(cond: i32): void {
  const rows = popRows(4);
  const low = differenceOf(rows, 0);
  const high = differenceOf(rows, 1);
  testBoth(cond, low, high);
}

/** A temporary with the bits in which words of two pairs differ. */
function differenceOf(rows: i32, high: i32): i32 {
  const left = hold(rows + high * stride);
  const b = rows + (2 + high) * stride;
  if (isConstant(b) && (valueOf(b) === 0 || fitsImmediate(arithmetic.xor, valueOf(b)))) {
    const to = isTemporary(left) ? left : takeTemporary();
    if (valueOf(b) === 0) move(to, left);
    else alu(arithmetic.xor, to, left, immediate, valueOf(b), false);
    return to;
  }
  const right = hold(b);
  const to = isTemporary(left) ? left : isTemporary(right) ? right : takeTemporary();
  alu(arithmetic.xor, to, left, register, right, false);
  if (to !== left) release(left);
  if (to !== right) release(right);
  return to;
}

function comparePairWithZero(): void {
  const rows = popRows(2);
  const low = hold(rows);
  const high = hold(rows + stride);
  const to = isTemporary(low) ? low : isTemporary(high) ? high : takeTemporary();
  alu(arithmetic.or, to, low, register, high, false);
  if (to !== low) release(low);
  if (to !== high) release(high);
  pendZero(arithmetic.eq, to);
  consume();
}

function testBoth(cond: i32, low: i32, high: i32): void {
  alu(arithmetic.or, low, low, register, high, false);
  release(high);
  pendZero(cond, low);
  consume();
}

function orderPairs(cond: i32): void {
  const rows = popRows(4);
  const a = hold(rows);
  const aHigh = hold(rows + stride);
  const b = hold(rows + 2 * stride);
  const bHigh = hold(rows + 3 * stride);
  pend(pairTest, cond, a, register, b);
  store32(pendingCondition + conditionAHigh, aHigh);
  store32(pendingCondition + conditionBHigh, bHigh);
  holdPending(a);
  holdPending(aHigh);
  holdPending(b);
  holdPending(bHigh);
  consume();
}
