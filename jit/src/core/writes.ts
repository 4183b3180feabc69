/** What loops change, from one look at the outermost one of them. */
import { load32, store32 } from '@fireball/wasm';
import { classAt, indexAt, indexOf, recordOf } from './instructions.js';
import { endField, nextWriteField, noWrite, steps, stepsEnd } from './layout/body.js';
import * as classes from './layout/classes.js';
import { enteredCount, enteredLoops } from './layout/function.js';
import { wordCount } from './layout/analyses.js';
import { hasAsked, looksAhead, nextWrites } from './layout/plan.js';
import { endOfWords, firstWordOf } from './locals.js';
import { claimZeros } from './nodes.js';

/**
 * Finds the instructions in an outermost loop that write each local word, whenever a walk comes to it: they are chains in the order of the body, in their
 * records, since instructions that write a pair write both of its words. False where there is no room.
 */
export function findWrites(loop: i32): boolean {
  if (load32(nextWrites) === 0) store32(nextWrites, claimZeros(load32(wordCount)));
  const next = load32(nextWrites);
  if (next === 0) return false;
  // They are known from the look ahead.
  if (load32(looksAhead) === 0 && load32(hasAsked) === 0) return true;
  store32(hasAsked, 0);
  const first = load32(steps);
  const begin = recordOf(loop);
  const end = recordOf(endOf(loop));
  for (let step = first + (firstFrom(first, (load32(stepsEnd) - first) >> 2, end) << 2) - 4; step >= first; step -= 4) {
    const record = load32(step);
    if (record < begin) break;
    if (classAt(record) < classes.localSet) continue;
    const index = indexOf(record);
    const local = indexAt(record);
    const word = firstWordOf(local);
    const at = next + (word << 2);
    // What lies in front was found in another loop, or when the walk came here before.
    const following = load32(at);
    store32(record + nextWriteField, following > index ? following : noWrite);
    store32(at, index);
    if (endOfWords(local) - word > 1) store32(at + 4, index);
  }
  return true;
}

/** Which of the ascending numbers of `count` words is the first one that is not below another one; `count` where none is. */
function firstFrom(numbers: i32, count: i32, from: i32): i32 {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load32(numbers + (middle << 2)) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Is one of the ascending numbers of `count` words in [from, end)? */
function hasBetween(numbers: i32, count: i32, from: i32, end: i32): boolean {
  const first = firstFrom(numbers, count, from);
  return first < count && load32(numbers + (first << 2)) < end;
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
