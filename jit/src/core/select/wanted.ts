/** What of a function's locals is wanted where it is entered, and which registers are free there. */
import { load32, load8 } from '@fireball/wasm';
import { tempRegCount, tempRegs } from '../layout/allocation.js';
import { wordMentions } from '../layout/analyses.js';
import { rowOf } from '../locals.js';
import { scratch } from '../masm/properties.js';

/** Does code that is compiled name the local word? */
export function isMentioned(word: i32): boolean {
  return load32(rowOf(word) + wordMentions) > 0;
}

/** Is a number in the set at an address? */
export function hasMember(set: i32, member: i32): boolean {
  return ((load8(set + (member >> 3)) >> (member & 7)) & 1) !== 0;
}

/** A temporary of the function, which nobody owns at its entry: the scratch register where there are too few. */
export function spareTemp(index: i32): i32 {
  return index < load32(tempRegCount) ? load32(load32(tempRegs) + (index << 2)) : scratch();
}
