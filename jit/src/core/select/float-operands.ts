/** Operands in floating-point registers: where they are there already, what is known to be in one, and how others get there. */
import { load32, load8 } from '@fireball/wasm';
import { f32Type, f64Type } from '../layout/machine.js';
import { entryC, entryKind, entrySource, f32Content, f64Content, homeEntry, localContent, noReg } from '../layout/select.js';
import { fitsFloatSlot, floatPrecision, loadFloatSlot, moveToFloat, shortFloatConst } from '../masm/floats.js';
import { storeSlot } from '../masm/memory.js';
import { constEntry, floatOf, isConst, isPlain } from './entries.js';
import { dropFloat, findFloat, rememberFloat, shareFloat } from './float-file.js';
import { wordHead } from './heads.js';
import { regOf } from './held.js';
import { exchangeSlot, isLowWord, localHome, shift } from './homes.js';
import { popCopy } from './operand-stack.js';
import { allocateFloat, hold, isHomeWord, release } from './state.js';

/** The topmost value in a floating-point register, of which the caller owns a share. */
export function popFloat(type: i32): i32 {
  const top = popCopy();
  return type === f32Type ? singleOf(top) : doubleOf(popCopy(), top);
}

/** Word of a local that a pure entry reads; -1 of all others. */
function wordOf(entry: i32): i32 {
  return isPlain(entry, wordHead) ? load32(entry + entrySource) : -1;
}

function isHomeEntry(entry: i32): boolean {
  return load8(entry + entryKind) === homeEntry;
}

/** A share of the register that is known to have it; -1. */
function sharedFloat(kind: i32, low: i32, high: i32): i32 {
  const float = findFloat(kind, low, high);
  if (float !== noReg) shareFloat(float);
  return float;
}

function loaded(type: i32, spOffset: i32): i32 {
  const float = allocateFloat();
  loadFloatSlot(type, float, spOffset + shift());
  return float;
}

// --- singles --------------------------------------------------------------------------------

function singleOf(entry: i32): i32 {
  const inPlace = floatOf(0, entry);
  if (inPlace !== noReg) return inPlace;
  if (isHomeEntry(entry) && fitsFloatSlot(load32(entry + entryC) + shift())) return loaded(f32Type, load32(entry + entryC));
  const word = wordOf(entry);
  if (word < 0 && !isConst(entry)) return singleFromWord(entry);
  const kind = word < 0 ? f32Content : localContent;
  const content = word < 0 ? load32(entry + entryC) : word;
  const known = sharedFloat(kind, content, 0);
  if (known !== noReg) return known;
  const float = word < 0 ? singleConst(entry) : singleOfLocal(entry, word);
  rememberFloat(float, kind, content, 0);
  return float;
}

function singleOfLocal(entry: i32, word: i32): i32 {
  if (isHomeWord(word)) {
    const spOffset = localHome(word);
    if (fitsFloatSlot(spOffset + shift())) return loaded(f32Type, spOffset);
  }
  return singleFromWord(entry);
}

function singleConst(entry: i32): i32 {
  const float = allocateFloat();
  if (!shortFloatConst(float, load32(entry + entryC))) moveSingle(float, entry);
  return float;
}

function singleFromWord(entry: i32): i32 {
  const float = allocateFloat();
  moveSingle(float, entry);
  return float;
}

function moveSingle(float: i32, entry: i32): void {
  const held = hold(entry);
  moveToFloat(float, regOf(held));
  release(held);
}

// --- doubles --------------------------------------------------------------------------------

function doubleOf(low: i32, high: i32): i32 {
  const inPlace = floatOf(low, high);
  if (inPlace !== noReg) {
    // Both words had a share.
    dropFloat(inPlace);
    return inPlace;
  }
  const spOffset = load32(low + entryC);
  if (isHomeEntry(low) && isHomeEntry(high) && load32(high + entryC) === spOffset + 4 && (spOffset & 7) === 0) return loaded(f64Type, spOffset);
  if (isConst(low) && isConst(high)) return doubleConst(load32(low + entryC), load32(high + entryC));
  const word = wordOf(low);
  if (word < 0 || wordOf(high) !== word + 1 || !isLowWord(word)) return doubleFromWords(low, high);
  const known = sharedFloat(localContent, word, 0);
  if (known !== noReg) return known;
  const isHome = isHomeWord(word) && isHomeWord(word + 1);
  const float = isHome ? loaded(f64Type, localHome(word)) : doubleFromWords(low, high);
  rememberFloat(float, localContent, word, 0);
  return float;
}

/** There is no move between a register pair and a double: it goes through the frame. */
function doubleFromWords(low: i32, high: i32): i32 {
  const first = hold(low);
  const second = hold(high);
  const spOffset = exchangeSlot();
  storeSlot(regOf(first), spOffset + shift());
  storeSlot(regOf(second), spOffset + 4 + shift());
  release(first);
  release(second);
  return loaded(f64Type, spOffset);
}

function doubleConst(low: i32, high: i32): i32 {
  const known = sharedFloat(f64Content, low, high);
  if (known !== noReg) return known;
  const single = asSingle(low, high);
  const float = single === noSingle ? doubleFromWords(constEntry(low, false), constEntry(high, false)) : asDouble(singleConst(constEntry(single, false)));
  rememberFloat(float, f64Content, low, high);
  return float;
}

/** Makes a single the double that equals it. */
function asDouble(float: i32): i32 {
  floatPrecision(f64Type, float, float);
  return float;
}

/** Bits that no single has but NaNs. */
const noSingle: i32 = -1;
const signBit: i32 = -0x8000_0000;
/** How far the exponents of doubles and singles are from 0, and the greatest ones, of what is no number. */
const doubleBias: i32 = 1023;
const singleBias: i32 = 127;
const doubleLast: i32 = 0x7ff;
const infinity: i32 = 0x7f80_0000;

/** The bits of the single that equals the double; `noSingle` where none does. */
function asSingle(low: i32, high: i32): i32 {
  const sign = high & signBit;
  const top = high & ~signBit;
  // The mantissa of a single has no bits of the lowest 29.
  if ((low & 0x1fff_ffff) !== 0) return noSingle;
  const mantissa = ((top & 0xf_ffff) << 3) | (low >>> 29);
  if (top >>> 20 === doubleLast) return mantissa === 0 ? sign | infinity : noSingle;
  if ((top | low) === 0) return sign;
  const exponent = (top >>> 20) - doubleBias + singleBias;
  if (exponent > 2 * singleBias) return noSingle;
  if (exponent > 0) return sign | (exponent << 23) | mantissa;
  // Smaller ones lose the lowest bits of what begins with a 1.
  const lost = 1 - exponent;
  const digits = 0x80_0000 | mantissa;
  if (lost > 23 || (digits & ((1 << lost) - 1)) !== 0) return noSingle;
  return sign | (digits >>> lost);
}
