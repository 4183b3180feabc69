/** What registers are known to contain: constants of the whole function, and what is left in temporaries, which survives their release until they are written again. */
import { allocate, load32, store32 } from '@fireball/wasm';
import * as arithmetic from '../layout/arithmetic.js';
import { constantRegCount, constantRegs, firstCall, lastingRegCount, pinnedCount } from '../layout/allocation.js';
import {
  foundDistance,
  foundSum,
  known,
  knownBits,
  knownC,
  knownRegister,
  knownRows,
  knownSet,
  knownStride,
  knownSum,
  knownTag,
  knownValue,
  knownWorth,
  noReg,
  nothingKnown,
  overwritten,
  pinnedBits,
  worthSet,
  zeroReg,
} from '../layout/select.js';
import { constCost, fitsImmediate } from '../costs.js';
import { at } from './context.js';
import { wordReg } from './entries.js';
import { outOfMemory } from './failure.js';

/** A snapshot: how many rows, and from here on these. */
const snapshotRows: i32 = 4;

/** How many rows there are, in the order in which they became known, and their addresses until something is written. */
export function knownCount(): i32 {
  return load32(knownRows);
}

export function knownRow(index: i32): i32 {
  return known + index * knownStride;
}

/** The register of a row. */
export function registerIn(row: i32): i32 {
  return load32(row + knownTag) & knownRegister;
}

/** Does a row say of its register that a constant is there? */
export function isConstantIn(row: i32): boolean {
  return (load32(row + knownTag) & knownSum) === 0;
}

/** Does a row say of its register that the local's word, or a sum of it, is there? */
export function isSumOf(row: i32, word: i32): boolean {
  return load32(row + knownValue) === word && !isConstantIn(row);
}

function isKnown(reg: i32): boolean {
  return ((load32(knownSet) >>> reg) & 1) !== 0;
}

/** A bit for a constant, of which others may have the same: its number, as shifts take it. */
function bitOfConstant(value: i32): i32 {
  return value ^ (value >>> 12);
}

/** Is there a row that says of its register that the local's word, or a sum of it, is there? Perhaps. */
export function mayHaveSum(word: i32): boolean {
  return ((load32(knownBits) >>> word) & 1) !== 0;
}

/** All constants that have registers are there. */
export function beginPinned(): void {
  pin(load32(constantRegCount));
}

/** From here on control may have come from a call: of the constants those are there that calls preserve. */
export function keepLastingPinned(): void {
  if (load32(pinnedCount) !== load32(lastingRegCount)) pin(load32(lastingRegCount));
}

/** What follows is not reached from here, but maybe from somewhere in front of all calls. */
export function forgetCall(): void {
  if (load32(pinnedCount) !== load32(constantRegCount) && at() < load32(firstCall)) pin(load32(constantRegCount));
}

/** The first so many constants that have registers are there. */
function pin(count: i32): void {
  let bits = 0;
  store32(pinnedCount, count);
  const end = load32(constantRegs) + (load32(pinnedCount) << 3);
  for (let pair = load32(constantRegs); pair < end; pair += 8) bits |= 1 << bitOfConstant(load32(pair));
  store32(pinnedBits, bits);
}

/** Row of a register that has one. */
function rowOf(reg: i32): i32 {
  let row = known;
  while (registerIn(row) !== reg) row += knownStride;
  return row;
}

/** Row of a register, which gets the last one if it has none. */
function rowFor(reg: i32): i32 {
  if (isKnown(reg)) return rowOf(reg);
  const count = load32(knownRows);
  store32(knownRows, count + 1);
  return knownRow(count);
}

function write(reg: i32, kind: i32, value: i32, c: i32, isWorth: boolean): void {
  const row = rowFor(reg);
  const bit = 1 << reg;
  const worth = load32(worthSet);
  store32(knownSet, load32(knownSet) | bit);
  store32(knownBits, load32(knownBits) | (1 << (kind === 0 ? bitOfConstant(value) : value)));
  store32(worthSet, isWorth ? worth | bit : worth & ~bit);
  // The last word first: what is below it needs no bounds check then.
  store32(row + knownC, c);
  store32(row + knownValue, value);
  store32(row + knownTag, reg | kind | (isWorth ? knownWorth : 0));
}

export function setConstant(reg: i32, value: i32): void {
  write(reg, 0, value, 0, constCost(value) > 1);
}

/** A local's word + c. `again`: an access is to come that needs it. */
export function setSum(reg: i32, word: i32, c: i32, again: boolean): void {
  write(reg, knownSum, word, c, again || wordReg(word) === noReg || !fitsImmediate(arithmetic.add, c));
}

function copyRow(from: i32, into: i32): void {
  store32(into + knownC, load32(from + knownC));
  store32(into + knownValue, load32(from + knownValue));
  store32(into + knownTag, load32(from + knownTag));
}

/** The temporary is about to be written. */
export function forget(reg: i32): void {
  if (isKnown(reg)) forgetKnown(reg);
}

function forgetKnown(reg: i32): void {
  const count = load32(knownRows) - 1;
  const last = knownRow(count);
  for (let row = rowOf(reg); row < last; row += knownStride) copyRow(row + knownStride, row);
  store32(knownRows, count);
  keepOnly(~(1 << reg));
}

/** Of these registers it is known what they contain, and of no others. */
function keepOnly(set: i32): void {
  store32(knownSet, load32(knownSet) & set);
  store32(worthSet, load32(worthSet) & set);
}

/** A callee wrote the registers that it need not preserve. */
export function forgetAllBut(preserved: i32): void {
  if ((load32(knownSet) & ~preserved) === 0) return;
  const count = load32(knownRows);
  let into = known;
  for (let index = 0; index < count; index++) {
    const row = knownRow(index);
    if (((preserved >>> registerIn(row)) & 1) === 0) continue;
    if (row !== into) copyRow(row, into);
    into += knownStride;
  }
  store32(knownRows, (into - known) / knownStride);
  keepOnly(preserved);
}

export function forgetAll(): void {
  store32(knownRows, 0);
  store32(knownBits, 0);
  keepOnly(0);
}

/** A local was written: values made from it are old. */
export function forgetSums(word: i32): void {
  if (mayHaveSum(word)) forgetTheseSums(word);
}

/** @noinline */
function forgetTheseSums(word: i32): void {
  const end = knownRow(load32(knownRows));
  let kept = -1;
  let into = known;
  for (let row = known; row < end; row += knownStride) {
    if (isSumOf(row, word)) kept &= ~(1 << registerIn(row));
    else {
      if (row !== into) copyRow(row, into);
      into += knownStride;
    }
  }
  if (into === end) return;
  store32(knownRows, (into - known) / knownStride);
  keepOnly(kept);
}

/** Address of a new snapshot. Where there is no room, nothing is known. */
export function knownNow(): i32 {
  const count = load32(knownRows);
  if (count === 0) return nothingKnown;
  const snapshot = allocate(snapshotRows + count * knownStride);
  if (snapshot === 0) {
    outOfMemory();
    return nothingKnown;
  }
  store32(snapshot, count);
  const end = knownRow(count);
  let into = snapshot + snapshotRows;
  for (let row = known; row < end; row += knownStride) {
    copyRow(row, into);
    into += knownStride;
  }
  return snapshot;
}

/** Paths meet, and on all of them this is known; 0: nothing. */
export function restoreKnown(snapshot: i32): void {
  const count = snapshot === 0 ? 0 : load32(snapshot);
  let set = 0;
  let worth = 0;
  let bits = 0;
  const end = knownRow(count);
  let row = snapshot + snapshotRows;
  for (let into = known; into < end; into += knownStride) {
    copyRow(row, into);
    const bit = 1 << registerIn(row);
    const tag = load32(row + knownTag);
    set |= bit;
    if ((tag & knownWorth) !== 0) worth |= bit;
    bits |= 1 << ((tag & knownSum) === 0 ? bitOfConstant(load32(row + knownValue)) : load32(row + knownValue));
    row += knownStride;
  }
  store32(knownBits, bits);
  store32(knownRows, count);
  store32(knownSet, set);
  store32(worthSet, worth);
}

/** Keeps in a snapshot only what is known here, too. */
export function keepKnown(snapshot: i32): void {
  keepThese(snapshot, known, knownRow(load32(knownRows)));
}

/** Keeps in a snapshot only what another one has, too. */
export function keepKnownIn(snapshot: i32, other: i32): void {
  keepThese(snapshot, other + snapshotRows, endOf(other));
}

function endOf(snapshot: i32): i32 {
  return snapshot + snapshotRows + load32(snapshot) * knownStride;
}

/** Keeps in a snapshot only what is in these rows, too. */
function keepThese(snapshot: i32, first: i32, behind: i32): void {
  const end = endOf(snapshot);
  let kept = 0;
  let into = snapshot + snapshotRows;
  for (let row = into; row < end; row += knownStride) {
    if (!isAmong(row, first, behind)) continue;
    if (row !== into) copyRow(row, into);
    into += knownStride;
    kept++;
  }
  store32(snapshot, kept);
}

/** Does one of these rows say the same of the row's register? */
function isAmong(row: i32, first: i32, behind: i32): boolean {
  const tag = load32(row + knownTag);
  for (let other = first; other < behind; other += knownStride) {
    const differs = load32(other + knownTag) ^ tag;
    if ((differs & knownRegister) !== 0) continue;
    return (differs & knownSum) === 0 && load32(other + knownC) === load32(row + knownC) && load32(other + knownValue) === load32(row + knownValue);
  }
  return false;
}

/** A parallel move has written the register: what was in it, a constant of the whole function included, is gone until all is moved. */
export function overwrite(reg: i32): void {
  store32(overwritten, load32(overwritten) | (1 << reg));
  forget(reg);
}

export function endOverwriting(): void {
  store32(overwritten, 0);
}

function isOverwritten(reg: i32): boolean {
  return ((load32(overwritten) >>> reg) & 1) !== 0;
}

/** A register that holds the constant from the function's beginning up to here; -1. */
export function findPinned(value: i32): i32 {
  if (((load32(pinnedBits) >>> bitOfConstant(value)) & 1) !== 0) return lookForPinned(value);
  return value === 0 ? load32(zeroReg) : noReg;
}

function lookForPinned(value: i32): i32 {
  const end = load32(constantRegs) + (load32(pinnedCount) << 3);
  for (let pair = load32(constantRegs); pair < end; pair += 8) {
    if (load32(pair) !== value) continue;
    const reg = load32(pair + 4);
    return isOverwritten(reg) ? noReg : reg;
  }
  return value === 0 ? load32(zeroReg) : noReg;
}

/** A temporary that holds the constant; -1. */
export function findConstTemp(value: i32): i32 {
  return ((load32(knownBits) >>> bitOfConstant(value)) & 1) === 0 ? noReg : lookForConstant(value);
}

function lookForConstant(value: i32): i32 {
  const end = knownRow(load32(knownRows));
  for (let row = known; row < end; row += knownStride) if (load32(row + knownValue) === value && isConstantIn(row)) return registerIn(row);
  return noReg;
}

/** A constant's own register from which `value` is one addition away, of `nearDistance`; -1. */
export function findNear(value: i32): i32 {
  const end = load32(constantRegs) + (load32(pinnedCount) << 3);
  for (let pair = load32(constantRegs); pair < end; pair += 8) {
    const reg = load32(pair + 4);
    if (isOverwritten(reg)) continue;
    const distance = (value - load32(pair)) | 0;
    if (!fitsImmediate(arithmetic.add, distance)) continue;
    store32(foundDistance, distance);
    return reg;
  }
  return noReg;
}

export function nearDistance(): i32 {
  return load32(foundDistance);
}

/** A temporary that holds local word + `foundC`, which is c, or from where an immediate reaches c; -1. */
export function findSum(word: i32, c: i32): i32 {
  return mayHaveSum(word) ? lookForSum(word, c) : noReg;
}

function lookForSum(word: i32, c: i32): i32 {
  const end = knownRow(load32(knownRows));
  let near = noReg;
  for (let row = known; row < end; row += knownStride) {
    if (!isSumOf(row, word)) continue;
    const other = load32(row + knownC);
    if (other !== c && !fitsImmediate(arithmetic.add, (c - other) | 0)) continue;
    near = registerIn(row);
    store32(foundSum, other);
    if (other === c) return near;
  }
  return near;
}

export function foundC(): i32 {
  return load32(foundSum);
}

/** Does the temporary hold something that costs more than one cheap instruction to have again? */
export function isWorthKeeping(reg: i32): boolean {
  return reg >= 0 && ((load32(worthSet) >>> reg) & 1) !== 0;
}
