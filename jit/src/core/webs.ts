/** Local words that share a register: copies of each other, whose other values are never wanted at the same time. */
import { allocate, load32, store32, usedBytes } from '@fireball/wasm';
import { webBenefit, webCrosses, webFirst, webLast, webMentions, webNext, webs, webStride, webWords } from './layout/allocation.js';
import {
  acrossCalls,
  conflicts,
  copies,
  copyAt,
  copySource,
  copyStride,
  copyWord,
  isLiveKnown,
  setBytes,
  wordCount,
  wordMentions,
  wordWeight,
} from './layout/analyses.js';
import { rowOf } from './locals.js';
import { addNumber, copyNumber } from './positive.js';
import { addMember, clearSet, hasMember, meets, unite } from './sets.js';
import { sortRows } from './sort.js';

/** Address of the web whose first word it is. */
export function webOf(word: i32): i32 {
  return load32(webs) + word * webStride;
}

/** Address of the set of words that a web has, by its first word. */
export function wordsOfWeb(word: i32): i32 {
  return load32(webWords) + word * load32(setBytes);
}

/** Address of the set of words that conflict with one of a web, by its first word. */
export function conflictsOfWeb(word: i32): i32 {
  return load32(conflicts) + word * load32(setBytes);
}

/** Makes webs of all words that code names, and joins those that copies join: the copies that are executed most come first. False where there is no room. */
export function findWebs(): boolean {
  const words = load32(wordCount);
  const rows = allocate(words * webStride);
  store32(webs, rows);
  if (rows === 0) return false;
  for (let word = 0; word < words; word++) writeWeb(word);
  return load32(isLiveKnown) === 0 || joinCopies(words);
}

function writeWeb(word: i32): void {
  const web = webOf(word);
  const row = rowOf(word);
  const mentions = load32(row + wordMentions);
  copyNumber(web + webBenefit, row + wordWeight);
  store32(web + webMentions, mentions);
  store32(web + webFirst, mentions > 0 ? word : -1);
  store32(web + webNext, -1);
  store32(web + webLast, word);
  store32(web + webCrosses, hasMember(load32(acrossCalls), word) ? 1 : 0);
}

function joinCopies(words: i32): boolean {
  const bytes = load32(setBytes);
  const sets = allocate(words * bytes);
  const count = usedBytes(copies) / copyStride;
  const unsorted = allocate(count << 2);
  store32(webWords, sets);
  if (sets === 0 || unsorted === 0) return false;
  clearSet(sets, words * bytes);
  for (let word = 0; word < words; word++) addMember(sets + word * bytes, word);
  for (let index = 0; index < count; index++) store32(unsorted + (index << 2), load32(copies) + index * copyStride);
  // Of those in one instruction the order is that of the rows.
  const order = sortRows(unsorted, count, copyAt);
  if (order === 0) return false;
  for (let at = order; at < order + (count << 2); at += 4) {
    const copy = load32(at);
    const into = load32(webOf(load32(copy + copySource)) + webFirst);
    const from = load32(webOf(load32(copy + copyWord)) + webFirst);
    if (into >= 0 && from >= 0 && into !== from && mayShare(into, from, bytes)) join(into, from, bytes);
  }
  return true;
}

/** May both be in one register, each at its time? */
function mayShare(a: i32, b: i32, bytes: i32): boolean {
  return !meets(conflictsOfWeb(a), wordsOfWeb(b), bytes) && !meets(conflictsOfWeb(b), wordsOfWeb(a), bytes);
}

function join(into: i32, from: i32, bytes: i32): void {
  const web = webOf(into);
  const other = webOf(from);
  addNumber(web + webBenefit, other + webBenefit);
  store32(web + webMentions, load32(web + webMentions) + load32(other + webMentions));
  store32(web + webCrosses, load32(web + webCrosses) | load32(other + webCrosses));
  store32(webOf(load32(web + webLast)) + webNext, from);
  store32(web + webLast, load32(other + webLast));
  for (let word = from; word >= 0; word = load32(webOf(word) + webNext)) store32(webOf(word) + webFirst, into);
  unite(wordsOfWeb(into), wordsOfWeb(from), bytes);
  unite(conflictsOfWeb(into), conflictsOfWeb(from), bytes);
}
