/** What is known of loops and their ways round. A walk that looks ahead at a loop knows nothing of what that writes when it comes to the header; what it has found out at the edges back holds all the same, and the walk itself begins the loop with it. */
import { load32, store32 } from '@fireball/wasm';
import { asAtHeader, between } from './facts.js';
import { factIn, factOf, knownCount, knownWord, listFacts, meetFacts, replaceFact, seenFacts } from './fact-sets.js';
import { recordOf } from './instructions.js';
import { loopField } from './layout/body.js';
import { factDelta, factFlags, factLoop, factMax, factMin, factNot, factOthers, hasNot, hasOthers } from './layout/facts.js';
import * as loops from './layout/loops.js';
import { firstNested, looksAhead } from './layout/plan.js';
import { claim } from './nodes.js';
import { fitsProduct, greater, isBelow, lesser, product, quotient, u32Max } from './unsigned.js';
import { mayChange } from './writes.js';

/** More turns than can be counted. */
const uncounted: i32 = -1;

/** What is known of the loop. */
function factsOf(loop: i32): i32 {
  return load32(recordOf(loop) + loopField);
}

/** Of what the loop writes, only that is known from here on which has been found out of the ways round it ahead. */
export function beginLoop(loop: i32, isEntered: boolean): void {
  const isAhead = load32(looksAhead) !== 0;
  if (isAhead) writeLoop(loop);
  const record = factsOf(loop);
  const turns = isAhead ? uncounted : mostTurns(record);
  for (let number = knownCount() - 1; number >= 0; number--) {
    const word = knownWord(number);
    if (!mayChange(loop, isEntered, word)) continue;
    const fact = factOf(word);
    let around = 0;
    if (!isEntered) {
      if (isAhead) beginsWith(record, word);
      else around = factAtHeader(record, word, fact, turns);
    }
    replaceFact(word, around === 0 ? asAtHeader(loop, 0, u32Max) : around);
  }
}

/** Has the walk looked ahead at the loop with this record? */
export function hasBeenLookedAt(record: i32): boolean {
  return load32(record + loopField) !== 0;
}

function writeLoop(loop: i32): void {
  const record = claim(loops.loopSize);
  store32(record + loops.loopRound, 0);
  store32(record + loops.loopBefore, 0);
  store32(record + loops.loopIsShared, 0);
  store32(record + loops.loopIndex, loop);
  store32(recordOf(loop) + loopField, record);
}

/** Control comes to the loop, which writes the word. */
function beginsWith(record: i32, word: i32): void {
  const node = claim(loops.beforeSize);
  store32(node + loops.beforeWord, word);
  store32(node + loops.beforeNext, load32(record + loops.loopBefore));
  store32(record + loops.loopBefore, node);
}

/** Control goes back to the loop from here. */
export function comesRound(loop: i32): void {
  if (load32(looksAhead) === 0) return;
  const record = factsOf(loop);
  const known = load32(record + loops.loopRound);
  store32(record + loops.loopRound, known === 0 ? seenFacts() : meetFacts(seenFacts(), known));
}

/** Nothing more goes back to the loop. */
export function endLoop(loop: i32): void {
  if (load32(looksAhead) === 0) return;
  const round = factsOf(loop) + loops.loopRound;
  if (load32(round) !== 0) store32(round, listFacts(load32(round)));
}

/** Between the headers of a loop and of one in it no instruction is sure to become code, but those that give these words a constant. */
export function beginTogether(outer: i32, inner: i32, words: i32): void {
  const node = claim(loops.nestedSize);
  store32(node + loops.nestedOuter, outer);
  store32(node + loops.nestedInner, inner);
  store32(node + loops.nestedWords, words);
  store32(node + loops.nestedNext, load32(firstNested));
  store32(firstNested, node);
}

/** Finds out which loops may have one header, when all of those have been looked ahead at that can. */
export function shareHeaders(): void {
  for (let nested = load32(firstNested); nested !== 0; nested = load32(nested + loops.nestedNext)) shareHeader(nested);
  store32(firstNested, 0);
}

/** Both headers may be one place, unless one of the words gets a constant between them that the inner loop counts on. */
function shareHeader(nested: i32): void {
  const inner = factsOf(load32(nested + loops.nestedInner));
  const round = load32(inner + loops.loopRound);
  for (let node = load32(nested + loops.nestedWords); node !== 0; node = load32(node + loops.bareNext)) {
    if (round !== 0 && strideOf(load32(inner + loops.loopIndex), factIn(round, load32(node + loops.bareWord))) !== 0) return;
  }
  store32(inner + loops.loopIsShared, 1);
  store32(factsOf(load32(nested + loops.nestedOuter)) + loops.loopIsShared, 1);
}

/** How often control comes round the loop at most, by what is known in front of it of the words, which is here. */
function mostTurns(record: i32): i32 {
  const round = load32(record + loops.loopRound);
  if (load32(record + loops.loopIsShared) !== 0 || round === 0) return uncounted;
  let most = uncounted;
  for (let before = load32(record + loops.loopBefore); before !== 0; before = load32(before + loops.beforeNext)) {
    const word = load32(before + loops.beforeWord);
    const start = factOf(word);
    const back = factIn(round, word);
    if (start !== 0 && back !== 0) most = lesser(most, turnsOf(load32(record + loops.loopIndex), start, back));
  }
  return most;
}

/** What every turn of the loop adds to the word; 0 where that differs. */
function strideOf(loop: i32, fact: i32): i32 {
  return fact !== 0 && load32(fact + factLoop) === loop && (load32(fact + factFlags) & hasOthers) === 0 ? load32(fact + factDelta) : 0;
}

/** How often control comes round a loop at most, if `start` is true of the word in front of it, and `back` when control comes round. */
function turnsOf(loop: i32, start: i32, back: i32): i32 {
  const stride = strideOf(loop, back);
  if (stride === 0) return uncounted;
  const step = stride < 0 ? -stride | 0 : stride;
  const startMin = load32(start + factMin);
  const startMax = load32(start + factMax);
  const backMin = load32(back + factMin);
  const backMax = load32(back + factMax);
  let turns = uncounted;
  if ((load32(back + factFlags) & hasNot) !== 0 && startMin === startMax) {
    // It would meet exactly the number that it never is.
    const not = load32(back + factNot);
    const distance = (stride > 0 ? not - startMin : startMin - not) | 0;
    const times = quotient(distance, step);
    if (distance !== 0 && product(times, step) === distance) turns = times - 1;
  }
  // No turn can carry it past the end of the numbers without a value behind the limit.
  if (stride > 0 && hasSum(backMax, step) && hasSum(startMax, step)) turns = lesser(turns, turnsBetween(startMin, backMax, step));
  if (stride < 0 && !isBelow(backMin, step) && !isBelow(startMin, step)) turns = lesser(turns, turnsBetween(backMin, startMax, step));
  return turns;
}

/** Is the sum of both a word? */
function hasSum(a: i32, b: i32): boolean {
  return !isBelow((a + b) | 0, a);
}

function turnsBetween(low: i32, high: i32, step: i32): i32 {
  return isBelow(high, low) ? 0 : quotient((high - low) | 0, step);
}

/** The word at the header of the loop, if `before` is true of it in front of the loop; 0 where nothing is known of it. */
function factAtHeader(record: i32, word: i32, before: i32, turns: i32): i32 {
  const round = load32(record + loops.loopRound);
  const back = round === 0 ? 0 : factIn(round, word);
  if (back === 0) return 0;
  const loop = load32(record + loops.loopIndex);
  const counted = rangeOfCount(loop, before, back, turns);
  // What is true of the word when control comes round and it has been given a value since the header, or has kept it.
  let min = 0;
  let max = load32(back + factMax);
  if (load32(back + factLoop) === loop && load32(back + factDelta) === 0) {
    const hasAny = (load32(back + factFlags) & hasOthers) !== 0;
    min = hasAny ? 0 : u32Max;
    max = hasAny ? load32(back + factOthers) : 0;
  } else if (max === u32Max) return counted;
  max = greater(load32(before + factMax), max);
  if (max === u32Max) return counted;
  min = lesser(load32(before + factMin), min);
  if (counted !== 0) {
    min = greater(min, load32(counted + factMin));
    max = lesser(max, load32(counted + factMax));
  }
  return between(min, max);
}

/** The word at the header, if every turn adds the same to it; 0 where it may wrap. */
function rangeOfCount(loop: i32, start: i32, back: i32, turns: i32): i32 {
  const stride = strideOf(loop, back);
  if (stride === 0 || turns === uncounted) return 0;
  const step = stride < 0 ? -stride | 0 : stride;
  if (!fitsProduct(step, turns)) return 0;
  const way = product(step, turns);
  const min = load32(start + factMin);
  const max = load32(start + factMax);
  if (stride > 0) return hasSum(max, way) ? asAtHeader(loop, min, (max + way) | 0) : 0;
  return isBelow(min, way) ? 0 : asAtHeader(loop, (min - way) | 0, max);
}
