/** Sets of members of some words each, which several paths hold until one of them changes its own. */
import { allocate, load32, store32 } from '@fireball/wasm';
import { firstOfSet, mostMembers, setCount, setRoom, setWords } from './layout/facts.js';
import { wordCount } from './layout/analyses.js';
import { emptySet, spareSet } from './layout/plan.js';

/** Room that a set gets for members to come. */
const spareRoom = 8;

/** Makes the set without members. */
export function makeEmptySet(): void {
  store32(emptySet + setCount, 0);
  store32(emptySet + setRoom, 0);
  store32(emptySet + setWords, 0);
}

/** May a set have a member of a local word? */
export function mayHave(set: i32, word: i32): boolean {
  return ((load32(set + setWords) >>> (word & 31)) & 1) !== 0;
}

/** A set has lost its only member of a local word. */
export function forgetWord(set: i32, word: i32): void {
  // Of more words, others may have the same bit.
  if (load32(wordCount) <= 32) store32(set + setWords, load32(set + setWords) & ~(1 << word));
}

/** A set gets a member of a local word. */
export function noteWord(set: i32, word: i32): void {
  store32(set + setWords, load32(set + setWords) | (1 << (word & 31)));
}

/** Address of a set without members, with room for so many of `stride` bytes; where there is no room, of one that anybody may overwrite. */
export function newSet(members: i32, stride: i32): i32 {
  const room = members > mostMembers ? mostMembers : members;
  const address = allocate(firstOfSet + room * stride);
  const set = address === 0 ? spareSet : address;
  store32(set + setCount, 0);
  store32(set + setRoom, room);
  store32(set + setWords, 0);
  return set;
}

/** The set whose address is at `current`, if it may be changed (which is at `isOwned`) and has room for another member; else a copy, which takes its place. */
export function ownSet(current: i32, isOwned: i32, stride: i32): i32 {
  const before = load32(current);
  const count = load32(before + setCount);
  if (load32(isOwned) !== 0 && (count < load32(before + setRoom) || count === mostMembers)) return before;
  const set = newSet(count + spareRoom, stride);
  const end = firstOfSet + count * stride;
  for (let at = firstOfSet; at < end; at += 4) store32(set + at, load32(before + at));
  store32(set + setCount, count);
  store32(set + setWords, load32(before + setWords));
  store32(current, set);
  store32(isOwned, 1);
  return set;
}
