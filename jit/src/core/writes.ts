/** What loops change, from one look at the body behind the first one. */
import { load32, store32 } from '@fireball/wasm';
import { classAt, indexAt, recordOf } from './instructions.js';
import { endField, nextWriteField, noWrite, steps, stepsEnd } from './layout/body.js';
import * as classes from './layout/classes.js';
import { enteredCount, enteredLoops } from './layout/function.js';
import { wordCount } from './layout/analyses.js';
import { nextWrites } from './layout/plan.js';
import { endOfWords, firstWordOf } from './locals.js';
import { claimZeros } from './nodes.js';

/**
 * Finds the instructions that write each local word from an index on, when a walk comes to its first loop there: they are chains in the order of the body, in
 * their records, since instructions that write a pair write both of its words. False where there is no room.
 */
export function findWrites(from: i32): boolean {
  if (load32(nextWrites) !== 0) return true;
  const next = claimZeros(load32(wordCount));
  if (next === 0) return false;
  const first = load32(steps);
  for (let step = load32(stepsEnd) - 4; step >= first; step -= 4) {
    const index = load32(step);
    if (index < from) break;
    const record = recordOf(index);
    const found = classAt(record);
    if (found !== classes.localSet && found !== classes.localTee) continue;
    const local = indexAt(record);
    const word = firstWordOf(local);
    const at = next + (word << 2);
    store32(record + nextWriteField, load32(at));
    store32(at, index);
    if (endOfWords(local) - word > 1) store32(at + 4, index);
  }
  store32(nextWrites, next);
  return true;
}

/** Is one of the ascending numbers of `count` words in [from, end)? */
function hasBetween(numbers: i32, count: i32, from: i32, end: i32): boolean {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load32(numbers + (middle << 2)) < from) low = middle + 1;
    else high = middle;
  }
  return low < count && load32(numbers + (low << 2)) < end;
}

function endOf(loop: i32): i32 {
  return load32(recordOf(loop) + endField);
}

/** Is the word written in the loop? A walk asks of loops in the order of the body. */
function changes(loop: i32, word: i32): boolean {
  const next = load32(nextWrites) + (word << 2);
  let write = load32(next);
  if (write < loop) {
    while (write !== noWrite && write < loop) write = load32(recordOf(write) + nextWriteField);
    store32(next, write);
  }
  return write !== noWrite && write < endOf(loop);
}

/** May control come into the loop itself from where nothing of this function has been proved? */
export function isEntry(loop: i32): boolean {
  return hasBetween(load32(enteredLoops), load32(enteredCount), loop, loop + 1);
}

/** Does the loop write the word, or may it have been written where it can be entered? */
export function mayChange(loop: i32, isEntered: boolean, word: i32): boolean {
  return isEntered || changes(loop, word);
}

/** May control come into the loop, or one in it, from where nothing of this function has been proved? */
export function isEnteredWithin(loop: i32): boolean {
  return hasBetween(load32(enteredLoops), load32(enteredCount), loop, endOf(loop));
}
