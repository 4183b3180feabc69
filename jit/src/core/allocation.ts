/**
 * Locals and wide constants compete for registers in one table of weights. Leaf functions also use caller-saved registers, which cost nothing to save, and so do
 * locals that no call has to preserve. Locals whose values are wanted at different times share registers.
 */
import { allocate, load32, load8, store32, storeFloat } from '@fireball/wasm';
import {
  candidateArrival,
  candidateBenefit,
  candidateCount,
  candidateOrder,
  candidatePlace,
  candidateWord,
  constantRegCount,
  constantRegs,
  lastingRegCount,
  hasCalls,
  hasRoutines,
  placeBenefit,
  placeCount,
  placeIsConstant,
  placeIsSaved,
  placeMentions,
  placeReg,
  places,
  placesEnd,
  placeValue,
  pressure,
  roles,
  rolesCallExtra,
  rolesLeafExtra,
  rolesLink,
  rolesSaved,
  rolesStride,
  rolesTemps,
  saveCost,
  savePrice,
  shortPrice,
  savedRegCount,
  savedRegs,
  shortConstant,
  tempRegCount,
  tempRegs,
  webCrosses,
  webNext,
  wordRegs,
} from './layout/allocation.js';
import { wordCount } from './layout/analyses.js';
import { addPlace, hasRoomFor, isWantedByOther, makePlaces, maySharePlace, noteArrivals, placeStride, settle } from './places.js';
import { isEqual, isLess, scale } from './positive.js';
import { fillSet } from './sets.js';
import { webOf } from './webs.js';

/**
 * Gives candidates registers of a target, by its number. `withheld` registers are kept back for temporaries; `ownsLink`: nothing but calls and routines needs
 * the link register. False where there is no room.
 */
export function allocateRegisters(target: i32, withheld: i32, ownsLink: i32): boolean {
  const role = roles + target * rolesStride;
  const clobbers = load32(hasCalls) !== 0 || load32(hasRoutines) !== 0;
  const link = ownsLink !== 0 ? load32(role + rolesLink) : -1;
  // Calls overwrite it; where there are none it has to be saved.
  const passing = clobbers ? link : -1;
  const own = clobbers ? -1 : link;
  if (!listPlaces(role, clobbers, passing, own, withheld)) return false;
  noteArrivals();
  storeFloat(savePrice, load32(saveCost));
  scale(shortPrice, savePrice, -1);
  const order = load32(candidateOrder);
  const end = order + (load32(candidateCount) << 2);
  for (let at = order; at < end; at += 4) {
    const candidate = load32(at);
    const place = bestPlace(candidate, clobbers);
    store32(candidate + candidatePlace, 0);
    if (place !== 0) settle(place, candidate);
  }
  return settleSaved(role, own) && writeRegisters(clobbers) && listTemporaries(role, passing);
}

/** Registers that may be given away, in the order in which they are; deep expressions are better served by temporaries than by more locals in registers. */
function listPlaces(role: i32, clobbers: boolean, passing: i32, own: i32, withheld: i32): boolean {
  const extra = role + (clobbers ? rolesCallExtra : rolesLeafExtra);
  const saved = role + rolesSaved;
  const extraCount = load8(extra) + (passing >= 0 ? 1 : 0);
  const tempCount = load8(role + rolesTemps) + (passing >= 0 ? 1 : 0);
  const kept = least(greatest(load32(pressure) + 1 - (tempCount - extraCount), 0), extraCount);
  let skipped = greatest(kept, withheld);
  if (!makePlaces(extraCount + load8(saved) + 1)) return false;
  for (let at = 1; at <= load8(extra); at++) if (skipped-- <= 0) addPlace(load8(extra + at), false);
  if (passing >= 0 && skipped-- <= 0) addPlace(passing, false);
  for (let at = 1; at <= load8(saved); at++) if (skipped-- <= 0) addPlace(load8(saved + at), true);
  if (own >= 0 && skipped <= 0) addPlace(own, true);
  return true;
}

function least(a: i32, b: i32): i32 {
  return a < b ? a : b;
}

function greatest(a: i32, b: i32): i32 {
  return a > b ? a : b;
}

/** Address of the place that a candidate gets; 0 for none. */
function bestPlace(candidate: i32, clobbers: boolean): i32 {
  const arrival = load32(candidate + candidateArrival);
  const word = load32(candidate + candidateWord);
  if (clobbers && word === shortConstant && !isLess(shortPrice, candidate + candidateBenefit)) return 0;
  const survives = !clobbers || (word >= 0 ? load32(webOf(word) + webCrosses) === 0 : word === shortConstant);
  // A saved register must earn its save and restore.
  const isWorthSaving = isLess(savePrice, candidate + candidateBenefit);
  const shares = maySharePlace(word);
  if (!shares && !survives && !isWorthSaving) return 0;
  const stride = placeStride();
  const end = load32(placesEnd);
  let shared = 0;
  let free = 0;
  let first = 0;
  // Conditions one by one: one that has several of them takes more instructions.
  for (let place = load32(places); place < end; place += stride) {
    if (load32(place + placeCount) === 0) {
      if (load32(place + placeIsSaved) !== 0) {
        if (!isWorthSaving) continue;
      } else if (!survives) continue;
      if (load32(place + placeReg) === arrival) return place;
      if (first === 0) first = place;
      // A parameter stays where it arrives unless it is in the way.
      if (free !== 0) continue;
      if (shared !== 0) continue;
      if (isWantedByOther(place, word)) continue;
      free = place;
    } else {
      if (!shares) continue;
      if (!survives && load32(place + placeIsSaved) === 0) continue;
      if (!hasRoomFor(place, word)) continue;
      if (arrival < 0 || load32(place + placeReg) === arrival) return place;
      if (shared === 0) shared = place;
    }
  }
  return shared !== 0 ? shared : free !== 0 ? free : first;
}

/** Who gets a saved register is settled; the cheapest encodings go to those that are named most often. */
function settleSaved(role: i32, own: i32): boolean {
  const stride = placeStride();
  const used = allocate(load32(placesEnd) - load32(places));
  const registers = allocate(load32(placesEnd) - load32(places));
  store32(savedRegs, registers);
  if (used === 0 || registers === 0) return false;
  let count = 0;
  const end = load32(placesEnd);
  for (let place = load32(places); place < end; place += stride) {
    if (load32(place + placeIsSaved) === 0 || load32(place + placeCount) === 0) continue;
    let at = used + (count++ << 2);
    for (; at > used && isNamedMore(place, load32(at - 4)); at -= 4) store32(at, load32(at - 4));
    store32(at, place);
  }
  // Of an even number the link register is one: among an odd number it keeps sp aligned, and encodings are shorter without it.
  const withLink = own >= 0 && count > 0 && ((count & 1) === 0 || count > load8(role + rolesSaved));
  for (let index = 0; index < count; index++) {
    const register = withLink && index === count - 1 ? own : load8(role + rolesSaved + 1 + index);
    store32(load32(used + (index << 2)) + placeReg, register);
    store32(registers + (index << 2), register);
  }
  store32(savedRegCount, count);
  return true;
}

function isNamedMore(a: i32, b: i32): boolean {
  const mentions = load32(a + placeMentions) - load32(b + placeMentions);
  if (mentions !== 0) return mentions > 0;
  if (!isEqual(a + placeBenefit, b + placeBenefit)) return isLess(b + placeBenefit, a + placeBenefit);
  return load32(a + placeReg) < load32(b + placeReg);
}

function writeRegisters(clobbers: boolean): boolean {
  const words = load32(wordCount);
  const registers = allocate(words << 2);
  const pairs = allocate((load32(placesEnd) - load32(places)) << 1);
  store32(wordRegs, registers);
  store32(constantRegs, pairs);
  if (registers === 0 || pairs === 0) return false;
  fillSet(registers, words << 2);
  const order = load32(candidateOrder);
  const end = order + (load32(candidateCount) << 2);
  for (let at = order; at < end; at += 4) {
    const candidate = load32(at);
    const place = load32(candidate + candidatePlace);
    if (place === 0) continue;
    for (let word = load32(candidate + candidateWord); word >= 0; word = load32(webOf(word) + webNext)) {
      store32(registers + (word << 2), load32(place + placeReg));
    }
  }
  const lasting = listConstants(pairs, clobbers, true);
  store32(lastingRegCount, (lasting - pairs) >> 3);
  store32(constantRegCount, ((clobbers ? listConstants(lasting, true, false) : lasting) - pairs) >> 3);
  return true;
}

/** Writes constants and their registers, of those that the function's calls preserve, or of the others. Returns where they end. */
function listConstants(pairs: i32, clobbers: boolean, isLasting: boolean): i32 {
  let pair = pairs;
  const stride = placeStride();
  const end = load32(placesEnd);
  for (let place = load32(places); place < end; place += stride) {
    if (load32(place + placeIsConstant) === 0 || (!clobbers || load32(place + placeIsSaved) !== 0) !== isLasting) continue;
    store32(pair, load32(place + placeValue));
    store32(pair + 4, load32(place + placeReg));
    pair += 8;
  }
  return pair;
}

/** Caller-saved registers that are left. */
function listTemporaries(role: i32, passing: i32): boolean {
  const temps = role + rolesTemps;
  const registers = allocate((load8(temps) + 1) << 2);
  store32(tempRegs, registers);
  if (registers === 0) return false;
  let next = registers;
  const taken = takenRegisters();
  const count = load8(temps);
  for (let at = 1; at <= count; at++) {
    const register = load8(temps + at);
    if (((taken >>> register) & 1) === 0) next = append(next, register);
  }
  if (passing >= 0 && ((taken >>> passing) & 1) === 0) next = append(next, passing);
  store32(tempRegCount, (next - registers) >> 2);
  return true;
}

/** Set of the registers that locals and constants have. */
function takenRegisters(): i32 {
  const stride = placeStride();
  const end = load32(placesEnd);
  let taken = 0;
  for (let place = load32(places); place < end; place += stride) if (load32(place + placeCount) !== 0) taken |= 1 << load32(place + placeReg);
  return taken;
}

function append(at: i32, register: i32): i32 {
  store32(at, register);
  return at + 4;
}
