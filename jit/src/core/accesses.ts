/** For every memory access the proof that it will be in bounds, and the constants that the proof needs. */
import { load16, load32, load8, store32 } from '@fireball/wasm';
import { checkedReach, fitsImmediate, immediateLimit, isThumb2, limitCost, staticAnchor } from './costs.js';
import { joinGroup, noteNeighbour } from './groups.js';
import { indexOf } from './instructions.js';
import * as arithmetic from './layout/arithmetic.js';
import { boundedPlan, flagsField, groupPlan, isRare as isRareAccess, memberField, singlePlan, staticField, staticPlan } from './layout/body.js';
import { hasBytes, hasMemory, isFixed, isTrusted, lastByte, memoryBase } from './layout/function.js';
import {
  continuesRun,
  flagsField as memberFlags,
  groupExtent,
  groupIsBounded,
  groupLocal,
  groupLow,
  hasNeighbour,
  isContinued,
  isInLoop as isInLoopFlag,
  memberBytes,
  memberC,
  memberGroup,
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
  shortenByConst,
  weighAs,
} from './weights.js';

/** Does an access of `width` bytes, so far behind the index, which all have no sign, lie inside the smallest memory? */
function isInside(index: i32, offset: i32, width: i32): boolean {
  const first = (index + offset) | 0;
  const last = (first + width - 1) | 0;
  return load32(hasBytes) !== 0 && !isBelow(first, index) && !isBelow(last, first) && !isBelow(load32(lastByte), last);
}

/** Plans the access of an instruction, whose address is a symbol; `isCurrent`: if that names a local, is it unchanged since? */
export function addAccess(record: i32, symbol: i32, isCurrent: boolean, offset: i32, width: i32): void {
  const plan = planAccess(record, symbol, isCurrent, offset, width);
  let flags = plan;
  if (plan === singlePlan) countOffset(offset, width);
  if (!isInLoop() || isRare()) flags |= isRareAccess;
  store32(record + flagsField, load32(record + flagsField) | flags);
  if (plan === groupPlan) noteEvent(record, load32(groupOf(record) + groupLocal));
  store32(accessCount, load32(accessCount) + 1);
  if (load32(hasMemory) !== 0) count(plan, record, offset, width);
  if (plan === singlePlan) settle(symbol);
}

function planAccess(record: i32, symbol: i32, isCurrent: boolean, offset: i32, width: i32): i32 {
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
  const member = isCurrent ? joinGroup(load32(symbol + symbolWord), indexOf(record), c, offset, width, isBounded) : 0;
  if (member !== 0) {
    store32(record + memberField, member);
    return groupPlan;
  }
  if (!isBounded) return singlePlan;
  needConst((base + c + offset) | 0);
  return boundedPlan;
}

/** Group of the member that the access is. */
function groupOf(record: i32): i32 {
  return load32(load32(record + memberField) + memberGroup);
}

function count(plan: i32, record: i32, offset: i32, width: i32): void {
  const base = load32(memoryBase);
  if (plan === staticPlan) {
    // A part of memory that loads do not reach from its base has an anchor of its own.
    needConstFor(base, 1);
    const anchor = staticAnchor((load32(record + staticField) - base) | 0);
    if (anchor !== 0) needConstFor((base + anchor) | 0, 1);
  } else if (plan === singlePlan) countCheckOf(offset, width);
  else if (plan === groupPlan) {
    const group = groupOf(record);
    // Anchors of one local that lie near each other are computed one from the other.
    if (hasOneMember(group)) noteNeighbour(group);
  }
}

/** Counts what all groups need; behind the walk, when their ranges are known. */
export function finishAccesses(): void {
  // Every access names the register of the memory's beginning, should that have one.
  if (load32(accessCount) !== 0) mention(load32(memoryBase), load32(accessCount));
  if (load32(hasMemory) === 0) return;
  const end = load32(keptEnd);
  let weights = load32(memberWeights);
  for (let at = load32(kept); at < end; at = behind(at)) {
    if (!isMemberAt(at)) continue;
    countLoneMember(at, weights);
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
  if (low !== 0 && !fitsImmediate(arithmetic.add, low) && (load8(group + memberFlags) & hasNeighbour) === 0) needConst(low);
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
