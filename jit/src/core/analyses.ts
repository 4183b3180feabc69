/** What is found out of a body that has been read: of its locals as they are, and of what is made of them. */
import { load32, store8 } from '@fireball/wasm';
import { findWordsThatNeedZero } from './assigned.js';
import { findExtendedLocals } from './extended.js';
import { isLiveKnown, liveAtEntry, needsZero, wordCount, wordMentions } from './layout/analyses.js';
import { findLiveRanges } from './liveness.js';
import { rowOf } from './locals.js';
import { hasMember } from './sets.js';

/** Finds which words need their zero, and which locals are extended words. False where there is no room. */
export function analyseLocals(): boolean {
  return findWordsThatNeedZero() && findExtendedLocals();
}

/** Finds where the values of words are wanted: what nobody reads needs no zero. False where there is no room. */
export function analyseUses(): boolean {
  if (!findLiveRanges()) return false;
  const isKnown = load32(isLiveKnown) !== 0;
  const needs = load32(needsZero);
  const words = load32(wordCount);
  for (let word = 0; word < words; word++) {
    const isWanted = load32(rowOf(word) + wordMentions) > 0 && (!isKnown || hasMember(load32(liveAtEntry), word));
    if (!isWanted) store8(needs + word, 0);
  }
  return true;
}
