/**
 * What is known of local words at points of the walk. As it is here it stands in the rows of words. Another point, to which control will come later, is a
 * version: what differs there is in a chain of changes that leads here, and is turned around when control comes there (Baker's trick). So all takes as long
 * as things change, however much is known.
 */
import { allocate, load32, store32 } from '@fireball/wasm';
import { freeFrom } from './heap.js';
import { meetFact, saysNothing } from './facts.js';
import { wordAge, wordFact, wordLook, wordPlace } from './layout/analyses.js';
import { listStride, listedFact, listedWord, mostMembers, versionAge, versionFact, versionNext, versionSize, versionWord } from './layout/facts.js';
import { endOfVersions, factAge, factCount, facts, knownWords, looks, nextVersion } from './layout/plan.js';
import { rowOf } from './locals.js';

/** Versions are allocated so many at a time. */
const versionsAtOnce = 16;

/** A chain is looked at where paths meet: it gets shorter if it is longer than this, several times what can differ. */
const mostChanges = 4 * mostMembers;

/** Nothing is known of any word. False where there is no room. */
export function beginFacts(): boolean {
  store32(nextVersion, 0);
  store32(endOfVersions, 0);
  const version = newVersion();
  if (version === 0) return false;
  store32(version + versionNext, 0);
  store32(facts, version);
  store32(factCount, 0);
  store32(factAge, 0);
  store32(looks, 0);
  return true;
}

/** Address of a version; 0 where there is no room. */
function newVersion(): i32 {
  const version = load32(nextVersion);
  if (version === load32(endOfVersions)) return newVersions();
  store32(nextVersion, version + versionSize);
  return version;
}

/** The same of the first of more versions. @noinline */
function newVersions(): i32 {
  const version = allocate(versionsAtOnce * versionSize);
  if (version === 0) return 0;
  store32(endOfVersions, version + versionsAtOnce * versionSize);
  store32(nextVersion, version + versionSize);
  return version;
}

/** What is known of the word here; 0 where it may be anything. */
export function factOf(word: i32): i32 {
  return load32(rowOf(word) + wordFact);
}

/** How many words something is known of here. */
export function knownCount(): i32 {
  return load32(factCount);
}

/** One of these, by its number: they are in no order. */
export function knownWord(number: i32): i32 {
  return load32(knownWords + (number << 2));
}

/** The version that is all that is known here. */
export function seenFacts(): i32 {
  return load32(facts);
}

/** The word, whose row it is, gets another value, of which the fact is known; or more is known of the one that it has. */
export function setFact(word: i32, row: i32, fact: i32): void {
  const known = load32(row + wordFact);
  if (fact === 0 || saysNothing(fact)) {
    if (known !== 0) change(word, row, 0, 0);
    return;
  }
  if (known === 0 && load32(factCount) >= mostMembers) forgetFact(oldestWord());
  const age = load32(factAge) + 1;
  store32(factAge, age);
  change(word, row, fact, age);
}

/** Something else is known of the word, which is as old as what was known. */
export function replaceFact(word: i32, fact: i32): void {
  const row = rowOf(word);
  change(word, row, fact, load32(row + wordAge));
}

function forgetFact(word: i32): void {
  change(word, rowOf(word), 0, 0);
}

/** Of what is known the word of which that has been found out first. @noinline */
function oldestWord(): i32 {
  let oldest = knownWord(0);
  for (let number = load32(factCount) - 1; number > 0; number--) {
    const word = knownWord(number);
    if (load32(rowOf(word) + wordAge) < load32(rowOf(oldest) + wordAge)) oldest = word;
  }
  return oldest;
}

/** From here on there is another version, beside the one so far. */
function change(word: i32, row: i32, fact: i32, age: i32): void {
  const version = newVersion();
  if (version === 0) return;
  const known = load32(row + wordFact);
  const before = load32(facts);
  store32(before + versionAge, load32(row + wordAge));
  store32(before + versionFact, known);
  store32(before + versionWord, word);
  store32(before + versionNext, version);
  store32(row + wordAge, age);
  store32(row + wordFact, fact);
  store32(version + versionNext, 0);
  store32(facts, version);
  if (known === 0) listWord(word, row);
  else if (fact === 0) dropWord(row);
}

/** Something is known of a word, whose row it is, of which nothing was known. */
function listWord(word: i32, row: i32): void {
  const count = load32(factCount);
  store32(knownWords + (count << 2), word);
  store32(row + wordPlace, count);
  store32(factCount, count + 1);
}

/** Nothing is known of it any more: the last word of the list takes its place. */
function dropWord(row: i32): void {
  const count = load32(factCount) - 1;
  const last = knownWord(count);
  const place = load32(row + wordPlace);
  store32(knownWords + (place << 2), last);
  store32(rowOf(last) + wordPlace, place);
  store32(factCount, count);
}

/** From here on what a version says holds. */
export function restoreFacts(version: i32): void {
  if (version === load32(facts)) return;
  let at = turnChain(version);
  while (at !== version) {
    const next = load32(at + versionNext);
    const word = load32(next + versionWord);
    const row = rowOf(word);
    const known = load32(row + wordFact);
    const fact = load32(next + versionFact);
    store32(at + versionAge, load32(row + wordAge));
    store32(at + versionFact, known);
    store32(at + versionWord, word);
    store32(row + wordAge, load32(next + versionAge));
    store32(row + wordFact, fact);
    if (known === 0) {
      if (fact !== 0) listWord(word, row);
    } else if (fact === 0) dropWord(row);
    at = next;
  }
  store32(facts, version);
}

/** Makes the chain that leads from a version here lead from here to the version. Returns the version that is here. */
function turnChain(version: i32): i32 {
  let before = 0;
  for (let at = version; at !== 0;) {
    const next = load32(at + versionNext);
    store32(at + versionNext, before);
    before = at;
    at = next;
  }
  return before;
}

/** From here on nothing is known. */
export function forgetFacts(): void {
  while (load32(factCount) > 0) forgetFact(knownWord(load32(factCount) - 1));
}

/** What holds of local words where two paths meet: `a` itself where that says no more. It holds here then. */
export function meetFacts(a: i32, b: i32): i32 {
  restoreFacts(a);
  const look = newLook();
  let length = 0;
  for (let at = b; at !== a; at = load32(at + versionNext)) {
    length++;
    const word = load32(at + versionWord);
    const row = rowOf(word);
    // What comes first in the chain differs in `b`.
    if (load32(row + wordLook) === look) continue;
    store32(row + wordLook, look);
    const known = load32(row + wordFact);
    const other = load32(at + versionFact);
    if (known === 0) continue;
    if (known === other) continue;
    const fact = other === 0 ? 0 : meetFact(known, other);
    if (fact !== known) change(word, row, fact, load32(row + wordAge));
  }
  if (length > mostChanges) shortenChain(b);
  return load32(facts);
}

/** Makes the chain that leads from a version here one of what differs. @noinline */
function shortenChain(version: i32): void {
  const look = newLook();
  const here = load32(facts);
  store32(rowOf(load32(version + versionWord)) + wordLook, look);
  let last = version;
  let at = load32(version + versionNext);
  for (; at !== here; at = load32(at + versionNext)) {
    const word = load32(at + versionWord);
    const row = rowOf(word);
    const fact = load32(at + versionFact);
    if (load32(row + wordLook) === look) continue;
    store32(row + wordLook, look);
    if (fact === 0 && load32(row + wordFact) === 0) continue;
    const copy = newVersion();
    if (copy === 0) break;
    store32(copy + versionAge, load32(at + versionAge));
    store32(copy + versionFact, fact);
    store32(copy + versionWord, word);
    store32(last + versionNext, copy);
    last = copy;
  }
  store32(last + versionNext, at);
}

/** Tells rows that have been looked at from others. */
function newLook(): i32 {
  const look = load32(looks) + 1;
  store32(looks, look);
  return look;
}

/** Writes down what a version says, for who asks when there are no versions any more. Returns the address of the list; 0 where there is no room. */
export function listFacts(version: i32): i32 {
  const list = allocate(4 + mostMembers * listStride);
  if (list === 0) return 0;
  const look = newLook();
  let end = list + 4;
  for (let at = version; at !== load32(facts); at = load32(at + versionNext)) {
    const word = load32(at + versionWord);
    if (load32(rowOf(word) + wordLook) === look) continue;
    store32(rowOf(word) + wordLook, look);
    end = listFact(end, word, load32(at + versionFact));
  }
  for (let number = load32(factCount) - 1; number >= 0; number--) {
    const word = knownWord(number);
    if (load32(rowOf(word) + wordLook) !== look) end = listFact(end, word, factOf(word));
  }
  store32(list, end);
  freeFrom(end);
  return list;
}

function listFact(at: i32, word: i32, fact: i32): i32 {
  if (fact === 0) return at;
  store32(at + listedFact, fact);
  store32(at + listedWord, word);
  return at + listStride;
}

/** What is known of the word in a list; 0 where it may be anything. */
export function factIn(list: i32, word: i32): i32 {
  const end = load32(list);
  for (let at = list + 4; at < end; at += listStride) if (load32(at + listedWord) === word) return load32(at + listedFact);
  return 0;
}
