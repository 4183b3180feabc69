/** Shares of registers that are given up. */
import { load32 } from '@fireball/wasm';
import { entryAmount, entryC, entryFrom, entryKind, entryShift, entrySource, floatEntry, floatHeld, ownSource } from '../layout/select.js';
import { sourceCount } from './entries.js';
import { dropFloat } from './float-file.js';
import { isOwned, regOf } from './held.js';
import { pop, stackLength } from './operand-stack.js';
import { dropReg } from './temporaries.js';

export function release(held: i32): void {
  if (!isOwned(held)) return;
  if ((held & floatHeld) !== 0) dropFloat(regOf(held));
  else dropReg(regOf(held));
}

export function releaseEntry(entry: i32): void {
  if (load32(entry + entryKind) === floatEntry) {
    dropFloat(load32(entry + entryC));
    return;
  }
  const count = sourceCount(entry);
  if (count >= 1 && load32(entry + entryFrom) === ownSource) dropReg(load32(entry + entrySource));
  if (count === 2 && load32(entry + entryShift) === ownSource) dropReg(load32(entry + entryAmount));
}

/** Drops all entries above `length` words. */
export function truncate(length: i32): void {
  while (stackLength() > length) releaseEntry(pop());
}
