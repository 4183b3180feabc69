/** Registers that locals and constants may have, and who lives with whom. */
import { allocate, load32, store32 } from '@fireball/wasm';
import {
  candidateArrival,
  candidateBenefit,
  candidateCount,
  candidateMentions,
  candidateOrder,
  candidatePlace,
  candidateRank,
  candidateWord,
  placeArrivals,
  placeBenefit,
  placeCount,
  placeIsConstant,
  placeIsSaved,
  placeMentions,
  placeReg,
  places,
  placesEnd,
  placeSetCount,
  placeSets,
  placeValue,
} from './layout/allocation.js';
import { isLiveKnown, setBytes } from './layout/analyses.js';
import { otherSign } from './candidates.js';
import { addNumber, clearNumber } from './positive.js';
import { clearSet, meets, unite } from './sets.js';
import { conflictsOfWeb, wordsOfWeb } from './webs.js';

/** How many bytes a set has; 0 where none are known. */
function bytesOfSets(): i32 {
  return load32(isLiveKnown) !== 0 ? load32(setBytes) : 0;
}

/** How far apart places are. */
export function placeStride(): i32 {
  return (placeSets + placeSetCount * bytesOfSets() + 7) & -8;
}

/** Makes room for so many places. */
export function makePlaces(count: i32): boolean {
  const first = allocate(count * placeStride());
  store32(places, first);
  store32(placesEnd, first);
  return first !== 0;
}

/** Adds a place. */
export function addPlace(register: i32, isSaved: boolean): void {
  const place = load32(placesEnd);
  const behind = place + placeStride();
  // The last word first: what is below it needs no bounds check then.
  store32(place + placeArrivals, 0);
  store32(place + placeMentions, 0);
  clearNumber(place + placeBenefit);
  store32(place + placeIsConstant, 0);
  store32(place + placeCount, 0);
  store32(place + placeIsSaved, isSaved ? 1 : 0);
  store32(place + placeReg, register);
  clearSet(place + placeSets, behind - place - placeSets);
  store32(placesEnd, behind);
}

/** Notes at each place who arrives there. */
export function noteArrivals(): void {
  const bytes = bytesOfSets();
  const order = load32(candidateOrder);
  const end = order + (load32(candidateCount) << 2);
  for (let at = order; at < end; at += 4) {
    const candidate = load32(at);
    const register = load32(candidate + candidateArrival);
    if (register < 0) continue;
    const place = placeOf(register);
    if (place === 0) continue;
    store32(place + placeArrivals, load32(place + placeArrivals) + 1);
    const sets = place + placeSets + 2 * bytes;
    uniteSets(sets, load32(candidate + candidateWord), bytes);
  }
}

/** Address of the place of a register; 0 where it has none. */
function placeOf(register: i32): i32 {
  for (let place = load32(places); place < load32(placesEnd); place += placeStride()) if (load32(place + placeReg) === register) return place;
  return 0;
}

/** Adds the words of a web, and what conflicts with them, to a pair of sets. */
function uniteSets(sets: i32, word: i32, bytes: i32): void {
  if (bytes === 0) return;
  unite(sets, wordsOfWeb(word), bytes);
  unite(sets + bytes, conflictsOfWeb(word), bytes);
}

/** May a web, by its first word, -1 for a constant, share a place with others at all? */
export function maySharePlace(word: i32): boolean {
  return word >= 0 && load32(isLiveKnown) !== 0;
}

/** May a web that shares places share one with the webs whose words and conflicts these sets are? */
function mayLiveWith(word: i32, sets: i32): boolean {
  const bytes = load32(setBytes);
  return !meets(conflictsOfWeb(word), sets, bytes) && !meets(sets + bytes, wordsOfWeb(word), bytes);
}

/** Could a web that shares places be in one beside those that are there? */
export function hasRoomFor(place: i32, word: i32): boolean {
  return load32(place + placeIsConstant) === 0 && mayLiveWith(word, place + placeSets);
}

/** Does a web arrive there with which a candidate, of this first word, cannot share it? */
export function isWantedByOther(place: i32, word: i32): boolean {
  if (load32(place + placeArrivals) === 0) return false;
  return !maySharePlace(word) || !mayLiveWith(word, place + placeSets + 2 * load32(setBytes));
}

/** Puts a candidate into a place. */
export function settle(place: i32, candidate: i32): void {
  const word = load32(candidate + candidateWord);
  store32(candidate + candidatePlace, place);
  store32(place + placeCount, load32(place + placeCount) + 1);
  store32(place + placeMentions, load32(place + placeMentions) + load32(candidate + candidateMentions));
  addNumber(place + placeBenefit, candidate + candidateBenefit);
  if (word < 0) {
    store32(place + placeIsConstant, 1);
    store32(place + placeValue, load32(candidate + candidateRank) ^ otherSign);
  } else uniteSets(place + placeSets, word, bytesOfSets());
}
