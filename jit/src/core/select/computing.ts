/** Values of entries, computed into registers. Only these and the scratch register are written, and nothing changes its owner. */
import { load32, load8 } from '@fireball/wasm';
import * as arithmetic from '../layout/arithmetic.js';
import { constCost, fitsImmediate } from '../costs.js';
import { f64Type, immediate, register } from '../layout/machine.js';
import {
  constEntry,
  entryAmount,
  entryC,
  entryFrom,
  entryKind,
  entryShift,
  entrySource,
  floatEntry,
  highPart,
  homeEntry,
  noReg,
  productEntry,
  shiftEntry,
  sourceInMemory,
  sumEntry,
  wordSource,
} from '../layout/select.js';
import { alu, aluShifted, loadConst, move } from '../masm/arithmetic.js';
import { moveFromFloat, storeFloatSlot } from '../masm/floats.js';
import { loadSlot } from '../masm/memory.js';
import { scratch } from '../masm/properties.js';
import { findConstTemp, findNear, findPinned, findSum, forget, foundC, nearDistance } from './contents.js';
import { registerOf, wordReg } from './entries.js';
import { failInternally } from './failure.js';
import { exchangeSlot, localHome, shift } from './homes.js';

/** Register of a source that is in one. */
export function sourceReg(from: i32, source: i32): i32 {
  const reg = registerOf(from, source);
  if (reg !== noReg) return reg;
  failInternally(sourceInMemory);
  return scratch();
}

/** Is it a local word that has no register? */
export function isHomeWord(word: i32): boolean {
  return wordReg(word) === noReg;
}

/** Is the source one? */
export function isHome(from: i32, source: i32): boolean {
  return from === wordSource && isHomeWord(source);
}

/** A register that already holds the constant, of which nobody gets a share; -1. */
function constRegister(value: i32): i32 {
  const pinned = findPinned(value);
  return pinned !== noReg ? pinned : findConstTemp(value);
}

/** The entry's value into `rd`. The scratch register stays intact where `usesScratch` says no. */
export function compute(entry: i32, rd: i32): void {
  forget(rd);
  const c = load32(entry + entryC);
  switch (load8(entry + entryKind)) {
    case constEntry: {
      const found = constRegister(c);
      if (found !== noReg && constCost(c) > 0) move(rd, found);
      else loadConst(rd, c);
      return;
    }
    case homeEntry:
      loadSlot(rd, c + shift());
      return;
    case floatEntry:
      if (load8(entry + entryShift) !== highPart) moveFromFloat(rd, c);
      else {
        const spOffset = exchangeSlot() + shift();
        storeFloatSlot(f64Type, c, spOffset);
        loadSlot(rd, spOffset + 4);
      }
      return;
    case sumEntry:
      addConst(rd, readSource(load8(entry + entryFrom), load32(entry + entrySource), rd), c);
      return;
    case shiftEntry:
      computeShift(entry, rd);
      return;
    default: {
      const a = readSource(load8(entry + entryFrom), load32(entry + entrySource), rd);
      alu(arithmetic.mul, rd, a, register, readSource(load8(entry + entryShift), load32(entry + entryAmount), scratch()), false);
    }
  }
}

function computeShift(entry: i32, rd: i32): void {
  const op = load8(entry + entryShift);
  const amount = load32(entry + entryAmount);
  const c = load32(entry + entryC);
  const from = readSource(load8(entry + entryFrom), load32(entry + entrySource), rd);
  if (fitsImmediate(arithmetic.add, c)) {
    alu(op, rd, from, immediate, amount, false);
    if (c !== 0) alu(arithmetic.add, rd, rd, immediate, c, false);
    return;
  }
  const found = constRegister(c);
  const constant = found !== noReg ? found : from === rd ? scratch() : rd;
  if (found === noReg) loadConst(constant, c);
  aluShifted(arithmetic.add, rd, constant, from, op, amount);
}

export function usesScratch(entry: i32, rd: i32): boolean {
  const kind = load8(entry + entryKind);
  if (kind === productEntry) return isHome(load8(entry + entryShift), load32(entry + entryAmount));
  if ((kind !== shiftEntry && kind !== sumEntry) || fitsImmediate(arithmetic.add, load32(entry + entryC))) return false;
  const from = load8(entry + entryFrom);
  const source = load32(entry + entrySource);
  if (kind === sumEntry && isHome(from, source)) return true;
  return sourceReg(from, source) === rd;
}

/** Register of a source. Of a local that lives in memory: one that is known to hold it, else `via`, into which it is loaded. */
function readSource(from: i32, source: i32, via: i32): i32 {
  if (!isHome(from, source)) return sourceReg(from, source);
  const known = findSum(source, 0);
  if (known !== noReg && foundC() === 0) return known;
  loadSlot(via, localHome(source) + shift());
  return via;
}

/** rd = a + c. */
export function addConst(rd: i32, a: i32, c: i32): void {
  if (c === 0) {
    move(rd, a);
    return;
  }
  if (fitsImmediate(arithmetic.add, c)) {
    alu(arithmetic.add, rd, a, immediate, c, false);
    return;
  }
  const found = constRegister(c);
  const near = found === noReg && constCost(c) > 1 ? findNear(c) : noReg;
  if (found !== noReg) alu(arithmetic.add, rd, a, register, found, false);
  else if (near !== noReg) {
    alu(arithmetic.add, rd, a, register, near, false);
    alu(arithmetic.add, rd, rd, immediate, nearDistance(), false);
  } else if (rd !== a) {
    loadConst(rd, c);
    alu(arithmetic.add, rd, a, register, rd, false);
  } else {
    loadConst(scratch(), c);
    alu(arithmetic.add, rd, a, register, scratch(), false);
  }
}
