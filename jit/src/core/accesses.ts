/** For every memory access the proof that it will be in bounds, and the constants that the proof needs. */
import { load16, load32, load8, store32 } from '@fireball/wasm';
import { accessReach, checkedReach, fitsImmediate, immediateLimit, isThumb2, limitCost, staticAnchor } from './costs.js';
import { isCurrent } from './controls.js';
import { joinGroup } from './groups.js';
import * as arithmetic from './layout/arithmetic.js';
import { firstCall, isBehindCall } from './layout/allocation.js';
import { boundedPlan, flagsField, groupPlan, isRare as isRareAccess, memberField, singlePlan, staticField, staticPlan } from './layout/body.js';
import { hasBytes, hasMemory, isFixed, isTrusted, lastByte, memoryBase } from './layout/function.js';
import {
  continuesRun,
  flagsField as memberFlags,
  byteShift,
  groupExtent,
  groupIsBounded,
  groupLow,
  hasNeighbour,
  isContinued,
  isInLoop as isInLoopFlag,
  memberBytes,
  memberC,
  memberGroup,
  memberIndex,
  memberWidth,
} from './layout/groups.js';
import { accessCount, kept, keptEnd, memberWeights } from './layout/plan.js';
import { memberWeight } from './kept.js';
import { behind, firstMemberOf, hasOneMember, isMemberAt } from './members.js';
import { constKind, localKind, symbolC, symbolKind, symbolMax, symbolWord } from './layout/symbols.js';
import { bound, valueOf } from './symbols.js';
import { isBelow } from './unsigned.js';
import {
  forgetMentions,
  isInLoop,
  isRare,
  likeConst,
  mention,
  needConst,
  needConstFor,
  needConstInPart,
  noteEvent,
  settle,
  useAdded,
  shortenByConst,
  wantBehindCall,
  weighAs,
} from './weights.js';

/** Does an access of `width` bytes, so far behind the index, which all have no sign, lie inside the smallest memory? */
function isInside(index: i32, offset: i32, width: i32): boolean {
  const end = load32(lastByte);
  // Of most indices nothing is known.
  if (isBelow(end, index)) return false;
  const first = (index + offset) | 0;
  const last = (first + width - 1) | 0;
  return load32(hasBytes) !== 0 && !isBelow(first, index) && !isBelow(last, first) && !isBelow(end, last);
}

/** Plans the access of an instruction, whose address is a symbol. */
export function addAccess(record: i32, symbol: i32, offset: i32, width: i32): void {
  const plan = planAccess(record, symbol, offset, width);
  let flags = plan | isRareAccess;
  if (isInLoop()) {
    if (!isRare()) flags = plan;
  }
  store32(record + flagsField, load32(record + flagsField) | flags);
  store32(accessCount, load32(accessCount) + 1);
  if (plan === groupPlan) noteEvent(record, load32(symbol + symbolWord));
  else if (plan === singlePlan) {
    countOffset(offset, width);
    if (load32(hasMemory) !== 0) countCheckOf(offset, width);
    settle(symbol);
  } else if (plan === staticPlan) {
    if (load32(hasMemory) !== 0) countStatic(load32(record + staticField));
  }
}

function planAccess(record: i32, symbol: i32, offset: i32, width: i32): i32 {
  const base = load32(memoryBase);
  const kind = load8(symbol + symbolKind);
  const c = load32(symbol + symbolC);
  if (kind === constKind) {
    const value = valueOf(symbol);
    if (!isInside(value, offset, width)) return singlePlan;
    store32(record + staticField, (base + value + offset) | 0);
    return staticPlan;
  }
  if (kind !== localKind) {
    const last = (load32(symbol + symbolMax) + c) | 0;
    if (load32(isTrusted) === 0 && (c < 0 || isBelow(last, c) || !isInside(last, offset, width))) return singlePlan;
    needConst((base + c + offset) | 0);
    return boundedPlan;
  }
  const isBounded = load32(isTrusted) !== 0 || isInside(bound(symbol), offset, width);
  if (isCurrent(symbol)) {
    // Members of groups lie no farther from their addresses than accesses reach; where nothing can wrap, the address may be farther from the local.
    const isFar = isBelow(accessReach() - width, offset);
    if (isBounded || !isFar) {
      const behind = isFar ? 0 : offset;
      const size = (behind + width) | (width << byteShift);
      store32(record + memberField, joinGroup(record, load32(symbol + symbolWord), (c + offset - behind) | 0, size, isBounded));
      return groupPlan;
    }
  }
  if (!isBounded) return singlePlan;
  needConst((base + c + offset) | 0);
  return boundedPlan;
}

function countStatic(address: i32): void {
  const base = load32(memoryBase);
  // A part of memory that loads do not reach from its base has an anchor of its own.
  needConstFor(base, 1);
  const anchor = staticAnchor((address - base) | 0);
  if (anchor !== 0) needConstFor((base + anchor) | 0, 1);
}

/** Counts what all groups need; behind the walk, when their ranges are known. */
export function finishAccesses(): void {
  // Every access names the register of the memory's beginning, should that have one.
  if (load32(accessCount) !== 0) mention(load32(memoryBase), load32(accessCount));
  if (load32(hasMemory) === 0) return;
  const end = load32(keptEnd);
  let weights = load32(memberWeights);
  let isBehind = false;
  for (let at = load32(kept); at < end; at = behind(at)) {
    if (!isMemberAt(at)) continue;
    countLoneMember(at, weights);
    // Its group's first access, which counts for all of them, may be in front of the call.
    if (!isBehind && load32(at + memberIndex) >= load32(firstCall)) {
      wantBehindCall(load32(memoryBase));
      isBehind = true;
    }
    weights += memberWeight;
  }
  weights = load32(memberWeights);
  for (let at = load32(kept); at < end; at = behind(at)) {
    if (isMemberAt(at)) weights += memberWeight;
    else countGroup(at, weights);
  }
}

/** An access that is the only one between two labels has no use for a pointer: it adds the index to the place itself, where that is in a register. */
function countLoneMember(member: i32, weighs: i32): void {
  if ((load8(member + memberFlags) & (continuesRun | isContinued)) !== 0) return;
  goTo(member, weighs);
  const width = load8(member + memberWidth);
  const low = load32(load32(member + memberGroup) + groupLow);
  countOffset((load32(member + memberC) - low + load16(member + memberBytes) - width) | 0, width);
}

/** From here on things are counted as executed where the member is. */
function goTo(member: i32, weighs: i32): void {
  store32(isBehindCall, load32(member + memberIndex) >= load32(firstCall) ? 1 : 0);
  weighAs(weighs, (load8(member + memberFlags) & isInLoopFlag) !== 0);
}

/** `weighs`: address of what its first member does. */
function countGroup(group: i32, weighs: i32): void {
  const base = load32(memoryBase);
  const first = firstMemberOf(group);
  const low = load32(group + groupLow);
  const extent = load16(group + groupExtent);
  const isBounded = load8(group + groupIsBounded) !== 0;
  goTo(first, weighs);
  if (isBounded && hasOneMember(group)) {
    needConst((base + low + extent - load8(first + memberWidth)) | 0);
    return;
  }
  if (isBounded && !fitsImmediate(arithmetic.add, low)) {
    needConst((base + low) | 0);
    return;
  }
  if (low !== 0 && (load8(group + memberFlags) & hasNeighbour) === 0) useAdded(low);
  if (isBounded) needConst(base);
  else countCheckOf(0, extent);
}

function countOffset(offset: i32, width: i32): void {
  if (load32(hasMemory) !== 0 && isThumb2() && offset !== 0 && width <= 4) likeConst((load32(memoryBase) + offset) | 0);
}

/** The check of an index that an access of `width` bytes lies so far behind. */
function countCheckOf(offset: i32, width: i32): void {
  needConst(load32(memoryBase));
  // No index is right where the smallest memory is too small.
  if (!isInside(0, offset, width)) return;
  const last = (load32(lastByte) - checkedReach((offset + width - 1) | 0)) | 0;
  if (load32(isFixed) === 0) {
    const limit = immediateLimit((last + 1) | 0);
    if (limit === 0) return;
    if (fitsImmediate(arithmetic.compare, limit)) shortenByConst(limit);
    else needConst(limit);
  } else if (!fitsImmediate(arithmetic.compare, last) && !fitsImmediate(arithmetic.compare, (last + 1) | 0)) {
    if (isInLoop()) needConstInPart(last, limitCost());
    else needConst(last);
    // Comparisons encode any register equally well.
    forgetMentions(last);
  }
}
