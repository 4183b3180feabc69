/** The groups of accesses that hold at one point of the walk. */
import { load16, load32, load8, store16, store32, store8 } from '@fireball/wasm';
import { accessReach, fitsImmediate } from './costs.js';
import { forgetWord, groupStride, mayHave, newSet, noteWord, ownSet } from './group-sets.js';
import { indexOf } from './instructions.js';
import * as arithmetic from './layout/arithmetic.js';
import { firstOfSet, mostMembers, setCount } from './layout/facts.js';
import {
  byteShift,
  continuesRun,
  flagsField,
  flagsShift,
  groupExtent,
  groupIsBounded,
  groupLast,
  groupLocal,
  groupLow,
  groupRun,
  groupSize,
  hasNeighbour,
  isContinued,
  isInLoop as isInLoopFlag,
  isMember,
  memberBytes,
  memberC,
  memberGroup,
  memberIndex,
  memberNext,
  memberSize,
} from './layout/groups.js';
import { alive, firstOpen, firstUnseen, groupCount, keptEnd, loopLevel, nextWeight, ownsAlive, run, weight } from './layout/plan.js';
import { keep, memberWeight } from './kept.js';
import { checksWidely, hasMemory } from './layout/function.js';
import { copyNumber } from './positive.js';
import { isBelow } from './unsigned.js';
import { mayChange } from './writes.js';

/** Effects that outlive a trap happened: groups stop growing whose check would come before them. */
export function closeChecks(): void {
  store32(firstOpen, load32(keptEnd));
}

/** Control may leave or arrive, or registers lose what they held: no group grows any more. */
export function closeGroups(): void {
  closeChecks();
  store32(firstUnseen, load32(keptEnd));
}

/** Registers lose here what they held. */
export function beginRun(): void {
  store32(run, load32(run) + 1);
}

/** All that hold here, none of which grows any more; nobody changes the set any more. */
export function seenGroups(): i32 {
  closeGroups();
  store32(ownsAlive, 0);
  return load32(alive);
}

/** From here on these hold, and no others. */
export function restoreGroups(set: i32): void {
  closeGroups();
  store32(alive, set);
  store32(ownsAlive, 0);
}

/** The local, of which there may be groups, gets another value. @noinline */
export function forgetGroups(word: i32): void {
  const before = load32(alive);
  const end = endOf(before);
  let at = before + firstOfSet;
  while (at < end && load32(load32(at) + groupLocal) !== word) at += groupStride;
  if (at === end) return;
  const set = ownSet();
  let kept = set + firstOfSet;
  const last = endOf(set);
  for (at = kept; at < last; at += groupStride) {
    const group = load32(at);
    if (load32(group + groupLocal) === word) continue;
    store32(kept, group);
    kept += groupStride;
  }
  store32(set + setCount, (kept - set - firstOfSet) / groupStride);
  forgetWord(set, word);
}

/** At the header of a loop only the groups of locals hold that it does not write. */
export function keepGroupsInLoop(loop: i32, isEntered: boolean): void {
  const before = seenGroups();
  if (load32(before + setCount) === 0) return;
  const kept = newSet(load32(before + setCount));
  for (let index = 0; index < load32(before + setCount); index++) {
    const group = load32(before + firstOfSet + index * groupStride);
    if (!mayChange(loop, isEntered, load32(group + groupLocal))) append(kept, group);
  }
  store32(alive, kept);
}

function endOf(set: i32): i32 {
  return set + firstOfSet + load32(set + setCount) * groupStride;
}

function append(set: i32, group: i32): void {
  const count = load32(set + setCount);
  store32(set + firstOfSet + count * groupStride, group);
  store32(set + setCount, count + 1);
  noteWord(set, load32(group + groupLocal));
}

/** The groups that are in both sets, which are in one order; either itself where it has no others. */
export function meetGroups(a: i32, b: i32): i32 {
  if (a === b || load32(a + setCount) === 0) return a;
  if (load32(b + setCount) === 0) return b;
  const count = common(a, b, 0);
  if (count === load32(a + setCount)) return a;
  if (count === load32(b + setCount)) return b;
  const set = newSet(count);
  common(a, b, set);
  return set;
}

/** How many groups both sets have, which a third one gets if it is there. */
function common(a: i32, b: i32, into: i32): i32 {
  const end = endOf(a);
  const otherEnd = endOf(b);
  let other = b + firstOfSet;
  let count = 0;
  for (let at = a + firstOfSet; at < end && other < otherEnd;) {
    const group = load32(at);
    const next = load32(other);
    if (group <= next) at += groupStride;
    if (next <= group) other += groupStride;
    if (group !== next) continue;
    count++;
    if (into !== 0) append(into, group);
  }
  return count;
}

/**
 * The member of a group of the local word which covers (or, while it grows, can be widened to cover) the access of an instruction at the word + c; else of a
 * new one. `size`: the bytes that it needs behind its address, and its width, as a member has them.
 */
export function joinGroup(record: i32, word: i32, c: i32, size: i32, isBounded: boolean): i32 {
  const bytes = size & (-1 >>> byteShift);
  const set = load32(alive);
  const hasOther = mayHave(set, word);
  if (hasOther) {
    const end = endOf(set);
    for (let at = set + firstOfSet; at < end; at += groupStride) {
      const group = load32(at);
      if (load32(group + groupLocal) !== word) continue;
      if (widen(group, c, bytes, isBounded)) return addMember(group, record, c, size);
    }
  }
  const group = beginGroup(word, c, bytes, isBounded);
  const member = addMember(group, record, c, size);
  // Anchors of one local that lie near each other are computed one from the other.
  if (hasOther && load32(hasMemory) !== 0) noteNeighbour(group);
  return member;
}

function widen(group: i32, c: i32, bytes: i32, isBounded: boolean): boolean {
  const reach = accessReach();
  const before = load32(group + groupLow);
  const low = c < before ? c : before;
  // Both without sign: how far the anchor so far, and the access, lie behind the new anchor.
  const fromBefore = (before - low) | 0;
  const fromAccess = (c - low) | 0;
  if (isBelow(reach, fromBefore) || isBelow(reach, fromAccess)) return false;
  const endBefore = fromBefore + load16(group + groupExtent);
  const endAccess = fromAccess + bytes;
  const extent = endBefore < endAccess ? endAccess : endBefore;
  const isInside = low === before && extent === load16(group + groupExtent);
  if (isInside) return true;
  if (extent > reach || !mayGrow(group, isBounded)) return false;
  store32(group + groupLow, low);
  store16(group + groupExtent, extent);
  if (!isBounded) store8(group + groupIsBounded, 0);
  return true;
}

/** What others see of a group, and what its check has come before, stays as it is. */
function mayGrow(group: i32, isBounded: boolean): boolean {
  if (group >= load32(firstOpen)) return true;
  return isBounded && load8(group + groupIsBounded) !== 0 && group >= load32(firstUnseen);
}

function beginGroup(word: i32, c: i32, bytes: i32, isBounded: boolean): i32 {
  const group = keep(groupSize);
  store32(groupCount, load32(groupCount) + 1);
  store32(group + groupLocal, word);
  const isWide = load32(checksWidely) !== 0 && !isBounded;
  store32(group + groupLow, isWide && c >= 0 && c + bytes <= accessReach() ? 0 : c);
  store32(group + groupExtent, (isWide ? accessReach() : bytes) | ((isBounded ? 1 : 0) << byteShift));
  store32(group + groupLast, 0);
  const set = ownSet();
  if (load32(set + setCount) >= mostMembers) dropOldest(set);
  append(set, group);
  return group;
}

function dropOldest(set: i32): void {
  const end = endOf(set) - groupStride;
  for (let at = set + firstOfSet; at < end; at += groupStride) store32(at, load32(at + groupStride));
  store32(set + setCount, load32(set + setCount) - 1);
}

function addMember(group: i32, record: i32, c: i32, size: i32): i32 {
  const member = keep(memberSize);
  const before = load32(group + groupLast);
  const here = load32(run);
  let flags = load32(loopLevel) > 0 ? isMember | isInLoopFlag : isMember;
  if (before !== 0) {
    store32(before + memberNext, member);
    if (load32(group + groupRun) === here) {
      flags |= continuesRun;
      store8(before + flagsField, load8(before + flagsField) | isContinued);
    }
  }
  store32(group + groupRun, here);
  store32(group + groupLast, member);
  store32(member + memberGroup, group);
  store32(member + memberNext, 0);
  store32(member + memberBytes, size | (flags << flagsShift));
  store32(member + memberC, c);
  store32(member + memberIndex, indexOf(record));
  const weights = load32(nextWeight);
  copyNumber(weights, weight);
  store32(nextWeight, weights + memberWeight);
  return member;
}

/** Has another group of the same local an anchor from which an immediate leads to this one's? */
function noteNeighbour(group: i32): void {
  const word = load32(group + groupLocal);
  const set = load32(alive);
  const end = endOf(set);
  for (let at = set + firstOfSet; at < end; at += groupStride) {
    const other = load32(at);
    if (load32(other + groupLocal) !== word) continue;
    if (other === group) continue;
    if (fitsImmediate(arithmetic.add, (load32(group + groupLow) - load32(other + groupLow)) | 0)) store8(group + flagsField, hasNeighbour);
  }
}
