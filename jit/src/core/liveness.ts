/** Where the values of local words are still wanted: exact for the code as it stands. */
import { allocate, load32, store32 } from '@fireball/wasm';
import { prepareWalks, walkBackwards } from './backward-walks.js';
import { acrossCalls, conflicts, isLiveKnown, lastConditions, liveAtEntry, localCount, mostTracked, setBytes, wordCount } from './layout/analyses.js';
import { recordCount } from './layout/body.js';
import { endOfWords, firstWordOf } from './locals.js';
import { beginRanges } from './ranges.js';
import { addMember, bytesOfSet, clearSet, fillSet, hasMember, unite } from './sets.js';

/** Walks over one loop. */
const mostWalks = 12;

/** Finds it out, if that does not take too long; else all words count as live everywhere. False where there is no room. */
export function findLiveRanges(): boolean {
  const words = load32(wordCount);
  const bytes = bytesOfSet(words);
  const across = allocate(bytes);
  store32(acrossCalls, across);
  store32(isLiveKnown, 0);
  if (across === 0) return false;
  if (words <= mostTracked) {
    if (!prepareRanges(words, bytes)) return false;
    clearSet(across, bytes);
    store32(isLiveKnown, walkUntilKnown() ? 1 : 0);
  }
  if (load32(isLiveKnown) === 0) fillSet(across, bytes);
  return true;
}

function prepareRanges(words: i32, bytes: i32): boolean {
  const bits = bytesOfSet(load32(recordCount));
  const live = allocate(bytes);
  const conditions = allocate(bits);
  const matrix = allocate(words * bytes);
  store32(liveAtEntry, live);
  store32(lastConditions, conditions);
  store32(conflicts, matrix);
  if (live === 0 || conditions === 0 || matrix === 0 || !prepareWalks(bytes)) return false;
  clearSet(conditions, bits);
  clearSet(matrix, words * bytes);
  // Instructions write both words of a pair at once.
  for (let local = load32(localCount) - 1; local >= 0; local--) {
    const word = firstWordOf(local);
    if (endOfWords(local) - word > 1) addMember(matrix + word * bytes, word + 1);
  }
  return true;
}

function walkUntilKnown(): boolean {
  const live = load32(liveAtEntry);
  beginRanges();
  if (!walkBackwards(live, true, mostWalks)) return false;
  writeAtOnce(live);
  return true;
}

/** Parameters and zeros are there at once, and are no copies: all of these words are written where the others are live. */
function writeAtOnce(live: i32): void {
  const words = load32(wordCount);
  const bytes = load32(setBytes);
  for (let word = 0; word < words; word++) if (hasMember(live, word)) unite(load32(conflicts) + word * bytes, live, bytes);
}
