/** What the targets differ in, as selection asks for it. */
import { isThumb2 } from '../costs.js';
import { t2 } from './rv32/emitter.js';
import { r12 } from './thumb2/emitter.js';

/** Register + register addressing exists. */
export function isIndexed(): boolean {
  return isThumb2();
}

/** The second operand of an operation can be shifted by a constant. */
export function shiftsOperands(): boolean {
  return isThumb2();
}

export function multipliesAndAdds(): boolean {
  return isThumb2();
}

/** A result is mostly as short in another register than an operand's: that may keep what it has. */
export function spreadsResults(): boolean {
  return isThumb2();
}

/** Fields of a word are cut out by one instruction. */
export function hasBitFields(): boolean {
  return isThumb2();
}

/** Branch tables hold forward distances only. */
export function hasForwardTables(): boolean {
  return isThumb2();
}

/** Adding a condition to a number is shorter by `aluIf` than by making it a number, too. */
export function countsByFlags(): boolean {
  return isThumb2();
}

/** Flags can wait for their branch. */
export function holdsConditions(): boolean {
  return isThumb2();
}

/** Flags tell of several registers at once. */
export function checksJointly(): boolean {
  return isThumb2();
}

/** Some cores trap on misaligned accesses of one word. */
export function isSplit(): boolean {
  return !isThumb2();
}

/** Scratch register that selection may use between two calls of the macro assembler. */
export function scratch(): i32 {
  return isThumb2() ? r12 : t2;
}
