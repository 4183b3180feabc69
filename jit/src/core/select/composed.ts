/** Instructions that are made of operations on single words: these follow one another, and nothing is fused with their results. */
import { or } from '../layout/arithmetic.js';
import { fixedSource, noReg, ownSource } from '../layout/select.js';
import { selectAlu } from './arithmetic.js';
import { setComposing, setComposingInto } from './context.js';
import { constEntry, sumEntryOf } from './entries.js';
import { pop, popCopy, push } from './operand-stack.js';
import { holdOwn } from './state.js';

/** A read of a register that somebody else keeps alive. */
export function reading(reg: i32): i32 {
  return sumEntryOf(fixedSource, reg, 0, false);
}

/** An owned register. */
export function ownedEntry(reg: i32): i32 {
  return sumEntryOf(ownSource, reg, 0, false);
}

/** An operation of `arithmetic.ts` on the two topmost words, as a part of an instruction. */
export function composedAlu(op: i32): void {
  setComposing(true);
  selectAlu(op);
  setComposing(false);
}

/** The same on two entries; its result in an owned register. */
export function wordOperation(op: i32, a: i32, b: i32): i32 {
  push(a);
  push(b);
  composedAlu(op);
  return holdOwn(pop());
}

/** The same, but its result may wait, and is computed in a register that the local of two words which the next instruction writes has, or -1: where that is all one. */
export function wordOperationInto(op: i32, a: i32, b: i32, reg: i32): i32 {
  if (reg === noReg) return ownedEntry(wordOperation(op, a, b));
  push(a);
  push(b);
  setComposingInto(reg);
  selectAlu(op);
  setComposing(false);
  return popCopy();
}

/** moved | (near shifted by amount): as `wordOperationInto`. */
export function combine(moved: i32, near: i32, shift: i32, amount: i32, reg: i32): i32 {
  push(near);
  push(constEntry(amount, false));
  composedAlu(shift);
  const shifted = popCopy();
  return wordOperationInto(or, ownedEntry(moved), shifted, reg);
}
