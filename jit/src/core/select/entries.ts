/**
 * Words of the abstract operand stack. Nothing there has been stored to memory unless it says so; computations that cannot trap may still be pending. Rows are
 * taken from a ring: one lives until as many others have been made as the ring has.
 */
import { load32, store32 } from '@fireball/wasm';
import * as arithmetic from '../layout/arithmetic.js';
import { wordRegs } from '../layout/allocation.js';
import {
  constEntry as constKind,
  entryAmount,
  entryC,
  entryFrom,
  entryHigh,
  entryKind,
  entryRing,
  entryShift,
  entrySource,
  entryStride,
  floatEntry,
  highPart,
  homeEntry,
  lowPart,
  nextEntry,
  noReg,
  ownSource,
  productEntry,
  ringEntries,
  shiftEntry,
  singlePart,
  sumEntry,
  wordSource,
} from '../layout/select.js';

/** A row of the ring, which may be anything. */
function freshEntry(): i32 {
  const index = load32(nextEntry);
  store32(nextEntry, (index + 1) & (ringEntries - 1));
  return entryRing + index * entryStride;
}

/** A row that is the constant 0. */
export function newEntry(): i32 {
  return constEntry(0, false);
}

/** Makes a row the same as another one, but for how many values there are on the stack. The last word first: what is below it needs no bounds check then. */
export function copyEntry(from: i32, into: i32): void {
  store32(into + entryAmount, load32(from + entryAmount));
  store32(into + entryShift, load32(from + entryShift));
  store32(into + entryC, load32(from + entryC));
  store32(into + entrySource, load32(from + entrySource));
  store32(into + entryFrom, load32(from + entryFrom));
  store32(into + entryHigh, load32(from + entryHigh));
  store32(into + entryKind, load32(from + entryKind));
}

export function copyOf(entry: i32): i32 {
  const copy = freshEntry();
  copyEntry(entry, copy);
  return copy;
}

function entryOf(kind: i32, high: boolean, from: i32, source: i32, c: i32, shift: i32, amount: i32): i32 {
  const entry = freshEntry();
  setEntry(entry, kind, high, from, source, c, shift, amount);
  return entry;
}

/** Writes all words of a row, but for how many values there are on the stack. */
export function setEntry(entry: i32, kind: i32, high: boolean, from: i32, source: i32, c: i32, shift: i32, amount: i32): void {
  store32(entry + entryAmount, amount);
  store32(entry + entryShift, shift);
  store32(entry + entryC, c);
  store32(entry + entrySource, source);
  store32(entry + entryFrom, from);
  store32(entry + entryHigh, high ? 1 : 0);
  store32(entry + entryKind, kind);
}

export function constEntry(value: i32, high: boolean): i32 {
  return entryOf(constKind, high, 0, 0, value, 0, 0);
}

/** Source + c, wrapping. */
export function sumEntryOf(from: i32, source: i32, c: i32, high: boolean): i32 {
  return entryOf(sumEntry, high, from, source, c, 0, 0);
}

/** (Source shifted) + c, wrapping. */
export function shiftEntryOf(from: i32, source: i32, op: i32, amount: i32, c: i32, high: boolean): i32 {
  return entryOf(shiftEntry, high, from, source, c, op, amount);
}

export function productEntryOf(fromA: i32, a: i32, fromB: i32, b: i32, high: boolean): i32 {
  return entryOf(productEntry, high, fromA, a, 0, fromB, b);
}

export function floatEntryOf(float: i32, part: i32, high: boolean): i32 {
  return entryOf(floatEntry, high, 0, 0, float, part, 0);
}

export function homeEntryOf(spOffset: i32, high: boolean): i32 {
  return entryOf(homeEntry, high, 0, 0, spOffset, 0, 0);
}

/** The upper word of the sign extension of what is there. */
export function signOf(from: i32, source: i32): i32 {
  return shiftEntryOf(from, source, arithmetic.shrS, 31, 0, true);
}

/** Is `high` pending as the sign of the same word? */
export function isSignOf(high: i32, low: i32): boolean {
  if (load32(high + entryKind) !== shiftEntry || load32(high + entryShift) !== arithmetic.shrS) return false;
  if (load32(high + entryAmount) !== 31 || load32(high + entryC) !== 0 || !isPlainSum(low)) return false;
  return load32(low + entryFrom) === load32(high + entryFrom) && load32(low + entrySource) === load32(high + entrySource);
}

export function isHigh(entry: i32): boolean {
  return load32(entry + entryHigh) !== 0;
}

export function isConst(entry: i32): boolean {
  return load32(entry + entryKind) === constKind;
}

export function isConstOf(entry: i32, value: i32): boolean {
  return isConst(entry) && load32(entry + entryC) === value;
}

/** Is it a source as it is? */
export function isPlainSum(entry: i32): boolean {
  return load32(entry + entryKind) === sumEntry && load32(entry + entryC) === 0;
}

/** Of how many operands is it computed? */
export function sourceCount(entry: i32): i32 {
  const kind = load32(entry + entryKind);
  if (kind === productEntry) return 2;
  return kind === sumEntry || kind === shiftEntry ? 1 : 0;
}

export function readsRegister(entry: i32, reg: i32): boolean {
  const count = sourceCount(entry);
  if (count >= 1 && registerOf(load32(entry + entryFrom), load32(entry + entrySource)) === reg) return true;
  return count === 2 && registerOf(load32(entry + entryShift), load32(entry + entryAmount)) === reg;
}

/** The first register that an entry owns; -1 where it owns none. */
export function ownedBy(entry: i32): i32 {
  const count = sourceCount(entry);
  if (count >= 1 && load32(entry + entryFrom) === ownSource) return load32(entry + entrySource);
  return count === 2 && load32(entry + entryShift) === ownSource ? load32(entry + entryAmount) : noReg;
}

/** Register of a local's word; -1 where it lives in memory. */
export function wordReg(word: i32): i32 {
  return load32(load32(wordRegs) + (word << 2));
}

/** Register of a source; -1 for a local that lives in memory. */
export function registerOf(from: i32, source: i32): i32 {
  return from === wordSource ? wordReg(source) : source;
}

/** The floating-point register that holds a value as a whole; `low` is 0 for singles. -1 where none does. */
export function floatOf(low: i32, top: i32): i32 {
  if (top === 0 || load32(top + entryKind) !== floatEntry) return noReg;
  const float = load32(top + entryC);
  if (low === 0) return load32(top + entryShift) === singlePart ? float : noReg;
  if (load32(low + entryKind) !== floatEntry || load32(low + entryShift) !== lowPart || load32(top + entryShift) !== highPart) return noReg;
  return load32(low + entryC) === float ? float : noReg;
}
