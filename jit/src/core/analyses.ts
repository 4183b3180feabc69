/** What is found out of the uses of a body's locals, once all that names them is known. */
import { allocate, load32, store32, store8 } from '@fireball/wasm';
import { isLiveKnown, liveAtEntry, needsZero, parameterWords, wordCount, wordMentions } from './layout/analyses.js';
import { findLiveRanges } from './liveness.js';
import { rowOf } from './locals.js';
import { hasMember } from './sets.js';

/** Finds where the values of words are wanted, and so which need their zero: those whose first value somebody may read. False where there is no room. */
export function analyseUses(): boolean {
  const words = load32(wordCount);
  const needs = allocate(words);
  store32(needsZero, needs);
  if (needs === 0 || !findLiveRanges()) return false;
  const isKnown = load32(isLiveKnown) !== 0;
  const parameters = load32(parameterWords);
  for (let word = 0; word < words; word++) store8(needs + word, word >= parameters && mayBeRead(word, isKnown) ? 1 : 0);
  return true;
}

/** May somebody read what a word has where the function begins? */
function mayBeRead(word: i32, isKnown: boolean): boolean {
  if (isKnown && !hasMember(load32(liveAtEntry), word)) return false;
  return load32(rowOf(word) + wordMentions) > 0;
}
