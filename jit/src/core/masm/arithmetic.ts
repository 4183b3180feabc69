/** Integer arithmetic on single words, moves and constants. */
import * as arithmetic from '../layout/arithmetic.js';
import { immediate } from '../layout/machine.js';
import { noForm } from '../layout/masm.js';
import { isThumb2 } from '../costs.js';
import { refuse } from './records.js';
import * as rv32 from './rv32/arithmetic.js';
import * as rv32Conditions from './rv32/conditions.js';
import * as rv32Emitter from './rv32/emitter.js';
import * as thumb2 from './thumb2/arithmetic.js';
import * as thumb2Emitter from './thumb2/emitter.js';

/** rd = a OP b. `isShort`: the amount of a shift is known to be below 32. */
export function alu(op: i32, rd: i32, a: i32, bKind: i32, b: i32, isShort: boolean): void {
  if (!isThumb2()) rv32Conditions.alu(op, rd, a, bKind, b);
  else if (bKind === immediate) thumb2.aluImmediate(op, rd, a, b);
  else if (isShort && op >= arithmetic.shl && op <= arithmetic.shrU) thumb2.shiftRegister(op, rd, a, b);
  else thumb2.aluRegister(op, rd, a, b);
}

export function move(rd: i32, rs: i32): void {
  if (isThumb2()) thumb2Emitter.move(rd, rs);
  else rv32Emitter.move(rd, rs);
}

export function loadConst(rd: i32, value: i32): void {
  if (isThumb2()) thumb2Emitter.loadConst(rd, value);
  else rv32Emitter.loadConst(rd, value);
}

/** rd = value - a for a value that `fitsReverse` accepts. */
export function reverseSubtract(rd: i32, a: i32, value: i32): void {
  if (isThumb2()) thumb2.reverseSubtract(rd, a, value);
  else rv32.reverseSubtract(rd, a, value);
}

/** rd = a OP (b shifted by a constant); where operands can be shifted. */
export function aluShifted(op: i32, rd: i32, a: i32, b: i32, shift: i32, amount: i32): void {
  if (isThumb2()) thumb2.aluShifted(op, rd, a, b, shift, amount);
  else refuse(noForm, op);
}

/** rd = addend + a * b, or less it; where `multipliesAndAdds`. */
export function multiplyAccumulate(op: i32, rd: i32, a: i32, b: i32, addend: i32): void {
  if (isThumb2()) thumb2.multiplyAccumulate(op, rd, a, b, addend);
  else refuse(noForm, op);
}

/** rd = `bits` bits of a from bit `lsb` on; where `hasBitFields`. */
export function extractField(rd: i32, a: i32, lsb: i32, bits: i32): void {
  if (isThumb2()) thumb2.extractField(rd, a, lsb, bits);
  else refuse(noForm, lsb);
}

export function unary(op: i32, rd: i32, a: i32): void {
  if (isThumb2()) thumb2.unary(op, rd, a);
  else rv32.unary(op, rd, a);
}

/** Plain division; the caller has branched away division by zero and overflow. */
export function divide(op: i32, rd: i32, a: i32, b: i32): void {
  if (isThumb2()) thumb2.divide(op, rd, a, b);
  else rv32.divide(op, rd, a, b);
}
