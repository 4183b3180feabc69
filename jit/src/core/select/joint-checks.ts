/** Bounds checks of runs (check-runs.ts): one comparison in front, a branch or a few at each stage, the exact checks out of line. */
import { load32, store32, usedField } from '@fireball/wasm';
import { recordOf } from '../instructions.js';
import * as layout from '../layout/addresses.js';
import * as arithmetic from '../layout/arithmetic.js';
import { offsetField } from '../layout/body.js';
import { isFixed, memoryBase } from '../layout/function.js';
import { register } from '../layout/machine.js';
import { deferredWords, noHeld, noReg, stageCheck, wordSource } from '../layout/select.js';
import { alu } from '../masm/arithmetic.js';
import { attribute, bindLabel, newLabel } from '../masm/assembly.js';
import { bind, boundsCheck, branchJointly, compareJointly, holdJointly, jump, releaseJointly } from '../masm/conditions.js';
import { checksJointly } from '../masm/properties.js';
import { checkAscending, checkSum } from './bounds-checks.js';
import { pointerOfRun } from './check-runs.js';
import { setSum } from './contents.js';
import { defer } from './context.js';
import { sumEntryOf } from './entries.js';
import { isOwned, owned, regOf } from './held.js';
import { hold, holdConst, release, takeTemp } from './state.js';
import { addPointer, isCached, takeReg } from './temporaries.js';

/** Of a stage's checks out of line: the labels where they begin, and where they are left; its first part, and is it the last stage; registers of the run's pointers. */
const slowWord = deferredWords;
const fineWord = deferredWords + 4;
const partWord = deferredWords + 8;
const isLastWord = deferredWords + 12;
const registerWords = deferredWords + 16;

/** In front of the access that begins a group of the run: behind this, all accesses of the stage are proved to be in bounds. */
export function checkStage(part: i32): void {
  if (load32(part + layout.partBegins) === 0) return;
  const run = load32(part + layout.partRun);
  const count = load32(run + layout.runPointerCount);
  holdPointers(part, run, count);
  const slow = newLabel();
  // Nothing else is deferred up to there.
  const row = defer(stageCheck);
  for (let number = 0; number < count; number++) store32(row + registerWords + (number << 2), regOf(heldOf(number)));
  const offset = part - load32(layout.parts);
  const isFirst = offset === load32(run + layout.runFirst);
  const isLast = offset === load32(run + layout.runLast);
  if (checksJointly()) {
    if (isFirst) compareJointly(row + registerWords, count, load32(run + layout.runLimit));
    branchJointly(slow);
    if (isFirst) holdJointly();
    if (isLast) releaseJointly();
  } else checkPointers(count, load32(run + layout.runLimit), isFirst, slow);
  const fine = newLabel();
  bindLabel(fine);
  store32(row + slowWord, slow);
  store32(row + fineWord, fine);
  store32(row + partWord, part);
  store32(row + isLastWord, isLast ? 1 : 0);
  for (let number = 0; number < count; number++) if (heldOf(number) !== noHeld) release(heldOf(number));
}

function heldOf(number: i32): i32 {
  return load32(layout.stageHeld + (number << 2));
}

/** The pointers that the stage checks, in registers: all of them where that costs no more. */
function holdPointers(part: i32, run: i32, count: i32): void {
  for (let number = 0; number < count; number++) {
    const held = checksJointly() || isInStage(part, number) ? anchorOf(pointerOfRun(run, number)) : noHeld;
    store32(layout.stageHeld + (number << 2), held);
  }
}

/** Does a group of the pointer begin in the stage? */
function isInStage(first: i32, number: i32): boolean {
  const end = endOfStage(first);
  for (let part = first; part < end; part += layout.partStride) if (load32(part + layout.partPointer) === number) return true;
  return false;
}

/** Address behind the parts of the stage. */
function endOfStage(first: i32): i32 {
  const end = load32(layout.parts + usedField);
  let part = first + layout.partStride;
  while (part < end && load32(part + layout.partBegins) === 0) part += layout.partStride;
  return part;
}

function checkPointers(count: i32, value: i32, isFirst: boolean, slow: i32): void {
  const limit = holdConst(value);
  if (isFirst) keep(limit);
  for (let number = 0; number < count; number++) if (heldOf(number) !== noHeld) boundsCheck(regOf(heldOf(number)), register, regOf(limit), slow);
  release(limit);
}

/** Places the exact checks of a stage. */
export function emitStageCheck(row: i32): void {
  bind(load32(row + slowWord));
  const first = load32(row + partWord);
  const run = load32(first + layout.partRun);
  const end = endOfStage(first);
  let isKnown = false;
  let inScratch = 0;
  for (let part = first; part < end; part += layout.partStride) {
    attribute(load32(recordOf(load32(part + layout.partIndex)) + offsetField));
    const number = load32(part + layout.partPointer);
    const pointer = pointerOfRun(run, number);
    const reg = load32(row + registerWords + (number << 2));
    const low = load32(pointer + layout.pointerLow);
    const group = load32(part + layout.partGroup);
    const ascends = load32(pointer + layout.pointerAscends) !== 0;
    if (ascends) inScratch = checkAscending(reg, low, group, isKnown, inScratch);
    else checkSum(reg, low, group);
    isKnown = ascends && load32(isFixed) !== 0;
  }
  if (load32(row + isLastWord) === 0 && checksJointly()) {
    compareJointly(row + registerWords, load32(run + layout.runPointerCount), load32(run + layout.runLimit));
  }
  jump(load32(row + fineWord));
}

/** Local + low of a run's pointer in a register. */
function anchorOf(pointer: i32): i32 {
  const anchor = holdLow(pointer);
  keep(anchor);
  return anchor;
}

function holdLow(pointer: i32): i32 {
  return hold(sumEntryOf(wordSource, load32(pointer + layout.pointerWord), load32(pointer + layout.pointerLow), false));
}

/** A temporary that is wanted again: others are taken first. */
function keep(held: i32): void {
  const reg = regOf(held);
  if (!isOwned(held) || isCached(reg)) return;
  takeReg(reg);
  addPointer(reg, 0);
}

/** Native address of a run's pointer, from which its accesses are reached. */
export function holdPointer(pointer: i32): i32 {
  const memory = holdConst(load32(memoryBase));
  const anchor = holdLow(pointer);
  release(memory);
  release(anchor);
  const reg = takeTemp(noReg);
  alu(arithmetic.add, reg, regOf(anchor), register, regOf(memory), false);
  setSum(reg, load32(pointer + layout.pointerWord), (load32(memoryBase) + load32(pointer + layout.pointerLow)) | 0, true);
  keep(owned(reg));
  return owned(reg);
}
