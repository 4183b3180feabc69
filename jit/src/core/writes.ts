/** What loops change, from one look at the outermost one of them. */
import { load32, store32 } from '@fireball/wasm';
import { classAt, indexAt, indexOf, recordOf } from './instructions.js';
import { endField, recordStride } from './layout/body.js';
import * as classes from './layout/classes.js';
import { enteredCount, enteredLoops } from './layout/function.js';
import { wordCount } from './layout/analyses.js';
import { writeIndex, writeNext, writeSize } from './layout/loops.js';
import { endOfWrites, firstWrite, hasAsked, looksAhead, nextWrites } from './layout/plan.js';
import { endOfWords, firstWordOf } from './locals.js';
import { claim, claimZeros, hadRoom } from './nodes.js';

/**
 * Finds the instructions in an outermost loop that write each local word, whenever a walk comes to it: they are chains in the order of the body. Instructions
 * that write a pair write both of its words. False where there is no room.
 */
export function findWrites(loop: i32): boolean {
  if (load32(nextWrites) === 0) store32(nextWrites, claimZeros(load32(wordCount)));
  if (load32(nextWrites) === 0) return false;
  // Who asked of loops in this one while the walk looked ahead has gone on along the chains.
  const isKnown = load32(looksAhead) === 0;
  if (isKnown && load32(hasAsked) !== 0) chainWrites();
  store32(hasAsked, 0);
  return isKnown || listWrites(loop);
}

/** Lists all of them, the last one first, which is the order in which chains are made. False where there is no room. */
function listWrites(loop: i32): boolean {
  const begin = recordOf(loop);
  let write = 0;
  let last = 0;
  for (let record = recordOf(endOf(loop)); record > begin; record -= recordStride) {
    const kind = classAt(record);
    if (kind > classes.localTee) continue;
    if (kind < classes.localSet) continue;
    // Nothing else is allocated meanwhile: they lie behind one another.
    write = claim(writeSize);
    store32(write + writeIndex, indexOf(record));
    chainWrite(write, record);
    if (last === 0) last = write;
  }
  store32(firstWrite, last);
  store32(endOfWrites, last === 0 ? 0 : write + writeSize);
  return hadRoom();
}

function chainWrites(): void {
  const end = load32(endOfWrites);
  for (let write = load32(firstWrite); write < end; write += writeSize) chainWrite(write, recordOf(load32(write + writeIndex)));
}

/** Puts the write by an instruction in front of those that come behind it in the loop. */
function chainWrite(write: i32, record: i32): void {
  const local = indexAt(record);
  const word = firstWordOf(local);
  const end = endOfWords(local);
  const next = load32(nextWrites) + (word << 2);
  // What lies in front was found in another loop, or when the walk came here before.
  let following = load32(next);
  if (following !== 0) {
    if (load32(following + writeIndex) <= load32(write + writeIndex)) following = 0;
  }
  store32(write + writeNext, following);
  store32(next, write);
  if (end - word > 1) store32(next + 4, write);
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
  while (write !== 0 && load32(write + writeIndex) < loop) write = load32(write + writeNext);
  store32(next, write);
  return write !== 0 && load32(write + writeIndex) < endOf(loop);
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
