/** The floating-point registers of one function: all are temporaries, shared by the entries and operations that read them. What is in them survives their release until they are written again. */
import { load32, store32 } from '@fireball/wasm';
import {
  floatHigh,
  floatKind,
  floatKnown,
  floatLow,
  floatReg,
  floatReleasedTwice,
  floatRows,
  floatShares,
  floatStride,
  knownFloats,
  localContent,
  noReg,
} from '../layout/select.js';
import { floatCount } from '../masm/roles.js';
import { failInternally } from './failure.js';

/** A register to write, one of which nothing is known where there is one; -1 where all are owned. */
export function takeFreeFloat(): i32 {
  const kept = load32(floatKnown);
  let found = noReg;
  for (let float = 0; float < floatCount; float++) {
    if (load32(floatShares + (float << 2)) !== 0) continue;
    const isKnown = ((kept >>> float) & 1) !== 0;
    if (isKnown && found !== noReg) continue;
    found = float;
    if (!isKnown) break;
  }
  if (found === noReg) return noReg;
  forgetFloat(found);
  shareFloat(found);
  return found;
}

export function shareFloat(float: i32): void {
  const shares = floatShares + (float << 2);
  store32(shares, load32(shares) + 1);
}

export function dropFloat(float: i32): void {
  const shares = floatShares + (float << 2);
  const left = load32(shares) - 1;
  if (left < 0) failInternally(floatReleasedTwice);
  else store32(shares, left);
}

function rowAt(index: i32): i32 {
  return knownFloats + index * floatStride;
}

function copyRow(from: i32, into: i32): void {
  for (let at = 0; at < floatStride; at += 4) store32(into + at, load32(from + at));
}

function forgetFloat(float: i32): void {
  if (((load32(floatKnown) >>> float) & 1) === 0) return;
  let index = 0;
  while (load32(rowAt(index) + floatReg) !== float) index++;
  removeRow(index);
}

function removeRow(index: i32): void {
  const last = load32(floatRows) - 1;
  store32(floatKnown, load32(floatKnown) & ~(1 << load32(rowAt(index) + floatReg)));
  for (; index < last; index++) copyRow(rowAt(index + 1), rowAt(index));
  store32(floatRows, last);
}

/** The register has a local, whose first word is `low`, or a constant with these bits. */
export function rememberFloat(float: i32, kind: i32, low: i32, high: i32): void {
  let index = 0;
  if (((load32(floatKnown) >>> float) & 1) !== 0) while (load32(rowAt(index) + floatReg) !== float) index++;
  else {
    index = load32(floatRows);
    store32(floatRows, index + 1);
    store32(floatKnown, load32(floatKnown) | (1 << float));
  }
  const row = rowAt(index);
  store32(row + floatReg, float);
  store32(row + floatKind, kind);
  store32(row + floatLow, low);
  store32(row + floatHigh, high);
}

/** The register that has it; -1. */
export function findFloat(kind: i32, low: i32, high: i32): i32 {
  const end = rowAt(load32(floatRows));
  for (let row = knownFloats; row < end; row += floatStride) {
    if (load32(row + floatKind) === kind && load32(row + floatLow) === low && load32(row + floatHigh) === high) return load32(row + floatReg);
  }
  return noReg;
}

/** A local was written: copies of it are old. */
export function forgetFloatsOf(word: i32): void {
  if (load32(floatRows) !== 0) forgetCopiesOf(word);
}

/** @noinline */
function forgetCopiesOf(word: i32): void {
  for (let index = load32(floatRows) - 1; index >= 0; index--) {
    const row = rowAt(index);
    if (load32(row + floatKind) === localContent && load32(row + floatLow) === word) removeRow(index);
  }
}

/** Control flow merges, or a callee wrote the registers. */
export function forgetFloats(): void {
  store32(floatRows, 0);
  store32(floatKnown, 0);
}
