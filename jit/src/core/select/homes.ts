/** The frame's slots while a function is selected: where homes are, and how far they reach (ABI.md, "Frame"). */
import { allocate, load32, store32 } from '@fireball/wasm';
import { localCount, wordCount } from '../layout/analyses.js';
import { mostValues } from '../layout/plan.js';
import { outgoingBytes, slotBytes, spShift, wordHomes } from '../layout/select.js';
import { endOfWords, firstWordOf } from '../locals.js';
import { outOfMemory } from './failure.js';

/** Finds where words have their homes: one slot of 8 bytes per local. */
export function beginHomes(): void {
  store32(slotBytes, 0);
  store32(spShift, 0);
  store32(outgoingBytes, 0);
  const homes = allocate(load32(wordCount) << 2);
  store32(wordHomes, homes);
  if (homes === 0) {
    outOfMemory();
    return;
  }
  const locals = load32(localCount);
  for (let local = 0; local < locals; local++) {
    const end = endOfWords(local);
    let home = local << 3;
    for (let word = firstWordOf(local); word < end; word++) {
      store32(homes + (word << 2), home);
      home += 4;
    }
  }
}

/** Bytes by which sp is below the frame while stack arguments are being passed. */
export function shift(): i32 {
  return load32(spShift);
}

export function setShift(bytes: i32): void {
  store32(spShift, bytes);
  if (bytes > load32(outgoingBytes)) store32(outgoingBytes, bytes);
}

/** sp offset of a local word's home. */
export function localHome(word: i32): i32 {
  return useSlot(localOffset(word));
}

/** As `localHome`, in a frame of any kind: the function's own need not have that slot. */
export function localOffset(word: i32): i32 {
  return load32(load32(wordHomes) + (word << 2));
}

/** Is this the low word of a local of two? */
export function isLowWord(word: i32): boolean {
  const home = localOffset(word);
  return (home & 4) === 0 && word + 1 < load32(wordCount) && localOffset(word + 1) === home + 4;
}

/** Does the slot area reach as far as the local word's home? If not, no code names the local. */
export function hasLocalHome(word: i32): boolean {
  return (localOffset(word) & -8) < load32(slotBytes);
}

/** sp offset of a word of a value at an operand height, in values. */
export function valueHome(height: i32, high: boolean): i32 {
  return useSlot(((load32(localCount) + height) << 3) + (high ? 4 : 0));
}

/** Two words above all homes, through which doubles get from general to floating-point registers and back. */
export function exchangeSlot(): i32 {
  return useSlot((load32(localCount) + load32(mostValues)) << 3);
}

function useSlot(offset: i32): i32 {
  const end = (offset & -8) + 8;
  if (end > load32(slotBytes)) store32(slotBytes, end);
  return offset;
}
