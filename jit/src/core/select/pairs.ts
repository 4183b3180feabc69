/** Instructions on two words. */
import { load32, load8, store32, store8 } from '@fireball/wasm';
import * as arithmetic from '../layout/arithmetic.js';
import * as families from '../layout/families.js';
import {
  conditionA,
  conditionAHigh,
  conditionB,
  conditionBHigh,
  conditionBKind,
  conditionCode,
  conditionTest,
  immediate,
  pairTest,
  register,
} from '../layout/machine.js';
import { entryC, entryFrom, entryHigh, entrySource, fixedSource, noHeld, noReg, ownSource, pendingCondition, rotationOfVariable } from '../layout/select.js';
import { swapped } from '../masm/condition-words.js';
import { addPair, addPairImmediate, fitsPairImmediate, shiftPair } from '../masm/pairs.js';
import { selectUnary } from './arithmetic.js';
import { consume, pendZero } from './compare.js';
import { combine, ownedEntry, reading, wordOperation, wordOperationInto } from './composed.js';
import { finishPair, isPairForLocal, pairDestination, resultHigh, resultLow } from './destination.js';
import { constEntry, isConst, isConstOf, isPlainSum, readRegisters, registerOf, shiftEntryOf, signOf, sumEntryOf } from './entries.js';
import { failInternally } from './failure.js';
import { detail } from './families.js';
import { isOwned, owned, regOf } from './held.js';
import { pop, popCopy, push } from './operand-stack.js';
import { isConstantPair, pushWords } from './pair-entries.js';
import { addPendingHeld, clearPending } from './pending.js';
import { selectPairMultiply } from './products.js';
import { evaluate, hold, holdOwn, isHome, release, releaseEntry } from './state.js';
import { takeReg } from './temporaries.js';

/** An instruction of the family of pairs. */
export function selectPair(record: i32): void {
  const what = detail(record, 1);
  switch (detail(record, 0)) {
    case families.pairAdd:
      selectPairAdd(what);
      return;
    case families.pairLogic:
      selectPairLogic(what);
      return;
    case families.pairMultiply:
      selectPairMultiply();
      return;
    case families.pairShift:
      selectPairShift(what);
      return;
    case families.pairRotate:
      selectPairRotate(what === families.rotateLeft);
      return;
    case families.pairEquality:
      selectPairEquality(what);
      return;
    case families.pairEqz:
      selectPairEqz();
      return;
    case families.pairCompare:
      selectPairCompare(what);
      return;
    case families.pairWrap:
      selectWrap();
      return;
    default:
      extendFrom(detail(record, 2));
      selectExtend(what !== 0);
  }
}

/** What becomes of the operand of an extension first. */
function extendFrom(operand: i32): void {
  if (operand === families.ofWord) return;
  selectWrap();
  if (operand !== families.ofPair) selectUnary(operand);
}

// --- sums -----------------------------------------------------------------------------------

function selectPairAdd(op: i32): void {
  const bHigh = popCopy();
  const b = popCopy();
  const aHigh = popCopy();
  const a = popCopy();
  if (op === arithmetic.add && isConstantPair(a, aHigh)) addPairs(op, b, bHigh, a, aHigh);
  else addPairs(op, a, aHigh, b, bHigh);
}

function addPairs(op: i32, left: i32, leftHigh: i32, right: i32, rightHigh: i32): void {
  if (isConstantPair(right, rightHigh) && addConstantPair(op, left, leftHigh, load32(right + entryC), load32(rightHigh + entryC))) return;
  const b = hold(right);
  const bHigh = hold(rightHigh);
  const a = hold(left);
  const aHigh = hold(leftHigh);
  pairDestination((1 << regOf(aHigh)) | (1 << regOf(bHigh)), 0, a, aHigh, b, bHigh, noHeld);
  addPair(op, resultLow(), resultHigh(), regOf(a), regOf(aHigh), regOf(b), regOf(bHigh));
  finishPair();
}

/** Adds or subtracts a constant, or the other way round its negative. Returns false where neither fits. */
function addConstantPair(op: i32, left: i32, leftHigh: i32, low: i32, high: i32): boolean {
  if (fitsPairImmediate(op, low, high)) {
    addImmediate(op, left, leftHigh, low, high);
    return true;
  }
  const other = op === arithmetic.add ? arithmetic.sub : arithmetic.add;
  const negative = -low | 0;
  const negativeHigh = low === 0 ? -high | 0 : ~high;
  if (!fitsPairImmediate(other, negative, negativeHigh)) return false;
  addImmediate(other, left, leftHigh, negative, negativeHigh);
  return true;
}

function addImmediate(op: i32, left: i32, leftHigh: i32, low: i32, high: i32): void {
  const a = hold(left);
  const aHigh = hold(leftHigh);
  pairDestination(1 << regOf(aHigh), 0, a, aHigh, noHeld, noHeld, noHeld);
  addPairImmediate(op, resultLow(), resultHigh(), regOf(a), regOf(aHigh), low, high);
  finishPair();
}

// --- logic ----------------------------------------------------------------------------------

/** and, or, xor: word by word, constants folded. */
function selectPairLogic(op: i32): void {
  const bHigh = popCopy();
  const b = popCopy();
  const aHigh = popCopy();
  const a = popCopy();
  if (!isPairForLocal()) {
    const low = foldedLogic(op, a, b, noReg);
    pushWords(low, foldedLogic(op, aHigh, bHigh, noReg));
    return;
  }
  const waits = isRead(resultLow(), aHigh, bHigh);
  const low = foldedLogic(op, a, b, waits ? noReg : resultLow());
  if (waits) finishWords(own(low), foldedLogic(op, aHigh, bHigh, resultHigh()), resultHigh(), resultLow());
  else {
    evaluate(low, resultLow());
    evaluate(foldedLogic(op, aHigh, bHigh, resultHigh()), resultHigh());
    finishPair();
  }
}

/** Is the register read by one of the entries? */
function isRead(reg: i32, a: i32, b: i32): boolean {
  return (((readRegisters(a) | readRegisters(b)) >>> reg) & 1) !== 0;
}

/** The same in a register of its own, which writes to others leave alone. */
function own(entry: i32): i32 {
  return ownedEntry(holdOwn(entry));
}

/** Writes the words of the local: the last one first, then the first one, which is in a register of its own. */
function finishWords(first: i32, last: i32, lastReg: i32, firstReg: i32): void {
  evaluate(last, lastReg);
  evaluate(first, firstReg);
  finishPair();
}

function foldedLogic(op: i32, a: i32, b: i32, reg: i32): i32 {
  const constant = isConst(b) ? b : a;
  if (isConst(constant)) {
    const other = isConst(b) ? a : b;
    const value = load32(constant + entryC);
    if (value === (op === arithmetic.and ? -1 : 0)) return other;
    if ((op === arithmetic.and && value === 0) || (op === arithmetic.or && value === -1)) {
      releaseEntry(other);
      return constEntry(value, false);
    }
  }
  return wordOperationInto(op, a, b, reg);
}

// --- shifts ---------------------------------------------------------------------------------

function selectPairShift(op: i32): void {
  const amountHigh = popCopy();
  const amount = popCopy();
  releaseEntry(amountHigh);
  if (isConst(amount)) {
    shiftByConstant(op, load32(amount + entryC) & 63);
    return;
  }
  const count = holdOwn(amount);
  const valueHigh = popCopy();
  const value = popCopy();
  const low = hold(value);
  const high = hold(valueHigh);
  // The word into which bits come from the other one is written first.
  const isLeft = op === arithmetic.shl;
  const avoids = (1 << regOf(isLeft ? low : high)) | (1 << count);
  pairDestination(isLeft ? 0 : avoids, isLeft ? avoids : 0, low, high, owned(count), noHeld, noHeld);
  shiftPair(op, resultLow(), resultHigh(), regOf(low), regOf(high), count);
  finishPair();
}

/** Words that are shifted as a whole wait for who needs them: one of the two is often dropped. */
function shiftByConstant(op: i32, amount: i32): void {
  const high = popCopy();
  const low = popCopy();
  if (amount === 0) {
    push(low);
    push(high);
    return;
  }
  const isLeft = op === arithmetic.shl;
  const far = isLeft ? high : low;
  const near = isLeft ? low : high;
  if (amount < 32) {
    const source = inRegister(near);
    if (isPairForLocal()) shiftIntoLocal(op, far, source, amount);
    else {
      const shiftedFar = shiftedInto(far, source, isLeft, amount, noReg);
      pushShifted(isLeft, shiftedFar, shifted(source, op, amount));
    }
  } else {
    releaseEntry(far);
    const source = inRegister(near);
    const filling = op === arithmetic.shrS ? shifted(shared(source), arithmetic.shrS, 31) : constEntry(0, false);
    pushShifted(isLeft, amount === 32 ? source : shifted(source, op, amount - 32), filling);
  }
}

/** Shifts by less than a word, into the local that the next instruction writes. */
function shiftIntoLocal(op: i32, far: i32, source: i32, amount: i32): void {
  const isLeft = op === arithmetic.shl;
  const farReg = isLeft ? resultHigh() : resultLow();
  const nearReg = isLeft ? resultLow() : resultHigh();
  if (isRead(farReg, source, source)) {
    const shiftedFar = own(shiftedInto(far, source, isLeft, amount, noReg));
    finishWords(shiftedFar, shifted(source, op, amount), nearReg, farReg);
  } else {
    evaluate(shiftedInto(far, source, isLeft, amount, farReg), farReg);
    evaluate(shifted(source, op, amount), nearReg);
    finishPair();
  }
}

function pushShifted(isLeft: boolean, far: i32, near: i32): void {
  if (isLeft) pushWords(near, far);
  else pushWords(far, near);
}

/** The word that is shifted away from, or to, the other one, whose bits follow. */
function shiftedInto(far: i32, source: i32, isLeft: boolean, amount: i32, reg: i32): i32 {
  const back = isLeft ? arithmetic.shrU : arithmetic.shl;
  if (isConstOf(far, 0)) return shifted(shared(source), back, 32 - amount);
  store8(far + entryHigh, 0);
  const moved = wordOperation(isLeft ? arithmetic.shl : arithmetic.shrU, far, constEntry(amount, false));
  const near = reading(registerOf(load8(source + entryFrom), load32(source + entrySource)));
  return combine(moved, near, back, 32 - amount, reg);
}

/** A source that is shifted, as it is pending. */
function shifted(source: i32, op: i32, amount: i32): i32 {
  return shiftEntryOf(load8(source + entryFrom), load32(source + entrySource), op, amount, 0, false);
}

/** The entry's value in a register, for an entry that keeps it there. */
function inRegister(entry: i32): i32 {
  if (isPlainSum(entry) && !isHome(load8(entry + entryFrom), load32(entry + entrySource))) return entry;
  const held = hold(entry);
  return sumEntryOf(isOwned(held) ? ownSource : fixedSource, regOf(held), 0, false);
}

/** The same source for one more entry. */
function shared(source: i32): i32 {
  if (load8(source + entryFrom) === ownSource) takeReg(load32(source + entrySource));
  return source;
}

/** A rotation by a constant; others are routines. */
function selectPairRotate(isLeft: boolean): void {
  const amountHigh = popCopy();
  const amountLow = popCopy();
  // A computed amount may have a constant low word and a high word in a register.
  releaseEntry(amountHigh);
  if (!isConst(amountLow)) failInternally(rotationOfVariable);
  const value = load32(amountLow + entryC);
  const amount = (isLeft ? value : -value) & 63;
  const valueHigh = popCopy();
  const valueLow = popCopy();
  // Rotating by 32 swaps the words; what is left is below 32.
  const low = amount >= 32 ? valueHigh : valueLow;
  const high = amount >= 32 ? valueLow : valueHigh;
  const rest = amount & 31;
  if (rest === 0) {
    pushWords(low, high);
    return;
  }
  const heldLow = hold(low);
  const heldHigh = hold(high);
  const isForLocal = isPairForLocal();
  const lowReg = isForLocal && resultLow() !== regOf(heldLow) && resultLow() !== regOf(heldHigh) ? resultLow() : noReg;
  const newLow = rotated(regOf(heldLow), regOf(heldHigh), rest, lowReg);
  if (!isForLocal) pushWords(newLow, rotated(regOf(heldHigh), regOf(heldLow), rest, noReg));
  else finishWords(newLow, rotated(regOf(heldHigh), regOf(heldLow), rest, resultHigh()), resultHigh(), resultLow());
  release(heldLow);
  release(heldHigh);
}

/** A word shifted to the left, with the bits of the other one behind it. */
function rotated(main: i32, other: i32, amount: i32, reg: i32): i32 {
  const moved = wordOperation(arithmetic.shl, reading(main), constEntry(amount, false));
  return combine(moved, reading(other), arithmetic.shrU, 32 - amount, reg);
}

// --- comparisons ----------------------------------------------------------------------------

/** eq, ne: the words' differences, ored, against 0. */
function selectPairEquality(cond: i32): void {
  const bHigh = popCopy();
  const b = popCopy();
  const aHigh = popCopy();
  const a = popCopy();
  const low = foldedLogic(arithmetic.xor, a, b, noReg);
  testBoth(cond, low, foldedLogic(arithmetic.xor, aHigh, bHigh, noReg));
}

function selectPairEqz(): void {
  const high = popCopy();
  testBoth(arithmetic.eq, popCopy(), high);
}

function testBoth(cond: i32, low: i32, high: i32): void {
  store8(low + entryHigh, 0);
  store8(high + entryHigh, 0);
  if (isConstOf(high, 0)) pendZero(cond, hold(low));
  else pendZero(cond, owned(wordOperation(arithmetic.or, low, high)));
  consume();
}

function selectPairCompare(cond: i32): void {
  const bHigh = popCopy();
  const b = popCopy();
  const aHigh = popCopy();
  const a = popCopy();
  if (isConstantPair(a, aHigh)) compareOrdered(swapped(cond), b, bHigh, a, aHigh);
  else compareOrdered(cond, a, aHigh, b, bHigh);
}

function compareOrdered(cond: i32, a: i32, aHigh: i32, b: i32, bHigh: i32): void {
  if (isConstantPair(b, bHigh) && compareWithConstant(cond, a, aHigh, load32(b + entryC), load32(bHigh + entryC))) return;
  const right = hold(b);
  const rightHigh = hold(bHigh);
  const left = hold(a);
  const leftHigh = hold(aHigh);
  pendPair(cond, left, leftHigh, register, regOf(right), regOf(rightHigh));
  addPendingHeld(right);
  addPendingHeld(rightHigh);
  consume();
}

/** Makes a comparison of a pair with registers or constants the pending condition. */
function pendPair(cond: i32, a: i32, aHigh: i32, bKind: i32, b: i32, bHigh: i32): void {
  clearPending();
  store32(pendingCondition + conditionTest, pairTest);
  store32(pendingCondition + conditionCode, cond);
  store32(pendingCondition + conditionA, regOf(a));
  store32(pendingCondition + conditionAHigh, regOf(aHigh));
  store32(pendingCondition + conditionBKind, bKind);
  store32(pendingCondition + conditionB, b);
  store32(pendingCondition + conditionBHigh, bHigh);
  addPendingHeld(a);
  addPendingHeld(aHigh);
}

/** Returns false where the constant has to be in registers. */
function compareWithConstant(cond: i32, a: i32, aHigh: i32, low: i32, high: i32): boolean {
  const isSigned = cond < arithmetic.ltU;
  // a > value and a <= value are a >= value + 1 and a < value + 1.
  const isNext = (cond & 2) !== 0;
  const order = isNext ? cond ^ 3 : cond;
  const bound = isNext ? (low + 1) | 0 : low;
  const boundHigh = isNext && bound === 0 ? (high + 1) | 0 : high;
  if (isSigned && bound === 0 && boundHigh === 0) {
    // The sign says it.
    releaseEntry(a);
    pendZero(order, hold(aHigh));
    consume();
    return true;
  }
  const wraps = isNext && bound === 0 && boundHigh === (isSigned ? -0x8000_0000 : 0);
  if (wraps || !fitsPairImmediate(arithmetic.compare, bound, boundHigh)) return false;
  const left = hold(a);
  pendPair(order, left, hold(aHigh), immediate, bound, boundHigh);
  consume();
  return true;
}

// --- words ----------------------------------------------------------------------------------

function selectWrap(): void {
  releaseEntry(pop());
}

/** i64.extend_i32_u, i64.extend_i32_s, i64.extend32_s: a low word and its extension. */
export function selectExtend(signed: boolean): void {
  const low = popCopy();
  if (!signed) {
    pushWords(low, constEntry(0, true));
    return;
  }
  if (isConst(low)) {
    pushWords(low, constEntry(load32(low + entryC) >> 31, true));
    return;
  }
  const source = inRegister(low);
  shared(source);
  pushWords(source, signOf(load8(source + entryFrom), load32(source + entrySource)));
}
