/** The operand stack of the first walk. What it holds is counted as it changes: no instruction looks at all of it. */
import { limitField, load32, store32, take, usedField } from '@fireball/wasm';
import { extendedByte, extendedHalf, extendedWord, byte, half, pair, noResult } from './layout/operations.js';
import { firstResult, parameterCount, resultCount } from './layout/function.js';
import { computed, mostValues, symbols, testC, testCond, testValue, testVersion, testWord, values } from './layout/plan.js';
import { pressure } from './layout/allocation.js';
import { noCondition } from './layout/arithmetic.js';
import {
  constKind,
  localKind,
  symbolC,
  symbolCond,
  symbolHigh,
  symbolIsUnbound,
  symbolKind,
  symbolMax,
  symbolMin,
  symbolStride,
  symbolTestC,
  symbolTestValue,
  symbolVersion,
  symbolWord,
  valueKind,
} from './layout/symbols.js';
import { u32Max } from './unsigned.js';

/** How many words there are. */
export function stackHeight(): i32 {
  return (load32(symbols + usedField) - load32(symbols)) / symbolStride;
}

/** Address of the word at this depth below the top. */
export function peek(depth: i32): i32 {
  return load32(symbols + usedField) - (depth + 1) * symbolStride;
}

/** Takes the word on top, which stays where it is until another one is put there. */
export function pop(): i32 {
  const symbol = load32(symbols + usedField) - symbolStride;
  store32(symbols + usedField, symbol);
  if (load32(symbol + symbolKind) === valueKind) store32(computed, load32(computed) - 1);
  if (load32(symbol + symbolHigh) === 0) store32(values, load32(values) - 1);
  return symbol;
}

/** Counts a word that is on top now. */
function count(kind: i32, high: i32): void {
  if (kind === valueKind) countTo(computed, pressure);
  if (high === 0) countTo(values, mostValues);
}

/** One more at one address than before, and the most that there have been at another one. */
function countTo(at: i32, most: i32): void {
  const number = load32(at) + 1;
  store32(at, number);
  if (number > load32(most)) store32(most, number);
}

/** Puts a word on top, whose fields but for its word and version the caller knows, and returns its address. */
function push(kind: i32, high: i32, min: i32, max: i32): i32 {
  let symbol = load32(symbols + usedField);
  // Hardly ever does the stack need more room.
  if (symbol + symbolStride <= load32(symbols + limitField)) store32(symbols + usedField, symbol + symbolStride);
  else symbol = take(symbols, symbolStride);
  store32(symbol + symbolKind, kind);
  store32(symbol + symbolHigh, high);
  store32(symbol + symbolMin, min);
  store32(symbol + symbolMax, max);
  store32(symbol + symbolC, 0);
  store32(symbol + symbolCond, noCondition);
  store32(symbol + symbolIsUnbound, 0);
  count(kind, high);
  return symbol;
}

/** A computed word of at most `max`. */
export function pushValue(max: i32): void {
  push(valueKind, 0, 0, max);
}

/** The upper word of a computed pair. */
export function pushHigh(): void {
  push(valueKind, 1, 0, u32Max);
}

export function pushConstant(value: i32, high: i32): void {
  push(constKind, high, value, value);
}

export function pushLocalWord(word: i32, version: i32, high: i32, min: i32, max: i32): void {
  const symbol = push(localKind, high, min, max);
  store32(symbol + symbolWord, word);
  store32(symbol + symbolVersion, version);
}

/** Puts on top again what was there, or one word below that, and `c` more. */
export function pushAgain(symbol: i32, c: i32): void {
  const into = load32(symbols + usedField);
  if (symbol !== into) for (let field = 0; field < symbolStride; field += 4) store32(into + field, load32(symbol + field));
  store32(into + symbolC, (load32(into + symbolC) + c) | 0);
  store32(into + symbolIsUnbound, 0);
  store32(symbols + usedField, into + symbolStride);
  count(load32(into + symbolKind), load32(into + symbolHigh));
}

/** A computed word that is 1 where the test that was asked for is so, and 0 where it is not. */
export function pushTest(): void {
  const symbol = push(valueKind, 0, 0, 1);
  store32(symbol + symbolCond, load32(testCond));
  store32(symbol + symbolWord, load32(testWord));
  store32(symbol + symbolVersion, load32(testVersion));
  store32(symbol + symbolTestC, load32(testC));
  store32(symbol + symbolTestValue, load32(testValue));
}

/** Computed values of which nothing is known, of so many words each: `count` of them from an address on. */
function pushList(first: i32, count: i32): void {
  for (let at = first; at < first + (count << 2); at += 4) pushWords(load32(at));
}

/** A computed value of one word or two. */
export function pushWords(words: i32): void {
  pushValue(u32Max);
  if (words === 2) pushHigh();
}

export function pushResults(signature: i32): void {
  pushList(signature + firstResult, load32(signature + resultCount));
}

export function pushParameters(signature: i32): void {
  pushList(signature + firstResult + (load32(signature + resultCount) << 2), load32(signature + parameterCount));
}

/** What an operation leaves. */
export function pushResult(result: i32): void {
  if (result === noResult) return;
  if (result === byte || result === extendedByte) pushValue(0xff);
  else if (result === half || result === extendedHalf) pushValue(0xffff);
  else pushValue(u32Max);
  if (result === pair) pushHigh();
  else if (result === extendedWord || result === extendedByte || result === extendedHalf) pushConstant(0, 1);
}

/** Takes all words above a height. */
export function truncate(height: i32): void {
  const end = load32(symbols) + height * symbolStride;
  while (load32(symbols + usedField) > end) pop();
}

/** Nothing is known any more of words that may come from another frame: their bounds were proved by code that did not run in this one. */
export function forgetBounds(): void {
  const first = load32(symbols);
  // Below one that has been here before there are only such.
  for (let symbol = load32(symbols + usedField) - symbolStride; symbol >= first && load32(symbol + symbolIsUnbound) === 0; symbol -= symbolStride) {
    store32(symbol + symbolIsUnbound, 1);
    forgetBound(symbol);
  }
}

function forgetBound(symbol: i32): void {
  const kind = load32(symbol + symbolKind);
  if (kind === constKind) return;
  store32(symbol + symbolMin, 0);
  store32(symbol + symbolMax, u32Max);
  if (kind === localKind) return;
  store32(symbol + symbolC, 0);
  store32(symbol + symbolCond, noCondition);
}
