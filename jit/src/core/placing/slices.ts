/** Neighbouring bits of operands that are neighbours in the code, too. */
import { load32, rotateRight } from '@fireball/wasm';
import { sliceMask, sliceWay, wayAddressBits, wayRotationShift } from '../layout/templates.js';

/** What operands have for a slice, where it is in the code; the other bits are any. */
export function bitsFor(way: i32): i32 {
  return rotateRight(load32(way & wayAddressBits), way >>> wayRotationShift);
}

/** What a slice of operands flips in the code. */
export function bitsOf(slice: i32): i32 {
  // The last word first: the other one needs no bounds check then.
  const bits = bitsFor(load32(slice + sliceWay));
  return bits & load32(slice + sliceMask);
}
