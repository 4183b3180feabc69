/** The groups of accesses that hold at one point of the walk. */
import { load32, store32 } from '@fireball/wasm';
import { accessReach, fitsImmediate } from './costs.js';
import { forgetWord, giveBack, groupStride, mayHave, newSet, noteWord, ownSet } from './group-sets.js';
import * as arithmetic from './layout/arithmetic.js';
import { firstOfSet, mostMembers, setCount } from './layout/facts.js';
import {
  groupExtent,
  groupFirst,
  groupHasNeighbour,
  groupIsBounded,
  groupLast,
  groupLocal,
  groupLow,
  groupMembers,
  groupNext,
  groupNumber,
  groupSize,
  memberBefore,
  memberBytes,
  memberC,
  memberGroup,
  memberIndex,
  memberLevel,
  memberNext,
  memberNextOfAll,
  memberRun,
  memberShare,
  memberSize,
  memberWidth,
} from './layout/groups.js';
import { alive, firstGroup, firstMember, firstOpen, groupCount, lastGroup, lastMember, loopLevel, ownsAlive, run, share } from './layout/plan.js';
import { keep } from './kept.js';
import { checksWidely } from './layout/function.js';

import { copyNumber } from './positive.js';
import { isBelow } from './unsigned.js';
import { mayChange } from './writes.js';

/** Effects that outlive a trap happened, or control may leave or arrive: groups stop growing. */
export function closeGroups(): void {
  store32(firstOpen, load32(groupCount));
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

/** The local gets another value. */
export function forgetGroups(word: i32): void {
  const before = load32(alive);
  if (!mayHave(before, word)) return;
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
  const common = newSet(load32(a + setCount));
  const end = endOf(b);
  let other = b + firstOfSet;
  for (let index = 0; index < load32(a + setCount); index++) {
    const group = load32(a + firstOfSet + index * groupStride);
    while (other < end && load32(load32(other) + groupNumber) < load32(group + groupNumber)) other += groupStride;
    if (other < end && load32(other) === group) append(common, group);
  }
  const count = load32(common + setCount);
  if (count !== load32(a + setCount) && count !== load32(b + setCount)) return common;
  giveBack(common);
  return count === load32(a + setCount) ? a : b;
}

/**
 * The member of a group of this local that covers (or, while it grows, can be widened to cover) the access; else of a
 * new one. 0 where the access is too far from its address.
 */
export function joinGroup(word: i32, index: i32, c: i32, offset: i32, width: i32, isBounded: boolean): i32 {
  const reach = accessReach();
  if (isBelow(reach - width, offset)) return 0;
  const bytes = offset + width;
  const set = load32(alive);
  const end = endOf(set);
  for (let at = mayHave(set, word) ? set + firstOfSet : end; at < end; at += groupStride) {
    const group = load32(at);
    if (load32(group + groupLocal) === word && widen(group, c, bytes, reach, isBounded)) return addMember(group, index, c, bytes, width);
  }
  const group = beginGroup(word, c, bytes, isBounded);
  return addMember(group, index, c, bytes, width);
}

function widen(group: i32, c: i32, bytes: i32, reach: i32, isBounded: boolean): boolean {
  const before = load32(group + groupLow);
  const low = c < before ? c : before;
  // Both without sign: how far the anchor so far, and the access, lie behind the new anchor.
  const fromBefore = (before - low) | 0;
  const fromAccess = (c - low) | 0;
  if (isBelow(reach, fromBefore) || isBelow(reach, fromAccess)) return false;
  const endBefore = fromBefore + load32(group + groupExtent);
  const endAccess = fromAccess + bytes;
  const extent = endBefore < endAccess ? endAccess : endBefore;
  const isInside = low === before && extent === load32(group + groupExtent);
  if (isInside) return true;
  if (load32(group + groupNumber) < load32(firstOpen) || extent > reach) return false;
  store32(group + groupLow, low);
  store32(group + groupExtent, extent);
  if (!isBounded) store32(group + groupIsBounded, 0);
  return true;
}

function beginGroup(word: i32, c: i32, bytes: i32, isBounded: boolean): i32 {
  const group = keep(groupSize);
  const number = load32(groupCount);
  store32(groupCount, number + 1);
  store32(group + groupLocal, word);
  const isWide = load32(checksWidely) !== 0 && !isBounded;
  store32(group + groupLow, isWide && c >= 0 && c + bytes <= accessReach() ? 0 : c);
  store32(group + groupExtent, isWide ? accessReach() : bytes);
  store32(group + groupIsBounded, isBounded ? 1 : 0);
  store32(group + groupNumber, number);
  store32(group + groupFirst, 0);
  store32(group + groupLast, 0);
  store32(group + groupMembers, 0);
  store32(group + groupHasNeighbour, 0);
  store32(group + groupNext, 0);
  if (load32(firstGroup) === 0) store32(firstGroup, group);
  else store32(load32(lastGroup) + groupNext, group);
  store32(lastGroup, group);
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

function addMember(group: i32, index: i32, c: i32, bytes: i32, width: i32): i32 {
  const member = keep(memberSize);
  const before = load32(group + groupLast);
  store32(member + memberIndex, index);
  store32(member + memberC, c);
  store32(member + memberBytes, bytes);
  store32(member + memberWidth, width);
  store32(member + memberRun, load32(run));
  store32(member + memberBefore, before);
  store32(member + memberNext, 0);
  store32(member + memberNextOfAll, 0);
  store32(member + memberGroup, group);
  copyNumber(member + memberShare, share);
  store32(member + memberLevel, load32(loopLevel));
  if (before === 0) store32(group + groupFirst, member);
  else store32(before + memberNext, member);
  store32(group + groupLast, member);
  store32(group + groupMembers, load32(group + groupMembers) + 1);
  if (load32(firstMember) === 0) store32(firstMember, member);
  else store32(load32(lastMember) + memberNextOfAll, member);
  store32(lastMember, member);
  return member;
}

/** Has another group of the same local an anchor from which an immediate leads to this one's? */
export function noteNeighbour(group: i32): void {
  const set = load32(alive);
  const end = endOf(set);
  for (let at = set + firstOfSet; at < end; at += groupStride) {
    const other = load32(at);
    if (other === group || load32(other + groupLocal) !== load32(group + groupLocal)) continue;
    if (fitsImmediate(arithmetic.add, (load32(group + groupLow) - load32(other + groupLow)) | 0)) store32(group + groupHasNeighbour, 1);
  }
}
