/** F and D arithmetic of RV32. */
import { abs } from '../../layout/arithmetic.js';
import { f32Type, floatGe, floatGt, floatLe, floatLt, floatMax, floatMin, floatMul, floatSub, floatDiv } from '../../layout/machine.js';
import * as t from '../../layout/rv32-templates.js';
import { emit2, emit3, emit4 } from '../records.js';
import { slotBase, slotOffset, x0, xorCode } from './emitter.js';

const absCode: i32 = 2;
const negCode: i32 = 1;

function templateOf(type: i32, single: i32, double: i32): i32 {
  return type === f32Type ? single : double;
}

/** Of operations but min and max. */
function binaryCode(op: i32): i32 {
  switch (op) {
    case floatSub:
      return 1;
    case floatMul:
      return 2;
    case floatDiv:
      return 3;
    default:
      return 0;
  }
}

export function floatBinary(op: i32, type: i32, fd: i32, a: i32, b: i32): void {
  if (op === floatMin || op === floatMax) emit4(templateOf(type, t.fMinmax, t.dMinmax), op === floatMax ? 1 : 0, fd, a, b);
  else emit4(templateOf(type, t.fRrr, t.dRrr), binaryCode(op), fd, a, b);
}

export function floatSqrt(type: i32, fd: i32, a: i32): void {
  emit2(templateOf(type, t.fSqrt, t.dSqrt), fd, a);
}

/** The numbers of roundings are the instruction's own. */
export function floatRound(op: i32, type: i32, fd: i32, a: i32): void {
  emit3(templateOf(type, t.fRound, t.dRound), op, fd, a);
}

export function floatSign(op: i32, type: i32, fd: i32, a: i32): void {
  emit4(templateOf(type, t.fSign, t.dSign), op === abs ? absCode : negCode, fd, a, a);
}

export function floatFromInteger(type: i32, signed: boolean, fd: i32, rs: i32): void {
  emit3(templateOf(type, t.fFromInt, t.dFromInt), signed ? 0 : 1, fd, rs);
}

export function floatToInteger(type: i32, signed: boolean, exactNaN: boolean, rd: i32, a: i32): void {
  const template = exactNaN ? templateOf(type, t.fToIntSat, t.dToIntSat) : templateOf(type, t.fToInt, t.dToInt);
  emit3(template, signed ? 0 : 1, rd, a);
}

export function floatPrecision(type: i32, fd: i32, a: i32): void {
  emit2(templateOf(type, t.dDemote, t.dPromote), fd, a);
}

export function moveToFloat(fd: i32, rs: i32): void {
  emit2(t.fmvTo, fd, rs);
}

export function moveFromFloat(rd: i32, fs: i32): void {
  emit2(t.fmvFrom, rd, fs);
}

export function shortFloatConst(fd: i32, bits: i32): boolean {
  if (bits !== 0) return false;
  moveToFloat(fd, x0);
  return true;
}

export function loadFloatSlot(type: i32, fd: i32, spOffset: i32): void {
  emit3(templateOf(type, t.flw, t.fld), fd, slotBase(spOffset), slotOffset(spOffset));
}

export function storeFloatSlot(type: i32, fs: i32, spOffset: i32): void {
  emit3(templateOf(type, t.fsw, t.fsd), fs, slotBase(spOffset), slotOffset(spOffset));
}

/** rd = 1 if the condition holds, otherwise 0. */
export function compareFloats(rd: i32, type: i32, cond: i32, a: i32, b: i32): void {
  const template = templateOf(type, t.fCmp, t.dCmp);
  // The numbers of le, lt and eq are the instruction's own.
  if (cond === floatGt) emit4(template, floatLt, rd, b, a);
  else if (cond === floatGe) emit4(template, floatLe, rd, b, a);
  else emit4(template, cond, rd, a, b);
}

export function setIfFloats(rd: i32, type: i32, cond: i32, holds: i32, a: i32, b: i32): void {
  compareFloats(rd, type, cond, a, b);
  if (holds === 0) emit4(t.aluRri, xorCode, rd, rd, 1);
}
