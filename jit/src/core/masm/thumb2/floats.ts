/** Single-precision arithmetic of Thumb-2; no core here has double precision. */
import { load32 } from '@fireball/wasm';
import { abs } from '../../layout/arithmetic.js';
import { floatMax, floatMin } from '../../layout/machine.js';
import { coreFeatures, hasFpv5 } from '../../layout/masm.js';
import * as t from '../../layout/thumb2-templates.js';
import { notEncodable, vfpImmediate } from '../../derive.js';
import { emit2, emit3, emit4, isUnsigned } from '../records.js';
import { floatCode, floatCondCode, roundCode } from './codes.js';
import { forgetFlags, wrote } from './emitter.js';

const absCode: i32 = 1;
const negCode: i32 = 2;
const sqrtCode: i32 = 3;
/** Never allocated. */
const s31: i32 = 31;

export function floatBinary(op: i32, fd: i32, a: i32, b: i32): void {
  if (op !== floatMin && op !== floatMax) {
    emit4(t.vfpRrr, floatCode(op), fd, a, b);
    return;
  }
  forgetFlags();
  const isMax = op === floatMax;
  if ((load32(coreFeatures) & hasFpv5) !== 0) emit4(t.vfpMinmax, isMax ? 0 : 1, fd, a, b);
  else emit3(isMax ? t.vfpMax : t.vfpMin, fd, a, b);
}

export function floatSqrt(fd: i32, a: i32): void {
  emit3(t.vfpRr, sqrtCode, fd, a);
}

export function floatRound(op: i32, fd: i32, a: i32): void {
  emit3(t.vfpRound, roundCode(op), fd, a);
}

export function floatSign(op: i32, fd: i32, a: i32): void {
  emit3(t.vfpRr, op === abs ? absCode : negCode, fd, a);
}

export function floatFromInteger(signed: boolean, fd: i32, rs: i32): void {
  moveToFloat(fd, rs);
  emit3(t.vcvtFromInt, signed ? 1 : 0, fd, fd);
}

export function floatToInteger(signed: boolean, rd: i32, a: i32): void {
  emit3(t.vcvtToInt, signed ? 1 : 0, s31, a);
  moveFromFloat(rd, s31);
}

export function moveToFloat(fd: i32, rs: i32): void {
  emit2(t.vmovTo, fd, rs);
}

export function moveFromFloat(rd: i32, fs: i32): void {
  emit2(t.vmovFrom, rd, fs);
  wrote(rd);
}

export function shortFloatConst(fd: i32, bits: i32): boolean {
  if (vfpImmediate(bits) === notEncodable) return false;
  emit2(t.vmovImm, fd, bits);
  isUnsigned();
  return true;
}

export function loadFloatSlot(fd: i32, spOffset: i32): void {
  emit3(t.vldstSp, 1, fd, spOffset);
}

export function storeFloatSlot(fs: i32, spOffset: i32): void {
  emit3(t.vldstSp, 0, fs, spOffset);
}

/** Sets flags; returns the condition code to use. */
export function compareFloats(cond: i32, holds: i32, a: i32, b: i32): i32 {
  forgetFlags();
  emit2(t.vfpCmp, a, b);
  return floatCondCode(cond) ^ (holds ^ 1);
}
