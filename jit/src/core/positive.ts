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
/** 2 to this power is infinite. */
const mostPower = 1024;
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
  // One by one: a condition that has all of them takes more instructions.
  if (before >= leastExponent) {
    if (exponent >= leastExponent) {
      if (exponent <= mostExponent) {
        store32(into + highWord, high + (power << fractionBits));
        store32(into, load32(from));
        return;
      }
    }
  }
  scaleFloat(into, from, power);
}

/** @noinline */
function scaleFloat(into: i32, from: i32, power: i32): void {
  storeFloat(into, multiplied(loadFloat(from), power));
}

function multiplied(value: f64, power: i32): f64 {
  let factor: f64 = 1;
  const bits = power < 0 ? -power : power;
  // What is greater is infinite: deep in loops nobody counts on.
  for (let bit = bits < mostPower ? bits : mostPower; bit > 0; bit--) factor = factor * 2;
  return power < 0 ? value / factor : value * factor;
}

/** Adds another number to the one at an address. */
export function addNumber(at: i32, more: i32): void {
  let large = load32(at + highWord);
  let largeLow = load32(at);
  let small = load32(more + highWord);
  let low = load32(more);
  if (large < small) {
    const high = large;
    large = small;
    small = high;
    const word = largeLow;
    largeLow = low;
    low = word;
  }
  const distance = (large >> fractionBits) - (small >> fractionBits);
  // Without a bit of its own in front of the fraction it is 0, which has all bits 0, or too small.
  if (small < hiddenBit) {
    if ((small | low) !== 0) {
      addFloats(at, more);
      return;
    }
  } else {
    // One by one: a condition that has both takes more instructions.
    if (distance > mostDistance) {
      addFloats(at, more);
      return;
    }
    if (large >= mostExponent << fractionBits) {
      addFloats(at, more);
      return;
    }
    let high = (small & (hiddenBit - 1)) | hiddenBit;
    /** Bits behind the last one of the sum, the first of them on top. */
    let rest = 0;
    if (distance > 0) {
      rest = low << (32 - distance);
      low = (low >>> distance) | (high << (32 - distance));
      high = high >> distance;
    }
    largeLow = (low + largeLow) | 0;
    high = high + large;
    if (isBelow(largeLow, low)) high = high + 1;
    if ((high ^ large) >>> fractionBits !== 0) {
      // The fraction is one bit less, and the exponent one more.
      const exponent = (large >> fractionBits) << fractionBits;
      high = high - exponent + hiddenBit;
      rest = (rest >>> 1) | (rest & 1) | (largeLow << 31);
      largeLow = (largeLow >>> 1) | (high << 31);
      high = exponent + (high >> 1);
    }
    // To the nearest number, and to the even one of two.
    if (rest < 0) {
      if (rest << 1 !== 0 || (largeLow & 1) !== 0) {
        largeLow = (largeLow + 1) | 0;
        if (largeLow === 0) high = high + 1;
      }
    }
    large = high;
  }
  store32(at + highWord, large);
  store32(at, largeLow);
}

/** The same of any two. @noinline */
function addFloats(at: i32, more: i32): void {
  storeFloat(at, loadFloat(at) + loadFloat(more));
}
