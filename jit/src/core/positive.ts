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
  let large = before;
  let small = added;
  if (before < added) {
    large = added;
    small = before;
  }
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
  storeFloat(at, loadFloat(at) + loadFloat(more));
}
