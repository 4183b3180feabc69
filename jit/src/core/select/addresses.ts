/**
 * Native addresses of memory accesses: as few additions as the access forms allow. Accesses are numbers of the machine, low word first; the second one is -1
 * where there is none.
 */
import { load16, load32, load8, store32 } from '@fireball/wasm';
import { anchorOf as addressAnchor, constCost, fitsImmediate } from '../costs.js';
import * as layout from '../layout/addresses.js';
import { constantRegs, pinnedCount } from '../layout/allocation.js';
import * as arithmetic from '../layout/arithmetic.js';
import { boundedPlan, flagsField, groupPlan, memberField, memoryOffsetField, planMask, staticField, staticPlan } from '../layout/body.js';
import { splitsMisaligned } from '../layout/environment.js';
import { memoryBase } from '../layout/function.js';
import {
  flagsField as memberFlags,
  groupIsBounded,
  groupLocal,
  groupLow,
  groupPointer,
  isContinued,
  memberBytes,
  memberC,
  memberGroup,
  memberNext,
  memberWidth,
} from '../layout/groups.js';
import { register } from '../layout/machine.js';
import { kept, keptEnd } from '../layout/plan.js';
import { behind, hasOneMember, isMemberAt } from '../members.js';
import {
  entryAmount,
  entryC,
  entryFrom,
  entryKind,
  entryShift,
  entrySource,
  knownC,
  knownValue,
  noHeld,
  noReg,
  shiftEntry,
  sumEntry,
} from '../layout/select.js';
import { alu } from '../masm/arithmetic.js';
import { greatestOffset, leastOffset, offsetOf } from '../masm/memory.js';
import { isIndexed, isSplit } from '../masm/properties.js';
import { isBelow } from '../unsigned.js';
import { check, checkable, checkTogether, forgetThunks, trapOutOfBounds } from './bounds-checks.js';
import { findCheckRuns, partHere, pointerOfRun } from './check-runs.js';
import { findPinned, isConstantIn, isSumOf, isWorthKeeping, knownCount, knownRow, mayHaveSum, registerIn, setSum } from './contents.js';
import { copyOf, sumEntryOf } from './entries.js';
import { owned, regOf } from './held.js';
import { checkStage, holdPointer } from './joint-checks.js';
import { findConst, hold, holdConst, holdLocal, holdSumOfConst, release, releaseEntry, takeTemp } from './state.js';
import { addPointer, hasTemp, share, takePointer } from './temporaries.js';

/** What a group's pointer is before its first access. */
const notMet: i32 = -2;
/** Distances that no access reaches. */
const tooFar: i32 = 0x7fff_ff00;

/** Begins a function: finds runs of accesses that one check covers, and forgets what another selection of the same function has left behind. */
export function beginAddresses(): void {
  const end = load32(keptEnd);
  for (let at = load32(kept); at < end; at = behind(at)) if (!isMemberAt(at)) store32(at + groupPointer, notMet);
  store32(layout.reachOf, 0);
  forgetThunks();
  findCheckRuns();
}

/** Bytes of a single access. */
export function widthOf(access: i32): i32 {
  return 1 << ((access >> 1) & 3);
}

/** Finds the address of the access that is being selected, whose record is given; consumes its operand. */
export function locate(record: i32, entry: i32, first: i32, second: i32): void {
  begin(first, second);
  const plan = load32(record + flagsField) & planMask;
  store32(layout.isLocated, plan === staticPlan ? 1 : 0);
  if (plan === staticPlan) {
    store32(layout.locatedAddress, load32(record + staticField));
    locateStatic(load32(record + staticField));
  } else if (plan === groupPlan) {
    const member = load32(record + memberField);
    const group = load32(member + memberGroup);
    if (load8(group + groupIsBounded) !== 0 && hasOneMember(group)) locateAlone(member, group, entry);
    else locateInGroup(member, group, entry);
  } else if (plan === boundedPlan) locateBounded(entry, load32(record + memoryOffsetField));
  else locateSingle(entry, load32(record + memoryOffsetField), first, second);
}

/** The access is at base + offset. */
function atOffset(base: i32, offset: i32, held: i32): void {
  store32(layout.locatedBase, base);
  store32(layout.locatedIndex, noReg);
  store32(layout.locatedOffset, offset);
  store32(layout.locatedHeld, held);
  store32(layout.locatedHeld2, noHeld);
}

/** The access is at base + (index << shift), both of which are held. */
function atIndex(base: i32, index: i32, shift: i32): void {
  store32(layout.locatedBase, regOf(base));
  store32(layout.locatedIndex, regOf(index));
  store32(layout.locatedShift, shift);
  store32(layout.locatedHeld, base);
  store32(layout.locatedHeld2, index);
}

/** Releases what the access holds. */
export function releaseLocated(): void {
  if (load32(layout.locatedHeld) !== noHeld) release(load32(layout.locatedHeld));
  if (load32(layout.locatedHeld2) !== noHeld) release(load32(layout.locatedHeld2));
}

/** Finds which offsets every word of the access reaches, and whether it can be at base + index. */
function begin(first: i32, second: i32): void {
  // Most are of the same size as the one before.
  const widths = (second << 8) | (first & -2);
  if (widths !== load32(layout.reachOf)) findReach(first, second, widths);
}

/** @noinline */
function findReach(first: i32, second: i32, widths: i32): void {
  store32(layout.reachOf, widths);
  const behindFirst = lastByte(first);
  const behind = second < 0 ? behindFirst : 4 + lastByte(second);
  store32(layout.mostOffset, greatestOffset() - (behind < behindFirst ? behindFirst : behind));
  store32(layout.leastOffset, leastOffset() - behindFirst);
  store32(layout.mayIndex, isIndexed() && second < 0 ? 1 : 0);
}

function mayIndex(): boolean {
  return load32(layout.mayIndex) !== 0;
}

/** Own check: index < limit, with the exact check out of line. */
function locateSingle(entry: i32, offset: i32, first: i32, second: i32): void {
  const index = checkable(hold(entry));
  const reach = (offset + (second < 0 ? widthOf(first) : widthOf(first) + widthOf(second)) - 1) | 0;
  if (isBelow(reach, offset)) trapOutOfBounds();
  else check(regOf(index), reach, 0);
  addressOf(index, (load32(memoryBase) + offset) | 0, distanceOf(0, offset));
}

/** c + an offset without sign; `tooFar` where that is no number of 32 bits with sign. */
function distanceOf(c: i32, offset: i32): i32 {
  const sum = (c + offset) | 0;
  const fits = offset >= 0 ? c <= 0 || sum >= 0 : c < 0 && sum >= 0;
  return fits ? sum : tooFar;
}

/** Does every word of the access reach from this offset? */
function reaches(offset: i32): boolean {
  return offset >= load32(layout.leastOffset) && offset <= load32(layout.mostOffset);
}

/** How far bytes of a split access lie behind its address. */
function lastByte(access: i32): i32 {
  return isSplit() && load32(splitsMisaligned) !== 0 ? widthOf(access) - 1 : 0;
}

function locateStatic(address: i32): void {
  if (locateNear(address) || locateFromBase((address - load32(memoryBase)) | 0)) return;
  const offset = offsetOf(address);
  const isReached = reaches(offset);
  const held = holdConst(isReached ? addressAnchor(address) : address);
  atOffset(regOf(held), isReached ? offset : 0, held);
}

/** From the constant in a register, a temporary or not, from which the address is the nearest step that the access reaches; false where there is none. */
function locateNear(address: i32): boolean {
  let found = noReg;
  let isTemp = false;
  let best = 0;
  const end = load32(constantRegs) + (load32(pinnedCount) << 3);
  for (let pair = load32(constantRegs); pair < end; pair += 8) {
    const step = stepFrom(load32(pair), address);
    if (!reaches(step) || (found !== noReg && magnitude(step) >= magnitude(best))) continue;
    found = load32(pair + 4);
    best = step;
  }
  const count = knownCount();
  for (let index = 0; index < count; index++) {
    const row = knownRow(index);
    if (!isConstantIn(row)) continue;
    const step = stepFrom(load32(row + knownValue), address);
    if (!reaches(step) || (found !== noReg && magnitude(step) >= magnitude(best))) continue;
    found = registerIn(row);
    isTemp = true;
    best = step;
  }
  if (found === noReg) return false;
  atOffset(found, best, isTemp ? share(found) : found);
  return true;
}

/** From one address to another, neither of which has a sign; `tooFar` where that is no number of 32 bits with sign. */
function stepFrom(from: i32, to: i32): i32 {
  const step = (to - from) | 0;
  return isBelow(to, from) === step < 0 ? step : tooFar;
}

function magnitude(step: i32): i32 {
  return step < 0 ? -step : step;
}

/** One addition to the memory base, where that is in a register; neighbours then share the anchor. The first alignment leaves offsets that 16-bit loads reach, the second any offset. */
function locateFromBase(distance: i32): boolean {
  const pinned = findPinned(load32(memoryBase));
  return pinned !== noReg && (locateFromAnchor(pinned, distance, 0x7f) || locateFromAnchor(pinned, distance, 0xfff));
}

function locateFromAnchor(base: i32, distance: i32, mask: i32): boolean {
  const offset = distance & mask;
  const anchor = distance - offset;
  if (!fitsImmediate(arithmetic.add, anchor) || !reaches(offset)) return false;
  const held = holdSumOfConst(base, anchor, (load32(memoryBase) + anchor) | 0);
  atOffset(regOf(held), offset, held);
  return true;
}

/** An address that cannot leave the minimal memory: operand + base + offset, no check. */
function locateBounded(entry: i32, offset: i32): void {
  const base = load32(memoryBase);
  const kind = load8(entry + entryKind);
  const isSum = kind === sumEntry || kind === shiftEntry;
  const c = isSum ? load32(entry + entryC) : 0;
  if (mayIndex() && kind === shiftEntry && load8(entry + entryShift) === arithmetic.shl && load32(entry + entryAmount) <= 3) {
    const shift = load32(entry + entryAmount);
    const scaled = hold(sumEntryOf(load8(entry + entryFrom), load32(entry + entrySource), 0, false));
    atIndex(holdConst((base + c + offset) | 0), scaled, shift);
    return;
  }
  const plain = copyOf(entry);
  if (isSum) store32(plain + entryC, 0);
  addressOf(hold(plain), (base + c + offset) | 0, distanceOf(c, offset));
}

/** The only access of a group that needs no check: local + constant. */
function locateAlone(member: i32, group: i32, entry: i32): void {
  releaseEntry(entry);
  const c = load32(member + memberC);
  const offset = memberOffset(member);
  addressOf(holdLocal(load32(group + groupLocal), 0), (load32(memoryBase) + c + offset) | 0, distanceOf(c, offset));
}

/** index + native constant `target`, where target = memory base + distance. One register add, or an indexed access where the target has one. */
function addressOf(index: i32, target: i32, distance: i32): void {
  const base = load32(memoryBase);
  const exact = findConst(target);
  if (exact !== noHeld && mayIndex()) {
    atIndex(exact, index, 0);
    return;
  }
  let anchor = target;
  let offset = 0;
  if (exact !== noHeld) release(exact);
  else {
    const baseReg = findConst(base);
    const split = offsetOf(target);
    if (reaches(distance) && (baseReg !== noHeld || constCost(base) < constCost(target))) {
      anchor = base;
      offset = distance;
    } else if (split !== 0 && reaches(split)) {
      anchor = addressAnchor(target);
      offset = split;
    }
    if (baseReg !== noHeld) release(baseReg);
  }
  const constant = holdConst(anchor);
  if (offset === 0 && mayIndex()) {
    atIndex(constant, index, 0);
    return;
  }
  const pointer = sumOf(constant, index);
  atOffset(pointer, offset, owned(pointer));
}

/** constant + index in a temporary; consumes both. */
function sumOf(constant: i32, index: i32): i32 {
  release(constant);
  release(index);
  const reg = takeTemp(isWorthKeeping(regOf(index)) ? noReg : regOf(index));
  alu(arithmetic.add, reg, regOf(index), register, regOf(constant), false);
  return reg;
}

/** The offset of an access. */
function memberOffset(member: i32): i32 {
  return load16(member + memberBytes) - load8(member + memberWidth);
}

/** One check and one native pointer for several accesses. */
function locateInGroup(member: i32, group: i32, entry: i32): void {
  releaseEntry(entry);
  const part = partHere();
  if (part !== 0) checkStage(part);
  const isFollowed = load32(member + memberNext) !== 0;
  const endsRun = (load8(member + memberFlags) & isContinued) === 0;
  const low = load32(group + groupLow);
  const delta = load32(member + memberC) - low + memberOffset(member);
  const pointer = load32(group + groupPointer);
  if (pointer >= 0) {
    atOffset(pointer, delta, endsRun ? takePointer(group + groupPointer) : share(pointer));
    return;
  }
  store32(group + groupPointer, noReg);
  const isFirst = pointer === notMet && part === 0;
  const anchor = isFirst && load8(group + groupIsBounded) === 0 ? checkedAnchor(group) : noHeld;
  const target = (load32(memoryBase) + low + delta) | 0;
  if (locateByPointer(load32(group + groupLocal), target)) {
    if (anchor !== noHeld) release(anchor);
    return;
  }
  if (part !== 0 && locateInRun(part, target)) return;
  const place = placeOf(group);
  const index = anchor === noHeld ? holdLocal(load32(group + groupLocal), low - place) : anchor;
  if (endsRun || !reaches(delta)) locateLast(group, index, place, target, delta, isFollowed);
  else locateByGroup(group, index, place, delta, isFollowed);
}

/** How much of its distance from the local a group leaves to the place in memory that a pointer starts from: nothing where a check has the sum in a register. */
function placeOf(group: i32): i32 {
  const low = load32(group + groupLow);
  return load8(group + groupIsBounded) === 0 || fitsImmediate(arithmetic.add, low) ? 0 : low;
}

/** From a temporary that holds the local's value + something from where the access reaches; false where there is none. */
function locateByPointer(word: i32, target: i32): boolean {
  return mayHaveSum(word) && locateBySum(word, target);
}

/** @noinline */
function locateBySum(word: i32, target: i32): boolean {
  const count = knownCount();
  for (let index = 0; index < count; index++) {
    const row = knownRow(index);
    if (!isSumOf(row, word)) continue;
    const distance = (target - load32(row + knownC)) | 0;
    if (!reaches(distance)) continue;
    const reg = registerIn(row);
    atOffset(reg, distance, share(reg));
    return true;
  }
  return false;
}

/** From the pointer of several groups of a run; false where the group has its own. @noinline */
function locateInRun(part: i32, target: i32): boolean {
  const pointer = pointerOfRun(load32(part + layout.partRun), load32(part + layout.partPointer));
  if (load32(pointer + layout.pointerMembers) < 2) return false;
  const base = holdPointer(pointer);
  atOffset(regOf(base), (target - load32(memoryBase) - load32(pointer + layout.pointerLow)) | 0, base);
  return true;
}

/** No pointer is kept for the group, unless one comes about. */
function locateLast(group: i32, index: i32, place: i32, target: i32, delta: i32, again: boolean): void {
  addressOf(index, (load32(memoryBase) + place + delta) | 0, distanceOf(place, delta));
  const base = load32(layout.locatedBase);
  if (load32(layout.locatedIndex) === noReg && hasTemp(base)) {
    setSum(base, load32(group + groupLocal), (target - load32(layout.locatedOffset)) | 0, again);
  }
}

/** From a pointer that the group keeps. */
function locateByGroup(group: i32, index: i32, place: i32, delta: i32, again: boolean): void {
  const base = load32(memoryBase);
  const sum = sumOf(holdConst((base + place) | 0), index);
  setSum(sum, load32(group + groupLocal), (base + load32(group + groupLow)) | 0, again);
  addPointer(sum, group + groupPointer);
  atOffset(sum, delta, share(sum));
}

/** local + low in a register, checked. */
function checkedAnchor(group: i32): i32 {
  const held = holdLocal(load32(group + groupLocal), load32(group + groupLow));
  checkTogether(regOf(held), group);
  return held;
}
