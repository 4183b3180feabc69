/**
 * Where code loads and stores by turns, as unrolled loops that copy do, every store ends the groups of accesses that one check covers: those behind it
 * must not trap before it. Such a run needs no more than one quick check all the same: it says whether all accesses of the run are in bounds for certain.
 * Only where it says no, each access is checked on its own, out of line, at its time.
 */
import { allocate, load16, load32, load8, makeArea, store32, take, usedField } from '@fireball/wasm';
import { fitsImmediate, isThumb2 } from '../costs.js';
import { classAt, indexAt, recordOf, operationAt } from '../instructions.js';
import * as layout from '../layout/addresses.js';
import * as arithmetic from '../layout/arithmetic.js';
import { flagsField, isRare, planMask, recordCount, recordStride, singlePlan } from '../layout/body.js';
import * as classes from '../layout/classes.js';
import { aluFamily } from '../layout/families.js';
import { hasMemory, isFixed, lastByte } from '../layout/function.js';
import { groupExtent, groupIsBounded, groupLocal, groupLow, memberIndex } from '../layout/groups.js';
import { behind, firstMemberOf, isMemberAt } from '../members.js';
import { noRoom } from '../layout/masm.js';
import { groupCount, kept, keptEnd } from '../layout/plan.js';
import { i32Const, noReg } from '../layout/select.js';
import { endOfWords, firstWordOf } from '../locals.js';
import { checksJointly } from '../masm/properties.js';
import { refuse } from '../masm/records.js';
import { isBelow } from '../unsigned.js';
import { limitOf } from './bounds-checks.js';
import { at, currentRecord } from './context.js';
import { wordReg } from './entries.js';
import { detail, familyOf } from './families.js';

/** Fewer groups gain nothing. */
const leastMembers: i32 = 4;

/** Finds all runs of the function, by the accesses that begin their groups. */
export function findCheckRuns(): void {
  makeArea(layout.parts);
  if (load32(hasMemory) !== 0 && load32(groupCount) >= leastMembers) findRuns();
  lookAhead(load32(layout.parts));
}

/** The next one is at an address, if there is one. */
function lookAhead(part: i32): void {
  store32(layout.nextPart, part);
  store32(layout.nextRecord, recordOf(part < load32(layout.parts + usedField) ? load32(part + layout.partIndex) : load32(recordCount)));
}

function findRuns(): void {
  newRun();
  let behind = 0;
  for (let group = load32(kept); group < load32(keptEnd); group = nextGroup(group)) {
    const index = load32(firstMemberOf(group) + memberIndex);
    const record = recordOf(index);
    const flags = load32(record + flagsField);
    if (load8(group + groupIsBounded) !== 0) continue;
    pass(behind, index);
    behind = index + 1;
    if ((flags & isRare) !== 0 || wordReg(load32(group + groupLocal)) === noReg) end();
    else add(index, group, pointerOf(group));
    if (classAt(record) === classes.store) store32(layout.hasEffect, 1);
  }
  pass(behind, load32(recordCount));
  end();
}

/** Address of the group behind one, or of what is behind all. */
function nextGroup(group: i32): i32 {
  let at = behind(group);
  while (at < load32(keptEnd) && isMemberAt(at)) at = behind(at);
  return at;
}

/** What stands between accesses that begin groups, up to where nothing more can join the run under construction. */
function pass(from: i32, to: i32): void {
  const behind = recordOf(to);
  for (let record = recordOf(from); record < behind && !isEmpty(); record += recordStride) {
    const kind = classAt(record);
    if (kind === classes.load || kind === classes.store) {
      if ((load32(record + flagsField) & planMask) === singlePlan) end();
      if (kind === classes.store) store32(layout.hasEffect, 1);
    } else if (!isQuiet(kind, record)) end();
    else if (kind === classes.localSet || kind === classes.localTee) writeLocal(indexAt(record));
  }
}

/** Can its code leave flags alone, and has it no effect but on registers? */
function isQuiet(kind: i32, record: i32): boolean {
  switch (kind) {
    case classes.nop:
    case classes.drop:
    case classes.localGet:
    case classes.localSet:
    case classes.localTee:
      return true;
    case classes.constant:
      return operationAt(record) === i32Const;
    case classes.alu:
      return familyOf(record) === aluFamily && detail(record, 0) !== arithmetic.rotr;
    default:
      return false;
  }
}

function newRun(): void {
  const address = allocate(layout.runSize);
  if (address === 0) refuse(noRoom, 0);
  store32(layout.run, address === 0 ? layout.spareRun : address);
  emptyRun();
}

/** The run under construction has no members yet. */
function emptyRun(): void {
  const run = load32(layout.run);
  store32(run + layout.runPointerCount, 0);
  store32(run + layout.runStages, 0);
  store32(run + layout.runFirst, partOffset());
  store32(layout.hasEffect, 1);
}

/** How far behind the beginning of the area the next part will be. */
function partOffset(): i32 {
  return load32(layout.parts + usedField) - load32(layout.parts);
}

/** Number of the run's pointer that covers the group: widened for it, or new, in a new run where the old one has no place for it. */
function pointerOf(group: i32): i32 {
  const word = load32(group + groupLocal);
  const known = findPointer(word);
  if (known >= 0 && widen(pointerAt(known), group)) return known;
  const isFull = known >= 0 || load32(load32(layout.run) + layout.runPointerCount) >= layout.mostPointers;
  if (isFull || ((load32(layout.written) >>> wordReg(word)) & 1) !== 0) end();
  const run = load32(layout.run);
  const number = load32(run + layout.runPointerCount);
  if (number === 0) store32(layout.written, 0);
  store32(run + layout.runPointerCount, number + 1);
  const pointer = pointerAt(number);
  store32(pointer + layout.pointerWord, word);
  store32(pointer + layout.pointerLow, load32(group + groupLow));
  store32(pointer + layout.pointerExtent, load16(group + groupExtent));
  store32(pointer + layout.pointerAscends, 1);
  store32(pointer + layout.pointerMembers, 0);
  return number;
}

function pointerAt(number: i32): i32 {
  return pointerOfRun(load32(layout.run), number);
}

/** Address of a pointer of a run. */
export function pointerOfRun(run: i32, number: i32): i32 {
  return run + layout.runPointers + number * layout.pointerStride;
}

/** Number of the pointer of a local word; -1 where the run has none. */
function findPointer(word: i32): i32 {
  for (let number = load32(load32(layout.run) + layout.runPointerCount) - 1; number >= 0; number--) {
    if (load32(pointerAt(number) + layout.pointerWord) === word) return number;
  }
  return -1;
}

/** Makes a pointer cover the group, if it can. */
function widen(pointer: i32, group: i32): boolean {
  // All load forms reach so far from a pointer.
  const reach = isThumb2() ? 0x1000 : 0x800;
  const before = load32(pointer + layout.pointerLow);
  const other = load32(group + groupLow);
  const low = other < before ? other : before;
  // Both without sign.
  const fromBefore = (before - low) | 0;
  const fromOther = (other - low) | 0;
  if (isBelow(reach, fromBefore) || isBelow(reach, fromOther)) return false;
  const endBefore = fromBefore + load32(pointer + layout.pointerExtent);
  const endOther = fromOther + load16(group + groupExtent);
  const extent = endBefore < endOther ? endOther : endBefore;
  if (extent > reach || (low !== before && !canDescend())) return false;
  if (low !== before) store32(pointer + layout.pointerAscends, 0);
  store32(pointer + layout.pointerLow, low);
  store32(pointer + layout.pointerExtent, extent);
  return true;
}

/** Can any index be checked out of line without a further register? */
function canDescend(): boolean {
  return load32(isFixed) !== 0 && (!checksJointly() || fitsImmediate(arithmetic.compare, (load32(lastByte) + 1) | 0));
}

function add(index: i32, group: i32, number: i32): void {
  const run = load32(layout.run);
  const stages = load32(run + layout.runStages);
  const begins = load32(layout.hasEffect) !== 0 || stages === 0;
  if (begins) {
    store32(run + layout.runStages, stages + 1);
    store32(run + layout.runLast, partOffset());
  }
  store32(layout.hasEffect, 0);
  const members = pointerAt(number) + layout.pointerMembers;
  store32(members, load32(members) + 1);
  const part = take(layout.parts, layout.partStride);
  if (part === 0) {
    refuse(noRoom, 0);
    return;
  }
  store32(part + layout.partIndex, index);
  store32(part + layout.partGroup, group);
  store32(part + layout.partRun, run);
  store32(part + layout.partPointer, number);
  store32(part + layout.partBegins, begins ? 1 : 0);
}

/** The local gets another value. */
function writeLocal(local: i32): void {
  const end = endOfWords(local);
  for (let word = firstWordOf(local); word < end; word++) {
    const reg = wordReg(word);
    if (reg !== noReg) writeReg(reg);
  }
}

function writeReg(reg: i32): void {
  for (let number = load32(load32(layout.run) + layout.runPointerCount) - 1; number >= 0; number--) {
    if (wordReg(load32(pointerAt(number) + layout.pointerWord)) !== reg) continue;
    end();
    break;
  }
  store32(layout.written, load32(layout.written) | (1 << reg));
}

/** Has the run under construction no members yet? What stands in front of it is all one. */
function isEmpty(): boolean {
  return load32(load32(layout.run) + layout.runPointerCount) === 0;
}

/** Nothing more can join the run: it is kept if it is worth it. */
function end(): void {
  if (isEmpty()) return;
  const run = load32(layout.run);
  const limit = limitOf(greatestExtent(run) - 1);
  store32(run + layout.runLimit, limit);
  if (limit !== 0 && isWorthIt(run)) newRun();
  else {
    store32(layout.parts + usedField, load32(layout.parts) + load32(run + layout.runFirst));
    emptyRun();
  }
}

function greatestExtent(run: i32): i32 {
  let greatest = 0;
  for (let number = load32(run + layout.runPointerCount) - 1; number >= 0; number--) {
    const extent = load32(pointerOfRun(run, number) + layout.pointerExtent);
    if (extent > greatest) greatest = extent;
  }
  return greatest;
}

function isWorthIt(run: i32): boolean {
  const members = (partOffset() - load32(run + layout.runFirst)) / layout.partStride;
  const stages = load32(run + layout.runStages);
  const pointers = load32(run + layout.runPointerCount);
  if (members < leastMembers || stages < 2) return false;
  // Each index but the first of a pointer, at least.
  if (!checksJointly()) return members - pointers > 1;
  // Instructions of all checks. Every stage has all pointers in registers, which must not need temporaries.
  if (2 * pointers - 1 + stages > 2 * members - 2) return false;
  for (let number = 0; number < pointers; number++) if (load32(pointerOfRun(run, number) + layout.pointerLow) !== 0) return false;
  return true;
}

/** What the access that is being selected has to do with its run, if it begins a group of one: address of its part; 0 where it does not. */
export function partHere(): i32 {
  return currentRecord() < load32(layout.nextRecord) ? 0 : partFrom(load32(layout.nextPart));
}

/** The same, from a part on that is not behind it. @noinline */
function partFrom(first: i32): i32 {
  const behind = load32(layout.parts + usedField);
  const here = at();
  let part = first;
  while (part < behind && load32(part + layout.partIndex) < here) part += layout.partStride;
  lookAhead(part);
  return load32(layout.nextRecord) === currentRecord() ? part : 0;
}
