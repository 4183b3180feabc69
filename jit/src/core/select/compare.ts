/** Comparisons, and what becomes of conditions: branches, choices, values, or flags that wait. The condition in question is the one that is pending. */
import { load32, load8, store32 } from '@fireball/wasm';
import { operationAt } from '../instructions.js';
import { fitsImmediate } from '../costs.js';
import { isLiveKnown, lastConditions } from '../layout/analyses.js';
import * as arithmetic from '../layout/arithmetic.js';
import { aField, deltaField, flagsField, isBelowLimit, isInterval, limitField, recordStride } from '../layout/body.js';
import { bitsTest, compareTest, conditionHolds, conditionLasts, conditionTest, heldTest, immediate, register } from '../layout/machine.js';
import * as layout from '../layout/select.js';
import { noHeld, noReg, pendingCondition } from '../layout/select.js';
import { endOfWords, firstWordOf } from '../locals.js';
import { alu, move } from '../masm/arithmetic.js';
import { newLabel } from '../masm/assembly.js';
import { readsRegister as conditionReads, swapped } from '../masm/condition-words.js';
import { aluIf, bind, branchIf, choose, fitsAluIf, fitsChoose, holdCondition, setIf } from '../masm/conditions.js';
import { countsByFlags, holdsConditions } from '../masm/properties.js';
import { addConstant } from './arithmetic.js';
import { findPinned } from './contents.js';
import { advance, at, currentRecord, nextRecord, recordAfter } from './context.js';
import { branchOnCondition, enterIf } from './control.js';
import { destination, finishDestination, finishPair, isPairForLocal, resultHigh, resultLow } from './destination.js';
import { constEntry, copyOf, isConst, isConstOf, isHigh, isPlainSum, registerOf, sumEntryOf } from './entries.js';
import { isOwned, owned, regOf } from './held.js';
import { pop, popCopy, topEntry } from './operand-stack.js';
import { addPendingHeld, clearPending, invertPending, pendCompare, releasePending } from './pending.js';
import { evaluate, hold, holdOwn, holdUnless, operandKind, operandValue, pushConst, pushReg, release } from './state.js';

/** The two topmost words, by a condition of `arithmetic.ts`. */
export function selectCompare(cond: i32): void {
  const b = pop();
  const a = pop();
  const swaps = isConst(a) && !isConst(b);
  pendWords(compareTest, swaps ? swapped(cond) : cond, swaps ? b : a, swaps ? a : b, arithmetic.compare);
  consume();
}

/** Holds two words, of which the second may stay an immediate of the operation `fits`, and makes a comparison of them the pending condition. */
function pendWords(test: i32, cond: i32, a: i32, b: i32, fits: i32): void {
  const left = hold(a);
  const right = holdUnless(b, isConst(b) && fitsImmediate(fits, load32(b + layout.entryC)));
  clearPending();
  pendCompare(test, cond, regOf(left), operandKind(right), operandValue(right, b));
  addPendingHeld(left);
  addPendingHeld(right);
}

/** i32.eqz of a plain value. */
export function selectEqz(): void {
  pendZero(arithmetic.eq, hold(pop()));
  consume();
}

/** Makes a comparison of what is held with 0 the pending condition. */
export function pendZero(cond: i32, held: i32): void {
  clearPending();
  pendCompare(compareTest, cond, regOf(held), immediate, 0);
  addPendingHeld(held);
}

/** i32.and whose only use is a condition: flags instead of a value. @noinline */
export function selectTest(): boolean {
  const operation = operationAt(nextRecord());
  if (operation !== layout.brIf && operation !== layout.ifOp && operation !== layout.select && operation !== layout.i32Eqz) return false;
  const b = pop();
  const a = pop();
  const swaps = isConst(a);
  pendWords(bitsTest, arithmetic.ne, swaps ? b : a, swaps ? a : b, arithmetic.test);
  consume();
  return true;
}

/** i32.and, a constant and a comparison that together are one of the sum that is masked. @noinline */
export function selectInterval(): boolean {
  const record = currentRecord();
  const flags = load32(record + flagsField);
  if ((flags & isInterval) === 0) return false;
  const b = pop();
  const a = pop();
  advance(2);
  addConstant(isConst(b) ? a : b, load32(record + deltaField));
  pushConst(load32(record + limitField), false);
  selectCompare((flags & isBelowLimit) !== 0 ? arithmetic.ltU : arithmetic.geU);
  return true;
}

/** A value used as a condition: true unless 0. */
export function truthOf(entry: i32): void {
  pendZero(arithmetic.ne, hold(entry));
}

/** Hands the condition to the instruction that follows, or makes it a value. */
export function consume(): void {
  let next = nextRecord();
  while (operationAt(next) === layout.i32Eqz) {
    advance(1);
    invertPending();
    next = nextRecord();
  }
  const operation = operationAt(next);
  if (operation === layout.brIf) {
    advance(1);
    branchOnCondition(next);
  } else if (operation === layout.ifOp) {
    // In front of the instruction there is what else it has.
    advance(2);
    enterIf(next + recordStride);
  } else if (operation === layout.select) {
    advance(1);
    selectBetween();
  } else makeValue();
}

function makeValue(): void {
  if (holdInFlags() || (countsByFlags() && selectConditional(constEntry(1, false)))) return;
  const to = destination(noReg, noHeld, noHeld, noHeld);
  setIf(to, pendingCondition);
  finishDestination();
}

/** Can the instruction's code leave the flags alone, and the local its value? */
function isQuiet(record: i32, local: i32): boolean {
  const operation = operationAt(record);
  if (operation === layout.localGet || operation === layout.localSet || operation === layout.localTee) return load32(record + aField) !== local;
  return operation === layout.nop || operation === layout.i32Const || operation === layout.i32Add || operation === layout.i32Sub;
}

/** Is the instruction a `local.get` for a `br_if`, `if` or `select`, behind which nothing wants the value any more? */
function isLastCondition(index: i32): boolean {
  if (load32(isLiveKnown) === 0) return false;
  return ((load32(load32(lastConditions) + ((index >>> 5) << 2)) >>> (index & 31)) & 1) !== 0;
}

/** A condition that a local only takes to choices and a branch a few instructions further on: the flags take it there. */
function holdInFlags(): boolean {
  const set = nextRecord();
  const isChosenBy = operationAt(set) === layout.localTee && operationAt(recordAfter(2)) === layout.select;
  if ((operationAt(set) !== layout.localSet && !isChosenBy) || !holdsConditions() || load32(pendingCondition + conditionTest) > bitsTest) return false;
  const use = lastUseInFlags(load32(set + aField), isChosenBy ? 3 : 2);
  if (use < 0) return false;
  holdCondition(pendingCondition);
  releasePending();
  store32(layout.inFlagsLocal, load32(set + aField));
  store32(layout.inFlagsUse, use);
  advance(1);
  return !isChosenBy || takeFromFlags();
}

/** Index of the last `local.get` of a condition, from so many instructions ahead: flags last until there, and all in between are for choices. -1 where that is not so. */
function lastUseInFlags(local: i32, distance: i32): i32 {
  let use = -1;
  let ahead = distance;
  while (use < 0) {
    const record = recordAfter(ahead);
    if (isQuiet(record, local)) ahead++;
    else if (record === layout.noRecord || operationAt(record) !== layout.localGet || load32(record + aField) !== local) return -1;
    else if (isLastCondition(at() + ahead)) use = at() + ahead;
    else if (operationAt(recordAfter(ahead + 1)) === layout.select) ahead += 2;
    else return -1;
  }
  return use;
}

/** The `local.get` of a condition that is in the flags, as one is, or the `local.tee` that put it there. Returns false for any other. */
export function takeFromFlags(): boolean {
  if (load32(currentRecord() + aField) !== load32(layout.inFlagsLocal)) return false;
  const isLast = load32(layout.inFlagsUse) === at();
  if (isLast) store32(layout.inFlagsLocal, -1);
  clearPending();
  store32(pendingCondition + conditionTest, heldTest);
  store32(pendingCondition + conditionHolds, 1);
  store32(pendingCondition + conditionLasts, isLast ? 0 : 1);
  consume();
  return true;
}

/** select: the stack holds the value if true, then the value if false. */
export function selectBetween(): void {
  const whenFalse = pop();
  if (isHigh(whenFalse)) {
    choosePair(whenFalse);
    return;
  }
  const whenTrue = pop();
  if (isConstOf(whenFalse, 0) && selectConditional(whenTrue)) return;
  if (isConstOf(whenTrue, 0)) {
    invertPending();
    if (selectConditional(whenFalse)) return;
    invertPending();
  }
  const a = holdUnless(whenTrue, staysChosen(whenTrue));
  const b = holdUnless(whenFalse, staysChosen(whenFalse));
  const other = isOwned(b) ? regOf(b) : noReg;
  const to = destination(isOwned(a) ? regOf(a) : other, a, b, noHeld);
  choose(to, pendingCondition, operandKind(a), operandValue(a, whenTrue), operandKind(b), operandValue(b, whenFalse));
  finishDestination();
}

function staysChosen(entry: i32): boolean {
  if (!isConst(entry)) return false;
  const value = load32(entry + layout.entryC);
  return fitsChoose(value) && findPinned(value) === noReg;
}

/** Operations on words that the second operand 0 turns into nothing; -1 for all others. */
function conditionalOf(record: i32): i32 {
  switch (operationAt(record)) {
    case layout.i32Add:
      return arithmetic.add;
    case layout.i32Sub:
      return arithmetic.sub;
    case layout.i32Or:
      return arithmetic.or;
    case layout.i32Xor:
      return arithmetic.xor;
    default:
      return -1;
  }
}

/** Is it a `local.get` of one word? */
function readsWordLocal(record: i32): boolean {
  if (operationAt(record) !== layout.localGet) return false;
  const local = load32(record + aField);
  return endOfWords(local) - firstWordOf(local) === 1;
}

/** An operation whose one operand is `value` or 0, by the condition: done under the condition. Returns false where none follows. */
function selectConditional(value: i32): boolean {
  const next = nextRecord();
  const isLocal = readsWordLocal(next);
  const op = conditionalOf(isLocal ? recordAfter(2) : next);
  if (op < 0 || (op === arithmetic.sub && isLocal)) return false;
  let left = isLocal ? sumEntryOf(layout.wordSource, firstWordOf(load32(next + aField)), 0, false) : topEntry(1);
  if (left === 0 || isConst(left) || load8(left + layout.entryKind) === layout.floatEntry) return false;
  if (!isLocal) left = pop();
  advance(isLocal ? 2 : 1);
  const right = holdUnless(value, isConst(value) && fitsAluIf(op, load32(value + layout.entryC)));
  const kept = hold(left);
  const from = regOf(kept);
  const reg = destination(from, kept, right, noHeld);
  const isRight = right !== noHeld && regOf(right) === reg;
  if (reg !== from && (isRight || conditionReads(pendingCondition, reg))) {
    choose(reg, pendingCondition, operandKind(right), operandValue(right, value), immediate, 0);
    alu(op, reg, from, register, reg, false);
  } else {
    if (reg !== from) move(reg, from);
    aluIf(op, reg, pendingCondition, operandKind(right), operandValue(right, value));
  }
  finishDestination();
  return true;
}

/** A pair is chosen word by word under one branch. */
function choosePair(top: i32): void {
  const falseHigh = copyOf(top);
  const falseLow = popCopy();
  const trueHigh = popCopy();
  const trueLow = popCopy();
  if (isPairForLocal()) {
    if (isIn(falseLow, resultLow()) && isIn(falseHigh, resultHigh())) {
      replacePair(trueLow, trueHigh);
      return;
    }
    if (isIn(trueLow, resultLow()) && isIn(trueHigh, resultHigh())) {
      invertPending();
      replacePair(falseLow, falseHigh);
      return;
    }
  }
  const low = holdOwn(falseLow);
  const high = holdOwn(falseHigh);
  const otherLow = hold(trueLow);
  const otherHigh = hold(trueHigh);
  const skip = newLabel();
  invertPending();
  branchIf(pendingCondition, skip);
  move(low, regOf(otherLow));
  move(high, regOf(otherHigh));
  bind(skip);
  releasePending();
  release(otherLow);
  release(otherHigh);
  pushReg(low, false);
  pushReg(high, true);
}

/** Is the entry what the register holds? */
function isIn(entry: i32, reg: i32): boolean {
  return isPlainSum(entry) && registerOf(load8(entry + layout.entryFrom), load32(entry + layout.entrySource)) === reg;
}

/** Where the condition holds, the local of two words that the next instruction writes gets another value. */
function replacePair(low: i32, high: i32): void {
  const otherLow = holdUnless(low, isConst(low));
  // The lower word is written first.
  const isCut = isIn(high, resultLow());
  const otherHigh = isCut ? owned(holdOwn(high)) : holdUnless(high, isConst(high));
  const skip = newLabel();
  invertPending();
  branchIf(pendingCondition, skip);
  moveOrLoad(resultLow(), otherLow, low);
  moveOrLoad(resultHigh(), otherHigh, high);
  bind(skip);
  releasePending();
  release(otherLow);
  release(otherHigh);
  finishPair();
}

function moveOrLoad(reg: i32, held: i32, entry: i32): void {
  if (held === noHeld) evaluate(entry, reg);
  else move(reg, regOf(held));
}
