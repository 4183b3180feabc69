/** 64-bit arithmetic of RV32 on register pairs, low word first. */
import * as arithmetic from '../../layout/arithmetic.js';
import { immediate } from '../../layout/machine.js';
import { noForm } from '../../layout/masm.js';
import * as t from '../../layout/rv32-templates.js';
import { fits12 } from '../../target.js';
import { bindLabel, newLabel } from '../assembly.js';
import { emit4, refuse } from '../records.js';
import { aluImmediate, aluRegister, shiftImmediate } from './arithmetic.js';
import { branchBy, branchIfRegisters, contrary, jump, ltCode, ltuCode } from './branches.js';
import { loadConst, move, mulCode, mulhCode, mulhuCode, sltuCode, t1, t2, x0 } from './emitter.js';

/** Comparisons have no immediates. */
export function fitsPairImmediate(op: i32, low: i32, high: i32): boolean {
  return op === arithmetic.add && fits12(low) && fits12(high);
}

/** rd = a +/- b. The low result must not be a high operand. */
export function addPair(op: i32, rdLow: i32, rdHigh: i32, aLow: i32, aHigh: i32, bLow: i32, bHigh: i32): void {
  if (op === arithmetic.add) addLowWords(rdLow, aLow, bLow);
  else {
    emit4(t.aluRrr, sltuCode, t1, aLow, bLow);
    aluRegister(arithmetic.sub, rdLow, aLow, bLow);
  }
  aluRegister(op, rdHigh, aHigh, bHigh);
  aluRegister(op, rdHigh, rdHigh, t1);
}

/** t1 becomes the carry. */
function addLowWords(rdLow: i32, aLow: i32, bLow: i32): void {
  // Carry: the sum is below either addend. Keep one that the sum does not overwrite.
  const kept = rdLow === aLow ? bLow : aLow;
  // a + a: the carry is the sign bit.
  if (kept === rdLow) shiftImmediate(arithmetic.shrU, t1, aLow, 31);
  aluRegister(arithmetic.add, rdLow, aLow, bLow);
  if (kept !== rdLow) emit4(t.aluRrr, sltuCode, t1, rdLow, kept);
}

export function addPairImmediate(rdLow: i32, rdHigh: i32, aLow: i32, aHigh: i32, low: i32, high: i32): void {
  aluImmediate(arithmetic.add, rdLow, aLow, low);
  // Carry: the sum is below the addend.
  emit4(t.aluRri, sltuCode, t1, rdLow, low);
  if (high !== 0) aluImmediate(arithmetic.add, rdHigh, aHigh, high);
  aluRegister(arithmetic.add, rdHigh, high === 0 ? aHigh : rdHigh, t1);
}

/** `aHigh`: -1 where a is below 2^32. */
export function multiplyPair(rdLow: i32, rdHigh: i32, aLow: i32, aHigh: i32, bLow: i32, bHigh: i32, overlaps: boolean): void {
  if (overlaps) {
    emit4(t.aluRrr, mulCode, t1, aLow, bHigh);
    if (aHigh >= 0) {
      emit4(t.aluRrr, mulCode, t2, aHigh, bLow);
      aluRegister(arithmetic.add, t1, t1, t2);
    }
    emit4(t.aluRrr, mulhuCode, t2, aLow, bLow);
    emit4(t.aluRrr, mulCode, rdLow, aLow, bLow);
    aluRegister(arithmetic.add, rdHigh, t1, t2);
    return;
  }
  emit4(t.aluRrr, mulhuCode, rdHigh, aLow, bLow);
  emit4(t.aluRrr, mulCode, t1, aLow, bHigh);
  aluRegister(arithmetic.add, rdHigh, rdHigh, t1);
  if (aHigh >= 0) {
    emit4(t.aluRrr, mulCode, t1, aHigh, bLow);
    aluRegister(arithmetic.add, rdHigh, rdHigh, t1);
  }
  emit4(t.aluRrr, mulCode, rdLow, aLow, bLow);
}

export function multiplyWords(signed: boolean, rdLow: i32, rdHigh: i32, a: i32, b: i32): void {
  const high = signed ? mulhCode : mulhuCode;
  if (rdHigh !== a && rdHigh !== b) {
    emit4(t.aluRrr, high, rdHigh, a, b);
    emit4(t.aluRrr, mulCode, rdLow, a, b);
    return;
  }
  const spoils = rdLow === a || rdLow === b;
  emit4(t.aluRrr, mulCode, spoils ? t1 : rdLow, a, b);
  emit4(t.aluRrr, high, rdHigh, a, b);
  if (spoils) move(rdLow, t1);
}

export function shiftPair(op: i32, rdLow: i32, rdHigh: i32, aLow: i32, aHigh: i32, amount: i32): void {
  const isLeft = op === arithmetic.shl;
  const far = isLeft ? aHigh : aLow;
  const near = isLeft ? aLow : aHigh;
  const rdFar = isLeft ? rdHigh : rdLow;
  const rdNear = isLeft ? rdLow : rdHigh;
  const forth = isLeft ? arithmetic.shl : arithmetic.shrU;
  const back = isLeft ? arithmetic.shrU : arithmetic.shl;
  const across = newLabel();
  const done = newLabel();
  // Shifts count modulo 32: bit 5 of the amount decides.
  aluImmediate(arithmetic.and, t1, amount, 32);
  branchIfRegisters(arithmetic.ne, t1, x0, across);
  aluImmediate(arithmetic.xor, t1, amount, -1);
  shiftImmediate(back, t2, near, 1);
  aluRegister(back, t2, t2, t1);
  aluRegister(forth, rdFar, far, amount);
  aluRegister(arithmetic.or, rdFar, rdFar, t2);
  aluRegister(op, rdNear, near, amount);
  jump(done);
  bindLabel(across);
  aluRegister(op, rdFar, near, amount);
  if (op === arithmetic.shrS) shiftImmediate(arithmetic.shrS, rdNear, near, 31);
  else loadConst(rdNear, 0);
  bindLabel(done);
}

/** Branches to `target` if a COND b as 64-bit numbers. */
export function branchPair(cond: i32, aLow: i32, aHigh: i32, bKind: i32, bLow: i32, bHigh: i32, target: i32): void {
  if (bKind === immediate) refuse(noForm, bLow);
  if (cond === arithmetic.gtS || cond === arithmetic.leS || cond === arithmetic.gtU || cond === arithmetic.leU)
    branchOrder(cond - 2, bLow, bHigh, aLow, aHigh, target);
  else branchOrder(cond, aLow, aHigh, bLow, bHigh, target);
}

/** `cond`: one of lt and ge. */
function branchOrder(cond: i32, leftLow: i32, leftHigh: i32, rightLow: i32, rightHigh: i32, target: i32): void {
  const less = cond === arithmetic.ltS || cond === arithmetic.geS ? ltCode : ltuCode;
  const wantsLess = cond === arithmetic.ltS || cond === arithmetic.ltU;
  const other = newLabel();
  branchBy(less, leftHigh, rightHigh, wantsLess ? target : other);
  branchBy(less, rightHigh, leftHigh, wantsLess ? other : target);
  branchBy(wantsLess ? ltuCode : ltuCode + contrary, leftLow, rightLow, target);
  bindLabel(other);
}
