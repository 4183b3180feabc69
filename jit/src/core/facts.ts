/** What is known of a local word. 0 instead of an address where that is nothing. */
import { load32, store32 } from '@fireball/wasm';
import * as arithmetic from './layout/arithmetic.js';
import { factDelta, factFlags, factLoop, factMax, factMin, factNot, factOthers, factSize, hasNot, hasOthers } from './layout/facts.js';
import { rangeMax, rangeMin, testC, testCond, testValue } from './layout/plan.js';
import { claim } from './nodes.js';
import { rangeBehind } from './symbols.js';
import { greater, isBelow, lesser, u32Max } from './unsigned.js';

const signBit: i32 = -0x8000_0000;

function makeFact(min: i32, max: i32, flags: i32, not: i32, loop: i32, delta: i32, others: i32): i32 {
  const fact = claim(factSize);
  store32(fact + factOthers, others);
  store32(fact + factDelta, delta);
  store32(fact + factLoop, loop);
  store32(fact + factNot, not);
  store32(fact + factFlags, flags);
  store32(fact + factMax, max);
  store32(fact + factMin, min);
  return fact;
}

export function between(min: i32, max: i32): i32 {
  return asAtHeader(-1, min, max);
}

/** What the word, which lies there, was when control came to the loop; or no loop, -1. */
export function asAtHeader(loop: i32, min: i32, max: i32): i32 {
  const fact = claim(factSize);
  store32(fact + factOthers, 0);
  store32(fact + factDelta, 0);
  store32(fact + factLoop, loop);
  store32(fact + factNot, 0);
  store32(fact + factFlags, 0);
  store32(fact + factMax, max);
  store32(fact + factMin, min);
  return fact;
}

/** The word, of which the fact is known, and `c` more (wrapping). */
export function shifted(fact: i32, c: i32): i32 {
  if (c === 0) return fact;
  rangeBehind(load32(fact + factMin), load32(fact + factMax), c);
  const flags = load32(fact + factFlags);
  const loop = load32(fact + factLoop);
  const not = (load32(fact + factNot) + c) | 0;
  // Another value may be anything then, but it will be worth knowing once more is known of the loop.
  const isTracked = loop >= 0 && (flags & hasOthers) === 0;
  const others = loop >= 0 && !isTracked ? hasOthers : 0;
  return makeFact(load32(rangeMin), load32(rangeMax), (flags & hasNot) | others, not, loop, isTracked ? (load32(fact + factDelta) + c) | 0 : 0, u32Max);
}

/** The same number in another word. */
export function copied(fact: i32): i32 {
  const loop = load32(fact + factLoop);
  if (loop < 0) return fact;
  return makeFact(load32(fact + factMin), load32(fact + factMax), (load32(fact + factFlags) & hasNot) | hasOthers, load32(fact + factNot), loop, 0, u32Max);
}

export function saysNothing(fact: i32): boolean {
  // Most facts have a greatest value.
  if (load32(fact + factMax) !== u32Max) return false;
  return load32(fact + factMin) === 0 && (load32(fact + factFlags) & hasNot) === 0 && load32(fact + factLoop) < 0;
}

/** Of a word of which one of two facts is true; `a` itself where that says no more. */
export function meetFact(a: i32, b: i32): i32 {
  const min = lesser(load32(a + factMin), load32(b + factMin));
  const max = greater(load32(a + factMax), load32(b + factMax));
  const flags = load32(a + factFlags);
  const not = load32(a + factNot);
  let metFlags = (flags & load32(b + factFlags) & hasNot) !== 0 && not === load32(b + factNot) ? hasNot : 0;
  // What both have become since the header of a loop, which one of them tells, and the other one's greatest value where it tells nothing of that.
  const teller = load32(a + factLoop) < 0 ? b : a;
  let loop = load32(teller + factLoop);
  let delta = load32(teller + factDelta);
  let others = 0;
  if (loop >= 0) {
    const isKnown = tells(a, loop, delta) && tells(b, loop, delta);
    const hasAny = hasOthersThan(a, loop, delta) || hasOthersThan(b, loop, delta);
    if (!isKnown || (hasAny && delta !== 0)) loop = -1;
    else if (hasAny) {
      metFlags |= hasOthers;
      others = greater(othersThan(a, loop, delta), othersThan(b, loop, delta));
    }
  }
  if (loop < 0) delta = 0;
  if (
    min === load32(a + factMin) &&
    max === load32(a + factMax) &&
    metFlags === flags &&
    ((flags & hasNot) === 0 || not === load32(b + factNot)) &&
    loop === load32(a + factLoop) &&
    delta === load32(a + factDelta) &&
    ((flags & hasOthers) === 0 || others === load32(a + factOthers))
  )
    return a;
  if (min === 0 && max === u32Max && metFlags === 0 && loop < 0) return 0;
  return makeFact(min, max, metFlags, not, loop, delta, others);
}

function isOf(fact: i32, loop: i32, delta: i32): boolean {
  return load32(fact + factLoop) === loop && load32(fact + factDelta) === delta;
}

/** Is it known what the word may have become beside what it was `delta` before? */
function tells(fact: i32, loop: i32, delta: i32): boolean {
  return isOf(fact, loop, delta) || (load32(fact + factLoop) < 0 && load32(fact + factMax) !== u32Max);
}

function hasOthersThan(fact: i32, loop: i32, delta: i32): boolean {
  return !isOf(fact, loop, delta) || (load32(fact + factFlags) & hasOthers) !== 0;
}

/** The greatest of them; 0 where there is none. */
function othersThan(fact: i32, loop: i32, delta: i32): i32 {
  if (!isOf(fact, loop, delta)) return load32(fact + factMax);
  return (load32(fact + factFlags) & hasOthers) !== 0 ? load32(fact + factOthers) : 0;
}

/** The word lies in min..max, too; the fact itself where that cannot be. */
function refined(fact: i32, min: i32, max: i32): i32 {
  if (fact === 0) return between(min, max);
  const low = greater(load32(fact + factMin), min);
  const high = lesser(load32(fact + factMax), max);
  if (isBelow(high, low)) return fact;
  return withRange(fact, low, high, load32(fact + factFlags), load32(fact + factNot));
}

/** The word is not `not`, too; the fact itself where that cannot be. */
function without(fact: i32, not: i32): i32 {
  let low = load32(fact + factMin);
  let high = load32(fact + factMax);
  const isLow = not === low;
  const isHigh = not === high;
  // One number, which it is not.
  if (low === high && isLow) return fact;
  if (isLow) low = (low + 1) | 0;
  if (isHigh) high = (high - 1) | 0;
  if (isBelow(high, low)) return fact;
  return withRange(fact, low, high, load32(fact + factFlags) | hasNot, not);
}

function withRange(fact: i32, low: i32, high: i32, flags: i32, not: i32): i32 {
  const refined = asAtHeader(load32(fact + factLoop), low, high);
  store32(refined + factOthers, load32(fact + factOthers));
  store32(refined + factDelta, load32(fact + factDelta));
  store32(refined + factNot, not);
  store32(refined + factFlags, flags);
  return refined;
}

/** What is known of the local's word where the test that was asked for has come out true. Its own fact where it says no more; nothing is remembered of words without a limit. */
export function refinedByTest(fact: i32): i32 {
  const cond = load32(testCond);
  const c = load32(testC);
  const value = load32(testValue);
  if (cond === arithmetic.ne) return fact === 0 ? 0 : without(fact, (value - c) | 0);
  if (!rangeWhere(cond, value, c === 0 && fact !== 0 ? load32(fact + factMax) : u32Max)) return fact;
  // The word is in the range less c: two ranges, where that wraps.
  const min = (load32(rangeMin) - c) | 0;
  const max = (load32(rangeMax) - c) | 0;
  if (isBelow(max, min) || (min === 0 && max === u32Max)) return fact;
  if (fact === 0 && max === u32Max) return 0;
  return refined(fact, min, max);
}

/** Range: numbers of which the condition is true; `most`: the greatest that it can be about. False where there is none. */
function rangeWhere(cond: i32, value: i32, most: i32): boolean {
  store32(rangeMin, 0);
  store32(rangeMax, u32Max);
  switch (cond) {
    case arithmetic.eq:
      store32(rangeMin, value);
      store32(rangeMax, value);
      return true;
    case arithmetic.ltU:
      store32(rangeMax, (value - 1) | 0);
      return value !== 0;
    case arithmetic.leU:
      store32(rangeMax, value);
      return true;
    case arithmetic.gtU:
      store32(rangeMin, (value + 1) | 0);
      return value !== u32Max;
    case arithmetic.geU:
      store32(rangeMin, value);
      return true;
    case arithmetic.gtS:
      if (value < 0 && value !== u32Max) return true;
      store32(rangeMin, (value + 1) | 0);
      store32(rangeMax, ~signBit);
      // Of the greatest number there is none above.
      return value !== ~signBit;
    case arithmetic.geS:
      if (value < 0) return true;
      store32(rangeMin, value);
      store32(rangeMax, ~signBit);
      return true;
    case arithmetic.ltS:
      if (value < 0 || most < 0) return true;
      store32(rangeMax, (value - 1) | 0);
      return value !== 0;
    default:
      if (value < 0 || most < 0) return true;
      store32(rangeMax, value);
      return true;
  }
}
