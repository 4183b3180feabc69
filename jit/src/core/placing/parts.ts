/** Neighbouring bits of a value that are neighbours in the code, too. */
import { load32 } from '@fireball/wasm';
import { operands } from '../layout/placing.js';
import { partBits, partOffsetBits, partOffsetShift, partRestShift, partToShift, partWordBits, partWordShift } from '../layout/templates.js';

/** Byte offset of the instruction. */
export function offsetOf(part: i32): i32 {
  return (part >>> partOffsetShift) & partOffsetBits;
}

/** The word of operands that it is a part of. */
export function wordOf(part: i32): i32 {
  return load32(operands + ((part >>> partWordShift) & partWordBits));
}

/** First bit in the code. */
export function toOf(part: i32): i32 {
  return (part >>> partToShift) & partBits;
}

/** Bits of a word that are not in it. */
export function restOf(part: i32): i32 {
  return (part >>> partRestShift) & partBits;
}

/** What it flips in the code for a value. */
export function bitsOf(part: i32, value: i32): i32 {
  const rest = restOf(part);
  return (((value >> (part & partBits)) << rest) >>> rest) << toOf(part);
}
