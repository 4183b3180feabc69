/**
 * The abstract machine of one function: operand stack, temporaries, home slots. Every register is either a local's, a constant's, owned by one stack entry, held
 * by the operation in progress, or free.
 */
import { allocate, leadingZeros, load32, load8, makeArea, makeAreaIn, store32 } from '@fireball/wasm';
import { constCost, fitsImmediate } from '../costs.js';
import { constantRegCount, constantRegs, savedRegCount, savedRegs, tempRegCount, tempRegs } from '../layout/allocation.js';
import { wordCount } from '../layout/analyses.js';
import * as arithmetic from '../layout/arithmetic.js';
import { immediate, register } from '../layout/machine.js';
import {
  cachedPointers,
  claimedRegs,
  clobberedCount,
  clobberedWords,
  constEntry,
  entryAmount,
  entryC,
  entryFrom,
  entryKind,
  entryShift,
  entrySource,
  firstWordsIn,
  floatList,
  floatShares,
  inFlagsLocal,
  internalError,
  knownSet,
  linkReg,
  loopDepth,
  moves,
  nextEntry,
  nextWords,
  noHeld,
  noReg,
  nothingKnown,
  nothingToSpill,
  orderedTemps,
  outcome,
  overwritten,
  ownedSet,
  owningList,
  ownSource,
  pendingCount,
  productEntry,
  resultInUse,
  savedInUse,
  savedRoles,
  selected,
  sharedSet,
  tempCount,
  tempOrder,
  tempSet,
  worthSet,
  zeroReg,
} from '../layout/select.js';
import { movesRoom, openBlocksRoom } from '../layout/rooms.js';
import { alu, loadConst, move } from '../masm/arithmetic.js';
import { useLink } from '../masm/calls.js';
import { loadSlot } from '../masm/memory.js';
import { spreadsResults } from '../masm/properties.js';
import { argumentRegister, linkRole, savedCount, savedRegisterAt, savedRegisters, zeroRegister } from '../masm/roles.js';
import { addConst, compute, isHomeWord, sourceReg } from './computing.js';
import {
  beginPinned,
  findConstTemp,
  findNear,
  findPinned,
  findSum,
  forget,
  forgetAll,
  forgetAllBut,
  forgetSums,
  foundC,
  nearDistance,
  restoreKnown,
  setConstant,
  setSum,
} from './contents.js';
import { beginContext } from './context.js';
import { isConst, ownedBy, wordReg } from './entries.js';
import { failInternally, outOfMemory, outOfRegisters } from './failure.js';
import { forgetFloats, forgetFloatsOf, takeFreeFloat } from './float-file.js';
import { fixedHead, fromBits, highHead, kindBits, ownHead, wordHead } from './heads.js';
import { isOwned, owned, regOf } from './held.js';
import { beginHomes, localHome, shift } from './homes.js';
import { beginStack, entryAt, firstIn, nextIn, pushEntry, replaceByReg } from './operand-stack.js';
import { release, releaseEntry } from './releasing.js';
import { spill } from './stack-homes.js';
import { addTemp, dropAllPointers, dropOldestPointer, dropReg, hasPointers, hasTemp, isExclusive, isFree, share, takeReg } from './temporaries.js';

export { addConst, compute, isHome, isHomeWord, sourceReg, usesScratch } from './computing.js';
export { release, releaseEntry, truncate } from './releasing.js';
export { stackHome } from './stack-homes.js';

const registerCount: i32 = 32;

/** Begins a function whose registers are allocated, once `beginAssembly` has begun it. */
export function beginState(): void {
  store32(outcome, selected);
  store32(internalError, 0);
  store32(loopDepth, 0);
  store32(nextEntry, 0);
  store32(overwritten, 0);
  store32(pendingCount, 0);
  store32(inFlagsLocal, -1);
  store32(nothingKnown, 0);
  forgetAll();
  beginPinned();
  forgetFloats();
  makeArea(cachedPointers);
  makeAreaIn(moves, movesRoom, openBlocksRoom);
  beginContext();
  beginHomes();
  beginStack();
  beginRegisters();
  beginWords();
}

function beginRegisters(): void {
  store32(zeroReg, zeroRegister());
  store32(linkReg, linkRole());
  store32(savedRoles, savedRegisters());
  store32(ownedSet, 0);
  store32(sharedSet, 0);
  // Two registers at once, the last word first: what is below it needs no bounds check then.
  for (let at = floatShares; at < floatShares + (registerCount << 2); at += 8) {
    store32(at + (firstWordsIn - floatShares + 4), -1);
    store32(at + (firstWordsIn - floatShares), -1);
    store32(at + 4, 0);
    store32(at, 0);
  }
  store32(tempSet, 0);
  store32(orderedTemps, 0);
  store32(tempCount, 0);
  const temps = load32(tempRegs);
  for (let index = 0; index < load32(tempRegCount); index++) addTemp(load32(temps + (index << 2)));
  let saved = 0;
  const registers = load32(savedRegs);
  for (let index = 0; index < load32(savedRegCount); index++) saved |= 1 << load32(registers + (index << 2));
  store32(savedInUse, saved);
}

/** Finds which words live in which registers. */
function beginWords(): void {
  const count = load32(wordCount);
  const behind = allocate(count << 2);
  const clobbered = allocate(count << 2);
  store32(nextWords, behind);
  store32(clobberedWords, clobbered);
  store32(clobberedCount, 0);
  if (behind === 0 || clobbered === 0) {
    outOfMemory();
    return;
  }
  let usesLink = load32(linkReg) >= 0 && ((load32(savedInUse) >>> load32(linkReg)) & 1) !== 0;
  const saved = load32(savedRoles);
  // From the last one on, so that words are in their order.
  for (let word = count - 1; word >= 0; word--) {
    const reg = wordReg(word);
    if (reg === noReg) continue;
    store32(behind + (word << 2), load32(firstWordsIn + (reg << 2)));
    store32(firstWordsIn + (reg << 2), word);
    if (reg === load32(linkReg)) usesLink = true;
  }
  // Constants too: where nothing is called after all, nobody else saves it.
  const constants = load32(constantRegs);
  const end = constants + (load32(constantRegCount) << 3);
  for (let pair = constants; pair < end; pair += 8) if (load32(pair + 4) === load32(linkReg)) usesLink = true;
  let into = clobbered;
  for (let word = 0; word < count; word++) {
    const reg = wordReg(word);
    if (reg === noReg || ((saved >>> reg) & 1) !== 0) continue;
    store32(into, word);
    into += 4;
  }
  store32(clobberedCount, (into - clobbered) >> 2);
  if (usesLink) useLink();
}

// --- registers ----------------------------------------------------------------------------

/** A temporary to write, owned by the caller. `prefer` is taken where it is free; -1: any. */
export function takeTemp(prefer: i32): i32 {
  const free = freeTemp(prefer);
  const reg = free === noReg ? tempOfAnother(prefer) : free;
  if (reg === load32(linkReg)) useLink();
  forget(reg);
  return takeReg(reg);
}

/** A temporary that somebody gives up. @noinline */
function tempOfAnother(prefer: i32): i32 {
  while (makeRoom()) {
    const reg = freeTemp(prefer);
    if (reg !== noReg) return reg;
  }
  outOfRegisters();
  return savedRegisterAt(0);
}

/** A free temporary, the first of those whose contents are worth least, or the preferred one where that is no worse; -1 where none is free. */
function freeTemp(prefer: i32): i32 {
  const free = load32(tempSet) & ~load32(ownedSet);
  const unknown = spreadsResults() ? free & ~load32(knownSet) : 0;
  let preferred = unknown !== 0 ? unknown : free;
  if (prefer >= 0) {
    if (((preferred >>> prefer) & 1) !== 0) return prefer;
  }
  if (unknown === 0) {
    const cheap = free & ~load32(worthSet);
    if (cheap !== 0) preferred = cheap;
  }
  return firstOf(preferred);
}

/** Returns false where nobody can give up a register. */
function makeRoom(): boolean {
  const fresh = freshSaved();
  // Saving one more register costs little beside computing a pointer anew in every turn of a loop.
  const spares = fresh !== noReg && load32(loopDepth) > 0 && hasPointers();
  if (!spares && (dropOldestPointer() || settleProducts())) return true;
  if (fresh !== noReg) {
    store32(savedInUse, load32(savedInUse) | (1 << fresh));
    addTemp(fresh);
    return true;
  }
  const position = firstIn(owningList);
  if (position < 0) return false;
  spill(position);
  return true;
}

/** The temporary of a set that comes first in order of preference; -1 where it is empty. */
function firstOf(set: i32): i32 {
  if (set === 0) return noReg;
  const ordered = set & load32(orderedTemps);
  if (ordered !== 0) return 31 - leadingZeros(ordered);
  let at = tempOrder;
  while ((load32(at) & set) === 0) at += 4;
  return 31 - leadingZeros(load32(at));
}

/** A callee-saved register that the function does not use yet; -1. */
function freshSaved(): i32 {
  const inUse = load32(savedInUse);
  const count = savedCount();
  for (let index = 0; index < count; index++) {
    const reg = savedRegisterAt(index);
    if (((inUse >>> reg) & 1) === 0) return reg;
  }
  return noReg;
}

/** Pending products hold two registers; computed, they hold one. */
function settleProducts(): boolean {
  let freed = false;
  for (let position = firstIn(owningList); position >= 0;) {
    const next = nextIn(owningList, position);
    if (load8(entryAt(position) + entryKind) === productEntry && settleProduct(position)) freed = true;
    position = next;
  }
  return freed;
}

/** Computes the product at a position, if it has a register for that; returns whether another one is free now. */
function settleProduct(position: i32): boolean {
  const entry = entryAt(position);
  const target = ownedBy(entry);
  if (!isExclusive(target)) return false;
  const from = load8(entry + entryFrom);
  const second = load8(entry + entryShift);
  const other = load32(entry + entryAmount);
  forget(target);
  alu(arithmetic.mul, target, sourceReg(from, load32(entry + entrySource)), register, sourceReg(second, other), false);
  const frees = from === ownSource && second === ownSource;
  if (frees) dropReg(other);
  replaceByReg(position, target);
  return frees;
}

/** A floating-point register to write, owned by the caller. */
export function allocateFloat(): i32 {
  let float = takeFreeFloat();
  while (float === noReg) {
    const position = firstIn(floatList);
    if (position < 0) {
      failInternally(nothingToSpill);
      return 0;
    }
    spill(position);
    float = takeFreeFloat();
  }
  return float;
}

/**
 * Takes over the first of the registers in which arguments and results arrive. Where one is the register of a local (which no call preserves, so its value is
 * not needed), the result moves to a temporary.
 */
export function claimResults(count: i32): void {
  for (let index = 0; index < count; index++) {
    const reg = argumentRegister(index);
    const isOwn = hasTemp(reg);
    store32(claimedRegs + (index << 2), isOwn ? reg : noReg);
    if (!isOwn) continue;
    if (!isFree(reg)) failInternally(resultInUse);
    forget(reg);
    takeReg(reg);
  }
  for (let index = 0; index < count; index++) {
    if (claimed(index) !== noReg) continue;
    const temp = takeTemp(noReg);
    move(temp, argumentRegister(index));
    store32(claimedRegs + (index << 2), temp);
  }
}

/** Where the result is that has been claimed. */
export function claimed(index: i32): i32 {
  return load32(claimedRegs + (index << 2));
}

// --- what is known ------------------------------------------------------------------------

/** Control comes from places that are not known yet: so are cached contents. */
export function forgetTemps(): void {
  forgetAll();
  forgetFloats();
  dropAllPointers();
}

/** A callee wrote the caller-saved registers. */
export function forgetCallerSaved(): void {
  forgetAllBut(load32(savedRoles));
  forgetFloats();
  dropAllPointers();
}

/** Paths meet on which this is known. */
export function continueWith(snapshot: i32): void {
  forgetFloats();
  dropAllPointers();
  restoreKnown(snapshot);
}

/** A local was written: cached values of it are old. */
export function forgetWord(word: i32): void {
  forgetFloatsOf(word);
  forgetSums(word);
}

/** Tells that `reg`, if it is a temporary, now holds a copy of the local. */
export function remember(reg: i32, word: i32): void {
  if (hasTemp(reg)) setSum(reg, word, 0, false);
}

/** The first of the local words that share a register with `word`, and the one behind another one; -1. One in memory is alone. */
export function firstWordAt(word: i32): i32 {
  const reg = wordReg(word);
  return reg === noReg ? word : load32(firstWordsIn + (reg << 2));
}

export function nextWordAt(word: i32): i32 {
  return isHomeWord(word) ? -1 : load32(load32(nextWords) + (word << 2));
}

// --- reading operands ---------------------------------------------------------------------

/** The value of a local in memory, loaded into a temporary. */
function holdHome(word: i32): i32 {
  const known = findSum(word, 0);
  if (known !== noReg && foundC() === 0) return share(known);
  const temp = takeTemp(noReg);
  loadSlot(temp, localHome(word) + shift());
  setSum(temp, word, 0, false);
  return owned(temp);
}

/** A local's word + c in a register for reading. */
export function holdLocal(word: i32, c: i32): i32 {
  return c !== 0 ? holdSum(word, c) : holdWord(word);
}

/** The local's register, or its value in a temporary. */
function holdWord(word: i32): i32 {
  const reg = wordReg(word);
  return reg === noReg ? holdHome(word) : reg;
}

/** A register that already holds the constant; -1. */
export function findConst(value: i32): i32 {
  const pinned = findPinned(value);
  if (pinned !== noReg) return pinned;
  const temp = findConstTemp(value);
  return temp === noReg ? noHeld : share(temp);
}

/** A temporary for the constant `value`, which is the one in `reg` and `distance` more. */
export function holdSumOfConst(reg: i32, distance: i32, value: i32): i32 {
  const temp = takeTemp(noReg);
  alu(arithmetic.add, temp, reg, immediate, distance, false);
  setConstant(temp, value);
  return owned(temp);
}

export function holdConst(value: i32): i32 {
  const found = findConst(value);
  if (found !== noHeld) return found;
  const reg = takeTemp(noReg);
  const near = constCost(value) > 1 ? findNear(value) : noReg;
  if (near === noReg) loadConst(reg, value);
  else alu(arithmetic.add, reg, near, immediate, nearDistance(), false);
  setConstant(reg, value);
  return owned(reg);
}

/** Consumes an entry: its value in a register for reading. */
export function hold(entry: i32): i32 {
  const c = load32(entry + entryC);
  const source = load32(entry + entrySource);
  const head = load32(entry) & (kindBits | fromBits);
  if (head === wordHead) return holdLocal(source, c);
  if (head === constEntry) return holdConst(c);
  if (c === 0) {
    if (head === ownHead) return owned(source);
    if (head === fixedHead) return source;
  }
  const reusable = ownedBy(entry);
  if (reusable !== noReg && isExclusive(reusable)) {
    // The last reader may overwrite its operand.
    takeReg(reusable);
    evaluate(entry, reusable);
    return owned(reusable);
  }
  const reg = takeTemp(noReg);
  evaluate(entry, reg);
  return owned(reg);
}

/** Consumes an entry: its value in a temporary that the caller may overwrite. */
export function holdOwn(entry: i32): i32 {
  const held = hold(entry);
  if (isOwned(held) && isExclusive(regOf(held))) {
    forget(regOf(held));
    return regOf(held);
  }
  const reg = takeTemp(noReg);
  move(reg, regOf(held));
  release(held);
  return reg;
}

/** Local word + c in a register, from the nearest value that is at hand. */
function holdSum(word: i32, c: i32): i32 {
  const known = findSum(word, c);
  const knownC = foundC();
  if (known !== noReg && knownC === c) return share(known);
  const usesKnown = known !== noReg && (isHomeWord(word) || !fitsImmediate(arithmetic.add, c));
  const from = usesKnown ? share(known) : holdWord(word);
  const reg = takeTemp(noReg);
  addConst(reg, regOf(from), usesKnown ? (c - knownC) | 0 : c);
  release(from);
  setSum(reg, word, c, false);
  return owned(reg);
}

/** An operand that stays an immediate where it is a constant and `stays` says so: nothing is held then. Otherwise as `hold`. */
export function holdUnless(entry: i32, stays: boolean): i32 {
  return stays && isConst(entry) ? noHeld : hold(entry);
}

/** Kind and value of an operand of the macro assembler, after `holdUnless`. */
export function operandKind(held: i32): i32 {
  return held === noHeld ? immediate : register;
}

export function operandValue(held: i32, entry: i32): i32 {
  return held === noHeld ? load32(entry + entryC) : regOf(held);
}

/** Consumes an entry: computes its value into `rd`, which nothing else may need. */
export function evaluate(entry: i32, rd: i32): void {
  compute(entry, rd);
  releaseEntry(entry);
}

// --- results ------------------------------------------------------------------------------

export function pushReg(reg: i32, high: boolean): void {
  pushEntry(high ? ownHead | highHead : ownHead, reg, 0, 0);
}

export function pushConst(value: i32, high: boolean): void {
  pushEntry(high ? constEntry | highHead : constEntry, 0, value, 0);
}

export function pushWord(word: i32, high: boolean): void {
  pushEntry(high ? wordHead | highHead : wordHead, word, 0, 0);
}
