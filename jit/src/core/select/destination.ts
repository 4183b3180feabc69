/** Where results go: into the local that the next instruction writes, the register in which it needs them, or a temporary. */
import { load32, store32 } from '@fireball/wasm';
import { classAt, indexAt } from '../instructions.js';
import * as classes from '../layout/classes.js';
import { openerField, recordStride, signatureField } from '../layout/body.js';
import { firstResult, functionSignature, resultCount, wordsOfParameters } from '../layout/function.js';
import {
  destinationReg,
  destinationWay,
  destinationWord,
  fixedSource,
  noHeld,
  noReg,
  pairHigh,
  pairLow,
  pairWay,
  pairWord,
  pushesResult,
  returnsResult,
  setsResult,
  teesResult,
} from '../layout/select.js';
import { endOfWords, firstWordOf } from '../locals.js';
import { argumentCount, argumentRegister } from '../masm/roles.js';
import { isWorthKeeping } from './contents.js';
import { advance, composedReg, isComposing, nextRecord } from './context.js';
import { sumEntryOf, wordReg } from './entries.js';
import { regOf } from './held.js';
import { push } from './operand-stack.js';
import { releasePending } from './pending.js';
import { flushReads } from './spilling.js';
import { pushReg, pushWord, release, takeTemp } from './state.js';
import { canTake, hasTemp } from './temporaries.js';

/** Does control leave the function with the instruction, of this class? */
function returns(record: i32, found: i32): boolean {
  return found === classes.returnResults || (found === classes.end && load32(record + openerField) < 0);
}

/** Register in which the next instruction, of this class, needs the topmost value, as far as that is certain: returns and calls. */
function registerWantedBy(record: i32, found: i32): i32 {
  if (found === classes.call) {
    const words = load32(load32(record + signatureField) + wordsOfParameters);
    return words > 0 && words <= argumentCount() ? argumentRegister(words - 1) : noReg;
  }
  const signature = load32(functionSignature);
  return returns(record, found) && load32(signature + resultCount) === 1 && load32(signature + firstResult) === 1 ? argumentRegister(0) : noReg;
}

function writesLocal(found: i32): boolean {
  return found === classes.localSet || found === classes.localTee;
}

function wayOf(found: i32): i32 {
  return found === classes.localTee ? teesResult : setsResult;
}

function releaseOperands(h0: i32, h1: i32, h2: i32): void {
  releasePending();
  release(h0);
  release(h1);
  release(h2);
}

/**
 * Where a one-word result should go. If the next instruction writes it to a local in a register, that register is the destination and the write is done with it;
 * otherwise a temporary is. Operands, with those of the pending condition, are released here, after pending reads of the destination have been saved and before
 * a temporary is chosen, so that the result may take an operand's register. `finishDestination` follows, when the result is there.
 */
export function destination(prefer: i32, h0: i32, h1: i32, h2: i32): i32 {
  let next = nextRecord();
  let found = classAt(next);
  if (writesLocal(found)) {
    const local = indexAt(next);
    const word = firstWordOf(local);
    const reg = wordReg(word);
    if (reg !== noReg && endOfWords(local) === word + 1) {
      flushReads(word);
      releaseOperands(h0, h1, h2);
      store32(destinationWord, word);
      return goesTo(wayOf(found), reg);
    }
    if (isComposing()) {
      releaseOperands(h0, h1, h2);
      return goesTo(returnsResult, composedReg());
    }
  }
  releaseOperands(h0, h1, h2);
  if (found === classes.rest) {
    next += recordStride;
    found = classAt(next);
  }
  if (found > classes.call || !mayLeave(found)) return goesTo(pushesResult, takeTemp(prefer));
  const wanted = registerWantedBy(next, found);
  // Nobody reads a local any more, nor a constant.
  if (wanted !== noReg && found !== classes.call && !hasTemp(wanted)) return goesTo(returnsResult, wanted);
  return goesTo(pushesResult, takeTemp(canTake(wanted) ? wanted : prefer));
}

/** Is the instruction a call, or an end of a block or of the function? One by one: a condition that has them all takes more instructions. */
function mayLeave(found: i32): boolean {
  if (found === classes.call) return true;
  if (found === classes.end) return true;
  return found === classes.returnResults;
}

function goesTo(way: i32, reg: i32): i32 {
  store32(destinationWay, way);
  store32(destinationReg, reg);
  return reg;
}

/** Pushes the result, or completes the local's write. */
export function finishDestination(): void {
  const reg = load32(destinationReg);
  switch (load32(destinationWay)) {
    case pushesResult:
      pushReg(reg, false);
      return;
    case returnsResult:
      push(sumEntryOf(fixedSource, reg, 0, false));
      return;
    case teesResult:
      pushWord(load32(destinationWord), false);
      advance(1);
      return;
    default:
      advance(1);
  }
}

/**
 * As `destination`, for two words; the first two operands are those of which they take the place. `lowAvoids` and `highAvoids` are sets of operand registers that
 * the operation still reads after it has written the low or high result.
 */
export function pairDestination(lowAvoids: i32, highAvoids: i32, h0: i32, h1: i32, h2: i32, h3: i32, h4: i32): void {
  const next = nextRecord();
  const found = classAt(next);
  if (writesLocal(found)) {
    const local = indexAt(next);
    const word = firstWordOf(local);
    const low = wordReg(word);
    const high = endOfWords(local) === word + 2 ? wordReg(word + 1) : noReg;
    if (low !== noReg && high !== noReg && !isAvoided(lowAvoids, low) && !isAvoided(highAvoids, high)) {
      flushReads(word);
      flushReads(word + 1);
      releaseOperands(h0, h1, h2);
      release(h3);
      release(h4);
      store32(pairWord, word);
      pairGoesTo(wayOf(found), low, high);
      return;
    }
  }
  // The word that may go anywhere comes last.
  const swaps = lowAvoids === 0 && highAvoids !== 0;
  const firstAvoids = swaps ? highAvoids : lowAvoids;
  const lastAvoids = swaps ? lowAvoids : highAvoids;
  const all = firstAvoids | lastAvoids;
  releasePending();
  releaseBetween(h0, all, -1);
  releaseBetween(h1, all, -1);
  releaseBetween(h2, all, -1);
  releaseBetween(h3, all, -1);
  releaseBetween(h4, all, -1);
  const first = inPlaceOf(swaps ? h1 : h0);
  releaseBetween(h0, lastAvoids, all);
  releaseBetween(h1, lastAvoids, all);
  releaseBetween(h2, lastAvoids, all);
  releaseBetween(h3, lastAvoids, all);
  releaseBetween(h4, lastAvoids, all);
  const last = inPlaceOf(swaps ? h0 : h1);
  releaseBetween(h0, 0, lastAvoids);
  releaseBetween(h1, 0, lastAvoids);
  releaseBetween(h2, 0, lastAvoids);
  releaseBetween(h3, 0, lastAvoids);
  releaseBetween(h4, 0, lastAvoids);
  pairGoesTo(pushesResult, swaps ? last : first, swaps ? first : last);
}

/**
 * Does the next instruction write two words to a local in registers? Then these are the destination: whoever asks writes both, of which `resultLow` and
 * `resultHigh` tell, and calls `finishPair`. Nothing on the stack reads them any more.
 */
export function isPairForLocal(): boolean {
  const next = nextRecord();
  const found = classAt(next);
  if (!writesLocal(found)) return false;
  const local = indexAt(next);
  const word = firstWordOf(local);
  if (endOfWords(local) !== word + 2) return false;
  const low = wordReg(word);
  const high = wordReg(word + 1);
  if (low === noReg || high === noReg) return false;
  flushReads(word);
  flushReads(word + 1);
  store32(pairWord, word);
  pairGoesTo(wayOf(found), low, high);
  return true;
}

function isAvoided(avoids: i32, reg: i32): boolean {
  return ((avoids >>> reg) & 1) !== 0;
}

/** Releases what is not among those that stay now, and was among those that stayed until now. */
function releaseBetween(held: i32, stay: i32, stayed: i32): void {
  if (held !== noHeld && !isAvoided(stay, regOf(held)) && isAvoided(stayed, regOf(held))) release(held);
}

function inPlaceOf(held: i32): i32 {
  return takeTemp(held === noHeld || isWorthKeeping(regOf(held)) ? noReg : regOf(held));
}

function pairGoesTo(way: i32, low: i32, high: i32): void {
  store32(pairWay, way);
  store32(pairLow, low);
  store32(pairHigh, high);
}

export function resultLow(): i32 {
  return load32(pairLow);
}

export function resultHigh(): i32 {
  return load32(pairHigh);
}

/** Pushes the results, or completes the local's write. */
export function finishPair(): void {
  const way = load32(pairWay);
  if (way === pushesResult) {
    pushReg(resultLow(), false);
    pushReg(resultHigh(), true);
    return;
  }
  if (way === teesResult) {
    const word = load32(pairWord);
    pushWord(word, false);
    pushWord(word + 1, true);
  }
  advance(1);
}
