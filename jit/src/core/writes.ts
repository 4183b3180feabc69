/** What loops change, from one look at the whole body. */
import { allocate, load32, store32 } from '@fireball/wasm';
import { recordOf } from './instructions.js';
import { aField, classField, endField, steps, stepsEnd } from './layout/body.js';
import * as classes from './layout/classes.js';
import { enteredCount, enteredLoops } from './layout/function.js';
import { wordCount } from './layout/analyses.js';
import { writes, writeStarts } from './layout/plan.js';
import { endOfWords, firstWordOf } from './locals.js';
import { claimZeros } from './nodes.js';

/** Finds the instructions that write each local word, when the first loop comes. False where there is no room. */
export function findWrites(): boolean {
  if (load32(writeStarts) !== 0) return true;
  const words = load32(wordCount);
  const starts = claimZeros(words + 2);
  if (starts === 0) return false;
  const end = load32(stepsEnd);
  // Counts two words further on, so that places are one word further on while they are filled.
  let all = 0;
  for (let step = load32(steps); step < end; step += 4) {
    const record = recordOf(load32(step));
    if (!isWrite(record)) continue;
    const local = load32(record + aField);
    for (let word = firstWordOf(local); word < endOfWords(local); word++) {
      const at = starts + ((word + 2) << 2);
      store32(at, load32(at) + 1);
      all++;
    }
  }
  const found = allocate(all << 2);
  if (found === 0) return false;
  for (let word = 0; word < words; word++) store32(starts + ((word + 2) << 2), load32(starts + ((word + 2) << 2)) + load32(starts + ((word + 1) << 2)));
  for (let step = load32(steps); step < end; step += 4) {
    const index = load32(step);
    const record = recordOf(index);
    if (!isWrite(record)) continue;
    const local = load32(record + aField);
    for (let word = firstWordOf(local); word < endOfWords(local); word++) {
      const at = starts + ((word + 1) << 2);
      store32(found + (load32(at) << 2), index);
      store32(at, load32(at) + 1);
    }
  }
  store32(writeStarts, starts);
  store32(writes, found);
  return true;
}

function isWrite(record: i32): boolean {
  const found = load32(record + classField);
  return found === classes.localSet || found === classes.localTee;
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

function changes(loop: i32, word: i32): boolean {
  const starts = load32(writeStarts) + (word << 2);
  const begin = load32(starts);
  return hasBetween(load32(writes) + (begin << 2), load32(starts + 4) - begin, loop, endOf(loop));
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
