/** 64-bit arithmetic on register pairs, low word first. */
import { noForm } from '../layout/masm.js';
import { isThumb2 } from '../costs.js';
import { refuse } from './records.js';
import * as rv32 from './rv32/pairs.js';
import * as thumb2 from './thumb2/pairs.js';

/** Does the operation, of add, sub and compare, take these two words? Comparisons: lt and ge only. */
export function fitsPairImmediate(op: i32, low: i32, high: i32): boolean {
  return isThumb2() ? thumb2.fitsPairImmediate(low, high) : rv32.fitsPairImmediate(op, low, high);
}

/** rd = a +/- b. rdLow must not be aHigh or bHigh. */
export function addPair(op: i32, rdLow: i32, rdHigh: i32, aLow: i32, aHigh: i32, bLow: i32, bHigh: i32): void {
  if (isThumb2()) thumb2.addPair(op, rdLow, rdHigh, aLow, aHigh, bLow, bHigh);
  else rv32.addPair(op, rdLow, rdHigh, aLow, aHigh, bLow, bHigh);
}

/** The same with words that `fitsPairImmediate` accepts. */
export function addPairImmediate(op: i32, rdLow: i32, rdHigh: i32, aLow: i32, aHigh: i32, low: i32, high: i32): void {
  if (isThumb2()) thumb2.addPairImmediate(op, rdLow, rdHigh, aLow, aHigh, low, high);
  else rv32.addPairImmediate(rdLow, rdHigh, aLow, aHigh, low, high);
}

/** rd = a * b, the whole product of two words. */
export function multiplyWords(signed: boolean, rdLow: i32, rdHigh: i32, a: i32, b: i32): void {
  if (isThumb2()) thumb2.multiplyWords(signed, rdLow, rdHigh, a, b);
  else rv32.multiplyWords(signed, rdLow, rdHigh, a, b);
}

/** rd = rd + a * b, the same added; where `multipliesAndAdds`. */
export function multiplyAddWords(signed: boolean, rdLow: i32, rdHigh: i32, a: i32, b: i32): void {
  if (isThumb2()) thumb2.multiplyAddWords(signed, rdLow, rdHigh, a, b);
  else refuse(noForm, rdLow);
}

/** rd = a shifted by amount modulo 64. The word into which bits come from the other one, high for shl and low for the others, must be neither that other word of a nor `amount`, which may be overwritten. */
export function shiftPair(op: i32, rdLow: i32, rdHigh: i32, aLow: i32, aHigh: i32, amount: i32): void {
  if (isThumb2()) thumb2.shiftPair(op, rdLow, rdHigh, aLow, aHigh, amount);
  else rv32.shiftPair(op, rdLow, rdHigh, aLow, aHigh, amount);
}

/** rd = a * b on pairs; with -1 as its upper word, a is below 2^32. */
export function multiplyPair(rdLow: i32, rdHigh: i32, aLow: i32, aHigh: i32, bLow: i32, bHigh: i32): void {
  const overlaps = isOneOf(rdLow, aLow, aHigh, bLow, bHigh) || isOneOf(rdHigh, aLow, aHigh, bLow, bHigh);
  if (isThumb2()) thumb2.multiplyPair(rdLow, rdHigh, aLow, aHigh, bLow, bHigh, overlaps);
  else rv32.multiplyPair(rdLow, rdHigh, aLow, aHigh, bLow, bHigh, overlaps);
}

function isOneOf(reg: i32, a: i32, b: i32, c: i32, d: i32): boolean {
  return reg === a || reg === b || reg === c || reg === d;
}
