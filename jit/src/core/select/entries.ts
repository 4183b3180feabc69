/**
 * Words of the abstract operand stack. Nothing there has been stored to memory unless it says so; computations that cannot trap may still be pending. Rows are
 * taken from a ring: one lives until as many others have been made as the ring has.
 */
import { load32, load8, store32 } from '@fireball/wasm';
import * as arithmetic from '../layout/arithmetic.js';
import { wordRegs } from '../layout/allocation.js';
import {
  constEntry as constKind,
  entryAmount,
  entryBytes,
  entryC,
  entryFrom,
  entryHigh,
  entryKind,
  entryRing,
  entryShift,
  entrySource,
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
import { fromBits, fromShift, highHead, kindBits, shiftShift } from './heads.js';

/** A row of the ring, which may be anything. */
function freshEntry(): i32 {
  const at = load32(nextEntry);
  store32(nextEntry, (at + entryBytes) & (ringEntries * entryBytes - 1));
  return entryRing + at;
}

/** A row that is the constant 0. */
export function newEntry(): i32 {
  return constEntry(0, false);
}

/** Makes a row the same as another one, but for how many values there are on the stack. The last word first: what is below it needs no bounds check then. */
export function copyEntry(from: i32, into: i32): void {
  store32(into + entryAmount, load32(from + entryAmount));
  store32(into + entryC, load32(from + entryC));
  store32(into + entrySource, load32(from + entrySource));
  store32(into, load32(from));
}

export function copyOf(entry: i32): i32 {
  const copy = freshEntry();
  copyEntry(entry, copy);
  return copy;
}

function entryOf(head: i32, source: i32, c: i32, amount: i32): i32 {
  const entry = freshEntry();
  // The last word first: what is below it needs no bounds check then.
  store32(entry + entryAmount, amount);
  store32(entry + entryC, c);
  store32(entry + entrySource, source);
  store32(entry, head);
  return entry;
}

/** Of the upper word of a pair; 0 for others. */
function bitOf(high: boolean): i32 {
  return high ? highHead : 0;
}

export function constEntry(value: i32, high: boolean): i32 {
  return entryOf(constKind | bitOf(high), 0, value, 0);
}

/** Source + c, wrapping. */
export function sumEntryOf(from: i32, source: i32, c: i32, high: boolean): i32 {
  return entryOf(sumEntry | (from << fromShift) | bitOf(high), source, c, 0);
}

/** (Source shifted) + c, wrapping. */
export function shiftEntryOf(from: i32, source: i32, op: i32, amount: i32, c: i32, high: boolean): i32 {
  return entryOf(shiftEntry | (from << fromShift) | (op << shiftShift) | bitOf(high), source, c, amount);
}

export function productEntryOf(fromA: i32, a: i32, fromB: i32, b: i32, high: boolean): i32 {
  return entryOf(productEntry | (fromA << fromShift) | (fromB << shiftShift) | bitOf(high), a, 0, b);
}

export function floatEntryOf(float: i32, part: i32, high: boolean): i32 {
  return entryOf(floatEntry | (part << shiftShift) | bitOf(high), 0, float, 0);
}

export function homeEntryOf(spOffset: i32, high: boolean): i32 {
  return entryOf(homeEntry | bitOf(high), 0, spOffset, 0);
}

/** The upper word of the sign extension of what is there. */
export function signOf(from: i32, source: i32): i32 {
  return shiftEntryOf(from, source, arithmetic.shrS, 31, 0, true);
}

/** Is `high` pending as the sign of the same word? */
export function isSignOf(high: i32, low: i32): boolean {
  if (load8(high + entryKind) !== shiftEntry || load8(high + entryShift) !== arithmetic.shrS) return false;
  if (load32(high + entryAmount) !== 31 || load32(high + entryC) !== 0 || !isPlainSum(low)) return false;
  return load8(low + entryFrom) === load8(high + entryFrom) && load32(low + entrySource) === load32(high + entrySource);
}

export function isHigh(entry: i32): boolean {
  return load8(entry + entryHigh) !== 0;
}

export function isConst(entry: i32): boolean {
  return load8(entry + entryKind) === constKind;
}

export function isConstOf(entry: i32, value: i32): boolean {
  return isConst(entry) && load32(entry + entryC) === value;
}

/** Is it a source as it is? */
export function isPlainSum(entry: i32): boolean {
  return load32(entry + entryC) === 0 && load8(entry + entryKind) === sumEntry;
}

/** Is it a source as it is, of the kind that a head says? */
export function isPlain(entry: i32, head: i32): boolean {
  return load32(entry + entryC) === 0 && (load32(entry) & (kindBits | fromBits)) === head;
}

/** Of how many operands is it computed? */
export function sourceCount(entry: i32): i32 {
  const kind = load8(entry + entryKind);
  if (kind === productEntry) return 2;
  return kind === sumEntry || kind === shiftEntry ? 1 : 0;
}

/** Set of the registers that it reads. */
export function readRegisters(entry: i32): i32 {
  const count = sourceCount(entry);
  if (count === 0) return 0;
  const first = bitIn(load8(entry + entryFrom), load32(entry + entrySource));
  return count === 1 ? first : first | bitIn(load8(entry + entryShift), load32(entry + entryAmount));
}

/** Set of the register of a source, which is empty where that has none. */
function bitIn(from: i32, source: i32): i32 {
  const reg = registerOf(from, source);
  return reg === noReg ? 0 : 1 << reg;
}

/** The first register that an entry owns; -1 where it owns none. */
export function ownedBy(entry: i32): i32 {
  const head = load32(entry);
  if ((head & fromBits) === ownSource << fromShift) return load32(entry + entrySource);
  return (head & kindBits) === productEntry && load8(entry + entryShift) === ownSource ? load32(entry + entryAmount) : noReg;
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
  if (top === 0 || load8(top + entryKind) !== floatEntry) return noReg;
  const float = load32(top + entryC);
  if (low === 0) return load8(top + entryShift) === singlePart ? float : noReg;
  if (load8(low + entryKind) !== floatEntry || load8(low + entryShift) !== lowPart || load8(top + entryShift) !== highPart) return noReg;
  return load32(low + entryC) === float ? float : noReg;
}
