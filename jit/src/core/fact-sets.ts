/** What is known of local words at one point of the walk, and where paths meet. */
import { load32, store32 } from '@fireball/wasm';
import { meetFact, saysNothing } from './facts.js';
import { firstOfSet, memberFact, memberStride, memberWord, mostMembers, setCount } from './layout/facts.js';
import { emptySet, facts, ownsFacts } from './layout/plan.js';
import { newSet, ownSet } from './member-sets.js';

/** What is known of the word in a set; 0 where it may be anything. */
export function factIn(set: i32, word: i32): i32 {
  const first = set + firstOfSet;
  for (let at = first + (load32(set + setCount) - 1) * memberStride; at >= first; at -= memberStride) {
    if (load32(at + memberWord) === word) return load32(at + memberFact);
  }
  return 0;
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
  const end = set + firstOfSet + count * memberStride;
  let at = set + firstOfSet;
  while (at < end && load32(at + memberWord) !== word) at += memberStride;
  if (at === end) return count;
  for (; at < end - memberStride; at += 4) store32(at, load32(at + memberStride));
  store32(set + setCount, count - 1);
  return count - 1;
}

function append(set: i32, count: i32, word: i32, fact: i32): void {
  const at = set + firstOfSet + count * memberStride;
  store32(at + memberWord, word);
  store32(at + memberFact, fact);
  store32(set + setCount, count + 1);
}

/** What holds of local words where two paths meet; `a` itself where that says no more. */
export function meetFacts(a: i32, b: i32): i32 {
  if (a === b) return a;
  const count = load32(a + setCount);
  if (count === 0) return a;
  const common = newSet(count, memberStride);
  let met = 0;
  let isFirst = true;
  for (let index = 0; index < count; index++) {
    const at = a + firstOfSet + index * memberStride;
    const word = load32(at + memberWord);
    const fact = meetFact(load32(at + memberFact), factIn(b, word));
    if (fact !== 0) append(common, met++, word, fact);
    if (fact !== load32(at + memberFact)) isFirst = false;
  }
  if (isFirst) return a;
  return met === 0 ? emptySet : common;
}
