/** 64-bit arithmetic of Thumb-2 on register pairs, low word first. */
import * as arithmetic from '../../layout/arithmetic.js';
import { immediate } from '../../layout/machine.js';
import * as t from '../../layout/thumb2-templates.js';
import { isModifiedImmediate } from '../../target.js';
import { isBelow } from '../../unsigned.js';
import { emit2, emit3, emit4, emit5, isUnsigned } from '../records.js';
import { aluRegister } from './arithmetic.js';
import { adcCode, addCode, aluCode, andCode, asrCode, lslCode, lsrCode, orCode, rsbCode, sbcCode, subCode } from './codes.js';
import { forgetFlags, isLow, r12 } from './emitter.js';

const smullCode: i32 = 0;
const smlalCode: i32 = 2;
const umlalCode: i32 = 3;

export function fitsPairImmediate(low: i32, high: i32): boolean {
  return isModifiedImmediate(low) && isModifiedImmediate(high);
}

/** rd = a +/- b. The low result must not be a high operand. */
export function addPair(op: i32, rdLow: i32, rdHigh: i32, aLow: i32, aHigh: i32, bLow: i32, bHigh: i32): void {
  const isAdd = op === arithmetic.add;
  if (isLow(rdLow | aLow | bLow)) emit4(t.addsubRrrN, isAdd ? 0 : 1, rdLow, aLow, bLow);
  else emit5(t.aluRrr, isAdd ? addCode : subCode, 1, rdLow, aLow, bLow);
  // The carry of the low words: nothing may come between.
  if (isLow(rdHigh) && rdHigh === aHigh && isLow(bHigh)) emit3(t.aluRrN, isAdd ? 5 : 6, rdHigh, bHigh);
  else emit5(t.aluRrr, isAdd ? adcCode : sbcCode, 1, rdHigh, aHigh, bHigh);
  forgetFlags();
}

export function addPairImmediate(op: i32, rdLow: i32, rdHigh: i32, aLow: i32, aHigh: i32, low: i32, high: i32): void {
  const isAdd = op === arithmetic.add;
  if (rdLow === aLow && isLow(rdLow) && isBelow(low, 0x100)) emit3(t.addsubRi8N, isAdd ? 0 : 1, rdLow, low);
  else if (isLow(rdLow | aLow) && isBelow(low, 8)) emit4(t.addsubRri3N, isAdd ? 0 : 1, rdLow, aLow, low);
  else {
    emit5(t.aluRri, aluCode(op), 1, rdLow, aLow, low);
    isUnsigned();
  }
  emit5(t.aluRri, isAdd ? adcCode : sbcCode, 0, rdHigh, aHigh, high);
  isUnsigned();
  forgetFlags();
}

/** `aHigh`: -1 where a is below 2^32. */
export function multiplyPair(rdLow: i32, rdHigh: i32, aLow: i32, aHigh: i32, bLow: i32, bHigh: i32, overlaps: boolean): void {
  forgetFlags();
  if (overlaps) {
    emit3(t.mulRrr, r12, aLow, bHigh);
    if (aHigh >= 0) emit5(t.mlaRrrr, 0, r12, aHigh, bLow, r12);
    emit4(t.umull, rdLow, rdHigh, aLow, bLow);
    aluRegister(arithmetic.add, rdHigh, rdHigh, r12);
    return;
  }
  emit4(t.umull, rdLow, rdHigh, aLow, bLow);
  emit5(t.mlaRrrr, 0, rdHigh, aLow, bHigh, rdHigh);
  if (aHigh >= 0) emit5(t.mlaRrrr, 0, rdHigh, aHigh, bLow, rdHigh);
}

export function multiplyWords(signed: boolean, rdLow: i32, rdHigh: i32, a: i32, b: i32): void {
  forgetFlags();
  if (signed) emit5(t.longMultiply, smullCode, rdLow, rdHigh, a, b);
  else emit4(t.umull, rdLow, rdHigh, a, b);
}

export function multiplyAddWords(signed: boolean, rdLow: i32, rdHigh: i32, a: i32, b: i32): void {
  forgetFlags();
  emit5(t.longMultiply, signed ? smlalCode : umlalCode, rdLow, rdHigh, a, b);
}

export function shiftPair(op: i32, rdLow: i32, rdHigh: i32, aLow: i32, aHigh: i32, amount: i32): void {
  // Register shifts count with the low byte, and 32 and more give 0 (asr: the sign).
  emit5(t.aluRri, andCode, 0, amount, amount, 63);
  const isLeft = op === arithmetic.shl;
  const far = isLeft ? aHigh : aLow;
  const near = isLeft ? aLow : aHigh;
  const rdFar = isLeft ? rdHigh : rdLow;
  const rdNear = isLeft ? rdLow : rdHigh;
  const forth = isLeft ? lslCode : lsrCode;
  const back = isLeft ? lsrCode : lslCode;
  emit5(t.shiftRrr, forth, 0, rdFar, far, amount);
  emit5(t.aluRri, rsbCode, 0, r12, amount, 32);
  emit5(t.shiftRrr, back, 0, r12, near, r12);
  emit5(t.aluRrr, orCode, 0, rdFar, rdFar, r12);
  if (op === arithmetic.shrS) emit3(t.pairShrSTail, rdFar, amount, near);
  else {
    emit5(t.aluRri, subCode, 0, r12, amount, 32);
    emit5(t.shiftRrr, forth, 0, r12, near, r12);
    emit5(t.aluRrr, orCode, 0, rdFar, rdFar, r12);
  }
  emit5(t.shiftRrr, op === arithmetic.shrS ? asrCode : forth, 0, rdNear, near, amount);
  forgetFlags();
}

/** Flags of a - b as 64-bit numbers; returns the condition to ask for, one of lt and ge. */
export function comparePair(cond: i32, aLow: i32, aHigh: i32, bKind: i32, bLow: i32, bHigh: i32): i32 {
  forgetFlags();
  if (bKind === immediate) {
    if (isLow(aLow) && isBelow(bLow, 0x100)) emit2(t.cmpRi8N, aLow, bLow);
    else {
      emit3(t.cmpRi, subCode, aLow, bLow);
      isUnsigned();
    }
    emit5(t.aluRri, sbcCode, 1, r12, aHigh, bHigh);
    isUnsigned();
    return cond;
  }
  const swaps = cond === arithmetic.gtS || cond === arithmetic.leS || cond === arithmetic.gtU || cond === arithmetic.leU;
  if (swaps) compareWords(bLow, bHigh, aLow, aHigh);
  else compareWords(aLow, aHigh, bLow, bHigh);
  // a > b is b < a, and a <= b is b >= a.
  return swaps ? cond - 2 : cond;
}

function compareWords(leftLow: i32, leftHigh: i32, rightLow: i32, rightHigh: i32): void {
  if (isLow(leftLow | rightLow)) emit2(t.cmpRrN, leftLow, rightLow);
  else emit3(t.cmpRr, subCode, leftLow, rightLow);
  emit5(t.aluRrr, sbcCode, 1, r12, leftHigh, rightHigh);
}
