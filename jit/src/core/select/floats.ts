/** Instructions that the floating-point unit carries out, and those on signs, which it need not. */
import { store32, store8 } from '@fireball/wasm';
import { fitsImmediate } from '../costs.js';
import * as arithmetic from '../layout/arithmetic.js';
import * as families from '../layout/families.js';
import * as machine from '../layout/machine.js';
import { entryHigh, highPart, lowPart, noHeld, noReg, pendingCondition, singlePart } from '../layout/select.js';
import { floatBinary, floatFromInteger, floatPrecision, floatRound, floatSign, floatSqrt } from '../masm/floats.js';
import { selectAlu } from './arithmetic.js';
import { consume } from './compare.js';
import { composedAlu, ownedEntry, reading, wordOperation } from './composed.js';
import { constEntry, floatEntryOf, floatOf } from './entries.js';
import { detail } from './families.js';
import { shareFloat } from './float-file.js';
import { popFloat } from './float-operands.js';
import { ownedFloat, regOf } from './held.js';
import { pop, popCopy, push, topEntry } from './operand-stack.js';
import { addPendingHeld, clearPending } from './pending.js';
import { allocateFloat, hold, release, releaseEntry } from './state.js';
import { selectTruncate } from './truncation.js';

/** An instruction of the family of floats. */
export function selectFloat(record: i32): void {
  const type = detail(record, 1);
  const what = detail(record, 2);
  switch (detail(record, 0)) {
    case families.floatBinary: {
      const b = popFloat(type);
      const a = popFloat(type);
      const isApart = what === machine.floatMin || what === machine.floatMax;
      const fd = resultOf(ownedFloat(a), ownedFloat(b), isApart);
      floatBinary(what, type, fd, a, b);
      pushFloat(type, fd);
      return;
    }
    case families.floatSqrt: {
      const a = popFloat(type);
      const fd = resultOf(ownedFloat(a), noHeld, false);
      floatSqrt(type, fd, a);
      pushFloat(type, fd);
      return;
    }
    case families.floatRound: {
      const a = popFloat(type);
      const fd = resultOf(ownedFloat(a), noHeld, true);
      floatRound(what, type, fd, a);
      pushFloat(type, fd);
      return;
    }
    case families.floatCompare:
      compareFloats(type, what);
      return;
    case families.floatConvert: {
      const held = hold(pop());
      const fd = resultOf(held, noHeld, false);
      floatFromInteger(type, (what & families.isSigned) !== 0, fd, regOf(held));
      pushFloat(type, fd);
      return;
    }
    case families.floatTruncate:
      selectTruncate(type, (what & families.isSigned) !== 0, (what & families.isSaturating) !== 0);
      return;
    default: {
      const a = popFloat(type === machine.f32Type ? machine.f64Type : machine.f32Type);
      const fd = resultOf(ownedFloat(a), noHeld, false);
      floatPrecision(type, fd, a);
      pushFloat(type, fd);
    }
  }
}

/** A register for the result, one of the operands' unless it has to be apart. Both are released. */
function resultOf(a: i32, b: i32, isApart: boolean): i32 {
  if (!isApart) releaseBoth(a, b);
  const fd = allocateFloat();
  if (isApart) releaseBoth(a, b);
  return fd;
}

function releaseBoth(a: i32, b: i32): void {
  release(a);
  release(b);
}

/** The entries take over the caller's share of the register. */
function pushFloat(type: i32, float: i32): void {
  if (type === machine.f32Type) {
    push(floatEntryOf(float, singlePart, false));
    return;
  }
  shareFloat(float);
  push(floatEntryOf(float, lowPart, false));
  push(floatEntryOf(float, highPart, true));
}

function compareFloats(type: i32, cond: i32): void {
  const b = popFloat(type);
  const a = popFloat(type);
  const fails = (cond & families.fails) !== 0;
  clearPending();
  store32(pendingCondition + machine.conditionTest, machine.floatTest);
  store32(pendingCondition + machine.conditionCode, cond & ~families.fails);
  store32(pendingCondition + machine.conditionHolds, fails ? 0 : 1);
  store32(pendingCondition + machine.conditionType, type);
  store32(pendingCondition + machine.conditionA, a);
  store32(pendingCondition + machine.conditionB, b);
  addPendingHeld(ownedFloat(a));
  addPendingHeld(ownedFloat(b));
  consume();
}

// --- signs ----------------------------------------------------------------------------------

const signBit: i32 = -0x8000_0000;

/** abs, neg and copysign: the sign bit of the (upper) word, in a general register unless the value is in another. */
export function selectSign(record: i32): void {
  const op = detail(record, 0);
  const type = detail(record, 1);
  if (op === arithmetic.copysign) {
    copySign(type);
    return;
  }
  const low = type === machine.f32Type ? 0 : topEntry(2);
  if (floatOf(low, topEntry(1)) !== noReg) {
    const a = popFloat(type);
    const fd = resultOf(ownedFloat(a), noHeld, false);
    floatSign(op, type, fd, a);
    pushFloat(type, fd);
  } else if (op === arithmetic.neg) onTopWord(type, arithmetic.xor, constEntry(signBit, false));
  else if (fitsImmediate(arithmetic.and, ~signBit)) onTopWord(type, arithmetic.and, constEntry(~signBit, false));
  else {
    push(constEntry(1, false));
    composedAlu(arithmetic.shl);
    push(constEntry(1, false));
    selectAlu(arithmetic.shrU);
    endTopWord(type);
  }
}

/** a ^ ((a ^ b) & sign) */
function copySign(type: i32): void {
  const b = popCopy();
  if (type === machine.f64Type) releaseEntry(pop());
  const a = hold(pop());
  const difference = wordOperation(arithmetic.xor, reading(regOf(a)), b);
  const sign = wordOperation(arithmetic.and, ownedEntry(difference), constEntry(signBit, false));
  push(reading(regOf(a)));
  onTopWord(type, arithmetic.xor, ownedEntry(sign));
  release(a);
}

/** The last operation on the topmost word, of which the other operand is given. */
function onTopWord(type: i32, op: i32, operand: i32): void {
  push(operand);
  if (type === machine.f32Type) selectAlu(op);
  else composedAlu(op);
  endTopWord(type);
}

/** Of a double, the topmost word is the upper one. */
function endTopWord(type: i32): void {
  if (type === machine.f32Type) return;
  const top = popCopy();
  store8(top + entryHigh, 1);
  push(top);
}
