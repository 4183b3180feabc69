/** Floating-point registers. Called only for what the core that will run the code has; results are as wasm's deterministic profile wants them. */
import { noForm } from '../layout/masm.js';
import { isThumb2 } from '../costs.js';
import { refuse } from './records.js';
import * as rv32 from './rv32/floats.js';
import * as thumb2 from './thumb2/floats.js';

/** For min and max fd must be neither operand. */
export function floatBinary(op: i32, type: i32, fd: i32, a: i32, b: i32): void {
  if (isThumb2()) thumb2.floatBinary(op, fd, a, b);
  else rv32.floatBinary(op, type, fd, a, b);
}

export function floatSqrt(type: i32, fd: i32, a: i32): void {
  if (isThumb2()) thumb2.floatSqrt(fd, a);
  else rv32.floatSqrt(type, fd, a);
}

/** fd must not be a. */
export function floatRound(op: i32, type: i32, fd: i32, a: i32): void {
  if (isThumb2()) thumb2.floatRound(op, fd, a);
  else rv32.floatRound(op, type, fd, a);
}

/** abs and neg of `arithmetic.ts`: the sign bit alone. */
export function floatSign(op: i32, type: i32, fd: i32, a: i32): void {
  if (isThumb2()) thumb2.floatSign(op, fd, a);
  else rv32.floatSign(op, type, fd, a);
}

export function floatFromInteger(type: i32, signed: boolean, fd: i32, rs: i32): void {
  if (isThumb2()) thumb2.floatFromInteger(signed, fd, rs);
  else rv32.floatFromInteger(type, signed, fd, rs);
}

/** Saturates; without `exactNaN` the result for NaN is of no interest. */
export function floatToInteger(type: i32, signed: boolean, exactNaN: boolean, rd: i32, a: i32): void {
  if (isThumb2()) thumb2.floatToInteger(signed, rd, a);
  else rv32.floatToInteger(type, signed, exactNaN, rd, a);
}

/** fd = a, of the other type, as `type`. */
export function floatPrecision(type: i32, fd: i32, a: i32): void {
  if (isThumb2()) refuse(noForm, type);
  else rv32.floatPrecision(type, fd, a);
}

/** fd = the single with the bits in rs. */
export function moveToFloat(fd: i32, rs: i32): void {
  if (isThumb2()) thumb2.moveToFloat(fd, rs);
  else rv32.moveToFloat(fd, rs);
}

/** rd = low 32 bits of fs. */
export function moveFromFloat(rd: i32, fs: i32): void {
  if (isThumb2()) thumb2.moveFromFloat(rd, fs);
  else rv32.moveFromFloat(rd, fs);
}

/** fd = the single with these bits, where that is one instruction: tells whether it was. */
export function shortFloatConst(fd: i32, bits: i32): boolean {
  return isThumb2() ? thumb2.shortFloatConst(fd, bits) : rv32.shortFloatConst(fd, bits);
}

/** Do `loadFloatSlot` and `storeFloatSlot` reach the slot? */
export function fitsFloatSlot(spOffset: i32): boolean {
  return isThumb2() ? spOffset <= 1020 : true;
}

export function loadFloatSlot(type: i32, fd: i32, spOffset: i32): void {
  if (isThumb2()) thumb2.loadFloatSlot(fd, spOffset);
  else rv32.loadFloatSlot(type, fd, spOffset);
}

export function storeFloatSlot(type: i32, fs: i32, spOffset: i32): void {
  if (isThumb2()) thumb2.storeFloatSlot(fs, spOffset);
  else rv32.storeFloatSlot(type, fs, spOffset);
}
