/** The operand stack of the first walk. What it holds is counted as it changes: no instruction looks at all of it. */
import { limitField, load32, load8, makeAreaIn, store32, store8, take, usedBytes, usedField } from '@fireball/wasm';
import { wordFact, wordVersion } from './layout/analyses.js';
import { factMax, factMin } from './layout/facts.js';
import { extendedByte, extendedHalf, extendedWord, byte, half, pair, noResult } from './layout/operations.js';
import { firstResult, parameterCount, resultCount } from './layout/function.js';
import { computed, mostEnd, mostValues, spare, symbols, testC, testCond, testValue, testVersion, testWord } from './layout/plan.js';
import { pressure } from './layout/allocation.js';
import { noCondition } from './layout/arithmetic.js';
import { symbolsEnd, symbolsRoom } from './layout/rooms.js';
import {
  constKind,
  highShift,
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

/** Begins with nothing. */
export function beginStack(): void {
  makeAreaIn(symbols, symbolsRoom, symbolsEnd);
  store32(mostEnd, load32(symbols));
  store32(mostValues, 0);
  store32(computed, 0);
  store32(pressure, 0);
}

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
  if (load8(symbol + symbolKind) === valueKind) store32(computed, load32(computed) - 1);
  if (load8(symbol + symbolHigh) !== 0) store32(mostEnd, load32(mostEnd) - symbolStride);
  return symbol;
}

/** Counts a computed word that is on top now. */
function countComputed(): void {
  const number = load32(computed) + 1;
  store32(computed, number);
  if (number > load32(pressure)) store32(pressure, number);
}

/** Makes room on top for a value's first word. */
function newValue(): i32 {
  const symbol = load32(symbols + usedField);
  const end = symbol + symbolStride;
  // Hardly ever are there more values than before.
  if (end > load32(mostEnd)) return newMost(end);
  store32(symbols + usedField, end);
  return symbol;
}

/** @noinline */
function newMost(end: i32): i32 {
  store32(mostValues, load32(mostValues) + 1);
  return newTop(end);
}

/** Makes room on top for the upper word of a pair. */
function newHigh(): i32 {
  return newTop(load32(mostEnd) + symbolStride);
}

/** The stack with as many values as ever ends at an address from now on: makes room up to there, and takes that on top. */
function newTop(end: i32): i32 {
  const first = load32(symbols);
  const used = usedBytes(symbols);
  if (end > load32(symbols + limitField) && take(symbols, end - first - used) === 0) return spare;
  const symbol = load32(symbols) + used;
  store32(mostEnd, end + load32(symbols) - first);
  store32(symbols + usedField, symbol + symbolStride);
  return symbol;
}

/** Writes a word, whose fields but for its local word and version, or test, these are. `head`: kind, and is it the upper word of a pair? It is no test: that is 0. */
function write(symbol: i32, head: i32, min: i32, max: i32): void {
  // The last one first: those below it need no bounds check then.
  store32(symbol + symbolC, 0);
  store32(symbol + symbolMax, max);
  store32(symbol + symbolMin, min);
  store32(symbol, head);
}

/** A computed word of at most `max`. */
export function pushValue(max: i32): void {
  write(newValue(), valueKind, 0, max);
  countComputed();
}

/** The same in the place of an operand that has been taken: there are not more values than before. */
export function replaceByValue(max: i32): void {
  const symbol = load32(symbols + usedField);
  store32(symbols + usedField, symbol + symbolStride);
  write(symbol, valueKind, 0, max);
  countComputed();
}

/** The upper word of a computed pair. */
export function pushHigh(): void {
  write(newHigh(), valueKind | (1 << highShift), 0, u32Max);
  countComputed();
}

export function pushConstant(value: i32): void {
  write(newValue(), constKind, value, value);
}

/** The upper word of a constant pair. */
export function pushHighConstant(value: i32): void {
  write(newHigh(), constKind | (1 << highShift), value, value);
}

/** A local's only or lower word, whose row it is. */
export function pushLocalWord(word: i32, row: i32): void {
  writeLocalWord(newValue(), localKind, word, row);
}

/** A local's upper word. */
export function pushHighLocalWord(word: i32, row: i32): void {
  writeLocalWord(newHigh(), localKind | (1 << highShift), word, row);
}

function writeLocalWord(symbol: i32, head: i32, word: i32, row: i32): void {
  const fact = load32(row + wordFact);
  store32(symbol + symbolVersion, load32(row + wordVersion));
  store32(symbol + symbolWord, word);
  if (fact === 0) write(symbol, head, 0, u32Max);
  else write(symbol, head, load32(fact + factMin), load32(fact + factMax));
}

/** Puts on top again the value of one word that was there, or one word below that, and `c` more. */
export function pushAgain(symbol: i32, c: i32): void {
  const into = load32(symbols + usedField);
  if (symbol !== into) copySymbol(into, symbol);
  store32(into + symbolC, (load32(into + symbolC) + c) | 0);
  store8(into + symbolIsUnbound, 0);
  store32(symbols + usedField, into + symbolStride);
  if (load8(into + symbolKind) === valueKind) countComputed();
}

function copySymbol(into: i32, from: i32): void {
  store32(into + symbolTestValue, load32(from + symbolTestValue));
  store32(into + symbolTestC, load32(from + symbolTestC));
  store32(into + symbolVersion, load32(from + symbolVersion));
  store32(into + symbolWord, load32(from + symbolWord));
  store32(into + symbolC, load32(from + symbolC));
  store32(into + symbolMax, load32(from + symbolMax));
  store32(into + symbolMin, load32(from + symbolMin));
  store32(into, load32(from));
}

/** A computed word that is 1 where the test that was asked for is so, and 0 where it is not, in the place of an operand that has been taken. */
export function replaceByTest(): void {
  const symbol = load32(symbols + usedField);
  store32(symbols + usedField, symbol + symbolStride);
  write(symbol, valueKind, 0, 1);
  store32(symbol + symbolTestValue, load32(testValue));
  store32(symbol + symbolTestC, load32(testC));
  store32(symbol + symbolVersion, load32(testVersion));
  store32(symbol + symbolWord, load32(testWord));
  store8(symbol + symbolCond, load32(testCond));
  countComputed();
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
  else if (result === extendedWord || result === extendedByte || result === extendedHalf) pushHighConstant(0);
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
  for (let symbol = load32(symbols + usedField) - symbolStride; symbol >= first && load8(symbol + symbolIsUnbound) === 0; symbol -= symbolStride) {
    store8(symbol + symbolIsUnbound, 1);
    forgetBound(symbol);
  }
}

function forgetBound(symbol: i32): void {
  const kind = load8(symbol + symbolKind);
  if (kind === constKind) return;
  store32(symbol + symbolMin, 0);
  store32(symbol + symbolMax, u32Max);
  if (kind === localKind) return;
  store32(symbol + symbolC, 0);
  store8(symbol + symbolCond, noCondition);
}
