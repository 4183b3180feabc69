/** Sets of groups, by their addresses, which several paths hold until one of them changes its own. */
import { allocate, load32, store32 } from '@fireball/wasm';
import { firstOfSet, mostMembers, setCount, setRoom, setWords } from './layout/facts.js';
import { wordCount } from './layout/analyses.js';
import { alive, emptySet, ownsAlive, spareSet } from './layout/plan.js';

/** Bytes of a member. */
export const groupStride = 4;
/** Room that a set gets for members to come. */
const spareRoom = 4;

/** Of so many words each has a bit of its own in a set. */
const ownBits = 64;

/** Makes the set without members. */
export function makeEmptySet(): void {
  writeHead(emptySet, 0);
}

function writeHead(set: i32, room: i32): void {
  store32(set + setWords + 4, 0);
  store32(set + setWords, 0);
  store32(set + setRoom, room);
  store32(set + setCount, 0);
}

/** Address of the bits of a set that tell of a word. */
function bitsOf(set: i32, word: i32): i32 {
  return set + setWords + ((word >> 3) & 4);
}

/** May a set have a member of a local word? */
export function mayHave(set: i32, word: i32): boolean {
  return ((load32(bitsOf(set, word)) >>> (word & 31)) & 1) !== 0;
}

/** A set has lost its only member of a local word. */
export function forgetWord(set: i32, word: i32): void {
  // Of more words, others may have the same bit.
  if (load32(wordCount) > ownBits) return;
  const bits = bitsOf(set, word);
  store32(bits, load32(bits) & ~(1 << (word & 31)));
}

/** A set gets a member of a local word. */
export function noteWord(set: i32, word: i32): void {
  const bits = bitsOf(set, word);
  store32(bits, load32(bits) | (1 << (word & 31)));
}

/** Address of a set without members, with room for so many; where there is no room, of one that anybody may overwrite. */
export function newSet(members: i32): i32 {
  const room = members > mostMembers ? mostMembers : members;
  const address = allocate(firstOfSet + room * groupStride);
  const set = address === 0 ? spareSet : address;
  writeHead(set, room);
  return set;
}

/** The set of the groups that hold, if it may be changed and has room for another one; else a copy, which takes its place. */
export function ownSet(): i32 {
  const before = load32(alive);
  const count = load32(before + setCount);
  if (load32(ownsAlive) !== 0 && (count < load32(before + setRoom) || count === mostMembers)) return before;
  const set = newSet(count + spareRoom);
  store32(set + setWords + 4, load32(before + setWords + 4));
  store32(set + setWords, load32(before + setWords));
  store32(set + setCount, count);
  for (let at = firstOfSet + (count - 1) * groupStride; at >= firstOfSet; at -= groupStride) store32(set + at, load32(before + at));
  store32(alive, set);
  store32(ownsAlive, 1);
  return set;
}
