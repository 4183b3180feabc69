/** All that wants a register, most valuable first; equal weights keep a fixed order. */
import { allocate, load32, loadFloat, store32, storeFloat, usedBytes } from '@fireball/wasm';
import {
  arrivals,
  candidateArrival,
  candidateBenefit,
  candidateCount,
  candidateMentions,
  candidateOrder,
  candidatePlace,
  candidateRank,
  candidates,
  candidateStride,
  candidateWord,
  shortConstant,
  webBenefit,
  webFirst,
  webMentions,
  webNext,
} from './layout/allocation.js';
import {
  byteWeight,
  constantCost,
  constantIsBehindCall,
  constantMentions,
  constants,
  constantStride,
  constantValue,
  constantWeight,
  isLiveKnown,
  liveAtEntry,
  parameterWords,
  wordCount,
} from './layout/analyses.js';
import { copyNumber, isLess, isZero } from './positive.js';
import { hasMember } from './sets.js';
import { sortRows } from './sort.js';
import { findWebs, webOf } from './webs.js';

/** Changes a number without sign into one that is in the same order with a sign, and back. */
export const otherSign: i32 = 1 << 31;

/** Finds webs and candidates for registers. False where there is no room. */
export function findCandidates(): boolean {
  const words = load32(wordCount);
  const constantCount = usedBytes(constants) / constantStride;
  const rows = allocate((words + constantCount) * candidateStride);
  const unsorted = allocate((words + constantCount) << 2);
  store32(candidates, rows);
  if (rows === 0 || unsorted === 0 || !findWebs()) return false;
  let row = rows;
  for (let word = 0; word < words; word++) {
    const web = webOf(word);
    if (load32(web + webFirst) !== word || isZero(web + webBenefit)) continue;
    copyNumber(row + candidateBenefit, web + webBenefit);
    writeCandidate(row, word, 0, load32(web + webMentions), arrivalOf(word));
    row += candidateStride;
  }
  for (let index = 0; index < constantCount; index++) {
    const constant = load32(constants) + index * constantStride;
    // Loading it once at entry is the price.
    if (!takeOff(row + candidateBenefit, constant + constantWeight, load32(constant + constantCost))) continue;
    writeCandidate(
      row,
      load32(constant + constantIsBehindCall) !== 0 ? -1 : shortConstant,
      load32(constant + constantValue) ^ otherSign,
      load32(constant + constantMentions),
      -1,
    );
    row += candidateStride;
  }
  const count = (row - rows) / candidateStride;
  for (let index = 0; index < count; index++) store32(unsorted + (index << 2), rows + index * candidateStride);
  const order = sortRows(unsorted, count, candidateRank);
  store32(candidateOrder, order);
  store32(candidateCount, count);
  return order !== 0;
}

/** Writes what is left of a weight where an instruction that is executed once is taken off so many times. False where that is nothing. */
function takeOff(into: i32, weight: i32, cost: i32): boolean {
  const price: f64 = cost;
  storeFloat(into, price * (1.0 + byteWeight));
  if (!isLess(into, weight)) return false;
  storeFloat(into, loadFloat(weight) - loadFloat(into));
  return true;
}

function writeCandidate(row: i32, word: i32, rank: i32, mentions: i32, arrival: i32): void {
  store32(row + candidateWord, word);
  store32(row + candidateRank, rank);
  store32(row + candidateMentions, mentions);
  store32(row + candidateArrival, arrival);
  store32(row + candidatePlace, 0);
}

/** The register in which the first word of a web arrives that does so and is wanted; -1 where none is. */
function arrivalOf(first: i32): i32 {
  const parameters = load32(parameterWords);
  for (let word = first; word >= 0; word = load32(webOf(word) + webNext)) {
    if (word >= parameters) continue;
    const register = load32(load32(arrivals) + (word << 2));
    if (register >= 0 && (load32(isLiveKnown) === 0 || hasMember(load32(liveAtEntry), word))) return register;
  }
  return -1;
}
