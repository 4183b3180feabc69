/** What is known of local words at one point of the walk, and where paths meet. */
import { load32, store32 } from '@fireball/wasm';
import { meetFact, saysNothing } from './facts.js';
import { firstOfSet, memberFact, memberStride, memberWord, mostMembers, setCount, setWords } from './layout/facts.js';
import { emptySet, facts, ownsFacts } from './layout/plan.js';
import { forgetWord, mayHave, newSet, noteWord, ownSet } from './member-sets.js';
import { copySet } from './sets.js';

/** Address of the member of a word in a set; 0 where it has none. */
function memberOf(set: i32, word: i32): i32 {
  if (!mayHave(set, word)) return 0;
  const first = set + firstOfSet;
  for (let at = first + (load32(set + setCount) - 1) * memberStride; at >= first; at -= memberStride) if (load32(at + memberWord) === word) return at;
  return 0;
}

/** What is known of the word in a set; 0 where it may be anything. */
export function factIn(set: i32, word: i32): i32 {
  const member = memberOf(set, word);
  return member === 0 ? 0 : load32(member + memberFact);
}

/** What is known of the word here. */
export function factOf(word: i32): i32 {
  return factIn(load32(facts), word);
}

/** All that is known here; nobody changes it any more. */
export function seenFacts(): i32 {
  store32(ownsFacts, 0);
  return load32(facts);
}

/** From here on these hold, and no others. */
export function restoreFacts(set: i32): void {
  store32(facts, set);
  store32(ownsFacts, 0);
}

/** The word gets another value, of which the fact is known; or more is known of the one that it has. */
export function setFact(word: i32, fact: i32): void {
  const known = fact !== 0 && saysNothing(fact) ? 0 : fact;
  if (known === 0 && factOf(word) === 0) return;
  const set = ownSet(facts, ownsFacts, memberStride);
  let count = removeWord(set, word);
  if (known !== 0) {
    if (count >= mostMembers) count = removeWord(set, load32(set + firstOfSet + memberWord));
    append(set, count, word, known);
  }
}

/** Returns how many members there are then. */
function removeWord(set: i32, word: i32): i32 {
  const count = load32(set + setCount);
  const last = set + firstOfSet + (count - 1) * memberStride;
  let at = memberOf(set, word);
  if (at === 0) return count;
  for (; at < last; at += memberStride) {
    store32(at + memberWord, load32(at + memberStride + memberWord));
    store32(at + memberFact, load32(at + memberStride + memberFact));
  }
  store32(set + setCount, count - 1);
  forgetWord(set, word);
  return count - 1;
}

function append(set: i32, count: i32, word: i32, fact: i32): void {
  const at = set + firstOfSet + count * memberStride;
  store32(at + memberWord, word);
  store32(at + memberFact, fact);
  store32(set + setCount, count + 1);
  noteWord(set, word);
}

/** What holds of local words where two paths meet; `a` itself where that says no more. */
export function meetFacts(a: i32, b: i32): i32 {
  if (a === b) return a;
  const count = load32(a + setCount);
  const end = a + firstOfSet + count * memberStride;
  /** Where the next word of `a` is in `b` if both have the same words up to there, in the same order, as most have that come from one. */
  let other = b + firstOfSet;
  const endOfOther = other + load32(b + setCount) * memberStride;
  /** As long as nothing differs there is no other set. */
  let common = 0;
  let met = 0;
  for (let at = a + firstOfSet; at < end; at += memberStride) {
    const word = load32(at + memberWord);
    const known = load32(at + memberFact);
    let fact: i32;
    if (other < endOfOther && load32(other + memberWord) === word) {
      fact = meetFact(known, load32(other + memberFact));
      other += memberStride;
    } else fact = meetFact(known, factIn(b, word));
    if (fact !== known && common === 0) {
      common = newSet(count, memberStride);
      copyMembers(common, a, met);
    }
    if (fact === 0) continue;
    if (common !== 0) append(common, met, word, fact);
    met++;
  }
  if (common === 0) return a;
  return met === 0 ? emptySet : common;
}

/** Makes the first members of a set those of another one, so many. */
function copyMembers(set: i32, from: i32, count: i32): void {
  copySet(set + firstOfSet, from + firstOfSet, count * memberStride);
  store32(set + setCount, count);
  store32(set + setWords, load32(from + setWords));
}
