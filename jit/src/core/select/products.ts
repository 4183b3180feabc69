/** i64.mul: by what is known of the factors' upper words, and with the addition behind it. */
import { load32, load8 } from '@fireball/wasm';
import { operationAt } from '../instructions.js';
import { aField } from '../layout/body.js';
import { entryC, entryFrom, entrySource, i64Add, localGet, localSet, localTee, noHeld, noReg, ownSource, wordSource } from '../layout/select.js';
import { endOfWords, firstWordOf } from '../locals.js';
import { move } from '../masm/arithmetic.js';
import { multiplyAddWords, multiplyPair, multiplyWords } from '../masm/pairs.js';
import { multipliesAndAdds } from '../masm/properties.js';
import { advance, nextRecord } from './context.js';
import { finishPair, pairDestination, resultHigh, resultLow } from './destination.js';
import { isConstOf, isPlainSum, isSignOf, wordReg } from './entries.js';
import { regOf } from './held.js';
import { pop, popCopy, topEntry } from './operand-stack.js';
import { isConstantPair } from './pair-entries.js';
import { hold, releaseEntry } from './state.js';
import { hasFree, isExclusive } from './temporaries.js';
import { selectLocalGet } from './variables.js';

export function selectPairMultiply(): void {
  const bHigh = popCopy();
  const b = popCopy();
  const aHigh = popCopy();
  const a = popCopy();
  const isWordA = isConstOf(aHigh, 0);
  const isWordB = isConstOf(bHigh, 0);
  if (isSignExtended(a, aHigh) && isSignExtended(b, bHigh)) multiplyBoth(true, a, aHigh, b, bHigh);
  else if (isWordA && isWordB) multiplyBoth(false, a, aHigh, b, bHigh);
  else if (isWordA) multiplyByWord(b, bHigh, a);
  else if (isWordB) multiplyByWord(a, aHigh, b);
  else multiplyPairs(a, aHigh, b, bHigh);
}

function isSignExtended(low: i32, high: i32): boolean {
  return isConstantPair(low, high) ? load32(high + entryC) === load32(low + entryC) >> 31 : isSignOf(high, low);
}

function multiplyPairs(a: i32, aHigh: i32, b: i32, bHigh: i32): void {
  const right = hold(b);
  const rightHigh = hold(bHigh);
  const left = hold(a);
  const leftHigh = hold(aHigh);
  // In place it is slower: only where registers are short.
  const avoids = hasFree(2) ? (1 << regOf(left)) | (1 << regOf(leftHigh)) | (1 << regOf(right)) | (1 << regOf(rightHigh)) : 0;
  pairDestination(avoids, avoids, left, leftHigh, right, rightHigh, noHeld);
  multiplyPair(resultLow(), resultHigh(), regOf(left), regOf(leftHigh), regOf(right), regOf(rightHigh));
  finishPair();
}

/** A pair by a word, above which there is nothing. */
function multiplyByWord(pair: i32, pairHigh: i32, word: i32): void {
  const right = hold(pair);
  const rightHigh = hold(pairHigh);
  const left = hold(word);
  const avoids = hasFree(2) ? (1 << regOf(left)) | (1 << regOf(right)) | (1 << regOf(rightHigh)) : 0;
  pairDestination(avoids, avoids, right, rightHigh, left, noHeld, noHeld);
  multiplyPair(resultLow(), resultHigh(), regOf(left), noReg, regOf(right), regOf(rightHigh));
  finishPair();
}

/** The whole product of two words, extended in the same way. */
function multiplyBoth(signed: boolean, a: i32, aHigh: i32, b: i32, bHigh: i32): void {
  releaseEntry(aHigh);
  releaseEntry(bHigh);
  const right = hold(b);
  const left = hold(a);
  const factors = (1 << regOf(left)) | (1 << regOf(right));
  if (takesAddend()) {
    const sumHigh = popCopy();
    const addend = hold(pop());
    const addendHigh = hold(sumHigh);
    pairDestination((1 << regOf(addendHigh)) | factors, factors, addend, addendHigh, left, right, noHeld);
    move(resultLow(), regOf(addend));
    move(resultHigh(), regOf(addendHigh));
    multiplyAddWords(signed, resultLow(), resultHigh(), regOf(left), regOf(right));
  } else {
    // Two instructions, of which the first must leave the factors to the second.
    const read = !multipliesAndAdds() && hasFree(1) ? factors : 0;
    pairDestination(0, read, left, right, noHeld, noHeld, noHeld);
    multiplyWords(signed, resultLow(), resultHigh(), regOf(left), regOf(right));
  }
  finishPair();
}

/**
 * Is the other operand of the addition that follows one whose place the sum can take: a value in temporaries, or the local that gets
 * the sum? It is on top then, and the addition is done with.
 */
function takesAddend(): boolean {
  if (!multipliesAndAdds()) return false;
  const first = nextRecord();
  const isLocal = readsPairLocal(first);
  const ahead = isLocal ? 2 : 1;
  if (isLocal) advance(1);
  if (operationAt(nextRecord()) !== i64Add) {
    advance(1 - ahead);
    return false;
  }
  advance(1);
  if (isLocal) selectLocalGet(load32(first + aField));
  const low = topEntry(2);
  if (low !== 0 && canBeReplaced(low, topEntry(1))) return true;
  if (isLocal) {
    popCopy();
    popCopy();
  }
  advance(-ahead);
  return false;
}

/** Is it a `local.get` of two words? */
function readsPairLocal(record: i32): boolean {
  if (operationAt(record) !== localGet) return false;
  const local = load32(record + aField);
  return endOfWords(local) - firstWordOf(local) === 2;
}

function canBeReplaced(low: i32, high: i32): boolean {
  if (!isPlainSum(low) || !isPlainSum(high)) return false;
  const lower = load32(low + entrySource);
  const upper = load32(high + entrySource);
  const from = load8(low + entryFrom);
  if (load8(high + entryFrom) !== from) return false;
  if (from === ownSource) return lower !== upper && isExclusive(lower) && isExclusive(upper);
  if (from !== wordSource) return false;
  const next = nextRecord();
  if (operationAt(next) !== localSet && operationAt(next) !== localTee) return false;
  const local = load32(next + aField);
  const word = firstWordOf(local);
  if (word !== lower || word + 1 !== upper || endOfWords(local) !== word + 2) return false;
  return wordReg(lower) !== noReg && wordReg(upper) !== noReg;
}
