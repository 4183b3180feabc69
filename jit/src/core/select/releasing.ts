/** Shares of registers that are given up. */
import { load32, load8 } from '@fireball/wasm';
import { entryAmount, entryC, entryShift, entrySource, floatEntry, floatHeld, ownSource, productEntry } from '../layout/select.js';
import { dropFloat } from './float-file.js';
import { fromBits, fromShift, kindBits } from './heads.js';
import { isOwned, regOf } from './held.js';
import { pop, stackLength } from './operand-stack.js';
import { dropReg } from './temporaries.js';

export function release(held: i32): void {
  if (isOwned(held)) drop(held);
}

/** @noinline */
function drop(held: i32): void {
  if ((held & floatHeld) !== 0) dropFloat(regOf(held));
  else dropReg(regOf(held));
}

export function releaseEntry(entry: i32): void {
  const head = load32(entry);
  if ((head & fromBits) === ownSource << fromShift) dropReg(load32(entry + entrySource));
  const kind = head & kindBits;
  if (kind < productEntry) return;
  if (kind === floatEntry) dropFloat(load32(entry + entryC));
  else if (kind === productEntry && load8(entry + entryShift) === ownSource) dropReg(load32(entry + entryAmount));
}

/** Drops all entries above `length` words. */
export function truncate(length: i32): void {
  while (stackLength() > length) releaseEntry(pop());
}
