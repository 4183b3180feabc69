/**
 * Numbers with a binary point, of 64 bits, that are not negative, at addresses. Results are those of `f64`, most of which need no more than operations on
 * words: a small device has floating-point arithmetic of 64 bits only as routines.
 */
import { load32, loadFloat, store32, storeFloat } from '@fireball/wasm';
import { isBelow } from './unsigned.js';

/** The upper word has the exponent above so many bits of the fraction. */
const fractionBits = 20;
const hiddenBit = 1 << fractionBits;
/** Exponents of numbers that are neither 0 nor too small nor too large for all bits of the fraction. */
const leastExponent = 1;
const mostExponent = 0x7fe;
/** Of exponents of what is added as words: no word is lost. */
const mostDistance = 31;

/** Where the upper word of a number is. */
export const highWord = 4;

/** Makes a number the same as another one. */
export function copyNumber(into: i32, from: i32): void {
  store32(into, load32(from));
  store32(into + highWord, load32(from + highWord));
}

export function clearNumber(at: i32): void {
  store32(at, 0);
  store32(at + highWord, 0);
}

export function isZero(at: i32): boolean {
  return (load32(at) | load32(at + highWord)) === 0;
}

export function isEqual(a: i32, b: i32): boolean {
  return load32(a) === load32(b) && load32(a + highWord) === load32(b + highWord);
}

/** Is the first one less? */
export function isLess(a: i32, b: i32): boolean {
  const first = load32(a + highWord);
  const second = load32(b + highWord);
  return first !== second ? first < second : isBelow(load32(a), load32(b));
}

/** Writes a number times a power of 2. */
export function scale(into: i32, from: i32, power: i32): void {
  const high = load32(from + highWord);
  const before = high >> fractionBits;
  const exponent = before + power;
  if (before >= leastExponent && exponent >= leastExponent && exponent <= mostExponent) {
    store32(into, load32(from));
    store32(into + highWord, high + (power << fractionBits));
  } else storeFloat(into, multiplied(loadFloat(from), power));
}

function multiplied(value: f64, power: i32): f64 {
  let factor: f64 = 1;
  for (let bit = power < 0 ? -power : power; bit > 0; bit--) factor = factor * 2;
  return power < 0 ? value / factor : value * factor;
}

/** Adds another number to the one at an address. */
export function addNumber(at: i32, more: i32): void {
  const before = load32(at + highWord);
  const added = load32(more + highWord);
  const isLarger = before < added;
  const large = isLarger ? added : before;
  const small = isLarger ? before : added;
  // Of the upper words alone the sum is one, unless a bit is lost.
  if ((load32(at) | load32(more)) === 0) {
    // 0 has all bits 0.
    if (small === 0) {
      store32(at + highWord, large);
      return;
    }
    const distance = (large >> fractionBits) - (small >> fractionBits);
    if (small >= hiddenBit && distance <= fractionBits) {
      const fraction = (small & (hiddenBit - 1)) | hiddenBit;
      const part = fraction >> distance;
      if (part << distance === fraction) {
        const sum = large + part;
        if ((sum ^ large) >>> fractionBits === 0) {
          store32(at + highWord, sum);
          return;
        }
        // The fraction is one bit less, and the exponent one more.
        const whole = ((large & (hiddenBit - 1)) | hiddenBit) + part;
        const exponent = (large >> fractionBits) + 1;
        if ((whole & 1) === 0 && exponent <= mostExponent) {
          store32(at + highWord, (exponent << fractionBits) | ((whole >> 1) & (hiddenBit - 1)));
          return;
        }
      }
    }
  }
  if (isLarger) addWords(at, more, large, load32(more), small, load32(at));
  else addWords(at, more, large, load32(at), small, load32(more));
}

/** The same, of two numbers whose words are known, the one with the greater upper word first. */
function addWords(at: i32, more: i32, large: i32, largeLow: i32, small: i32, smallLow: i32): void {
  // 0 has all bits 0.
  if ((small | smallLow) === 0) {
    store32(at, largeLow);
    store32(at + highWord, large);
    return;
  }
  let exponent = large >> fractionBits;
  const distance = exponent - (small >> fractionBits);
  if (small < hiddenBit || exponent >= mostExponent || distance > mostDistance) {
    storeFloat(at, loadFloat(at) + loadFloat(more));
    return;
  }
  let low = smallLow;
  let high = (small & (hiddenBit - 1)) | hiddenBit;
  /** Bits behind the last one of the sum, the first of them on top. */
  let rest = 0;
  if (distance > 0) {
    rest = low << (32 - distance);
    low = (low >>> distance) | (high << (32 - distance));
    high = high >> distance;
  }
  low = (low + largeLow) | 0;
  high = high + ((large & (hiddenBit - 1)) | hiddenBit);
  if (isBelow(low, largeLow)) high = high + 1;
  if (high >= hiddenBit << 1) {
    // The fraction is one bit less, and the exponent one more.
    rest = (rest >>> 1) | (rest & 1) | (low << 31);
    low = (low >>> 1) | (high << 31);
    high = high >> 1;
    exponent++;
  }
  // To the nearest number, and to the even one of two.
  if (rest < 0 && (rest << 1 !== 0 || (low & 1) !== 0)) {
    low = (low + 1) | 0;
    if (low === 0) high = high + 1;
  }
  store32(at, low);
  store32(at + highWord, (exponent << fractionBits) + high - hiddenBit);
}
