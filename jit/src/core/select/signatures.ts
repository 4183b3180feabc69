/** What signatures say of words, and where arguments travel (jit/ABI.md, "Calls"). */
import { clearArea, load32, makeAreaIn, store32, take, usedBytes } from '@fireball/wasm';
import { firstResult, parameterCount, resultCount, wordsOfParameters } from '../layout/function.js';
import { argumentPlacesRoom, boundToRoom } from '../layout/rooms.js';
import { argumentPlaces, argumentStackBytes, hasAllRegisters } from '../layout/walk.js';
import { argumentCount, argumentRegister } from '../masm/roles.js';
import { outOfMemory } from './failure.js';

/** Result words that travel in registers; the rest goes to the result buffer. */
export const resultRegisterCount: i32 = 4;

export function parameterWords(signature: i32): i32 {
  return load32(signature + wordsOfParameters);
}

export function wordsOfResult(signature: i32, index: i32): i32 {
  return load32(signature + firstResult + (index << 2));
}

export function wordsOfParameter(signature: i32, index: i32): i32 {
  return wordsOfResult(signature, load32(signature + resultCount) + index);
}

export function resultWords(signature: i32): i32 {
  let words = 0;
  for (let index = load32(signature + resultCount) - 1; index >= 0; index--) words += wordsOfResult(signature, index);
  return words;
}

/**
 * Finds where arguments travel: words go to consecutive argument registers as long as a whole value fits; the rest take 8-byte stack slots, first one lowest,
 * popped by the callee. Returns how many words there are, of which `placeOf` tells until the next call.
 */
export function placeArguments(signature: i32): i32 {
  const all = parameterWords(signature);
  if (all > argumentCount()) return placeOnStack(signature);
  // Most signatures: where they travel is the same as before.
  if (load32(hasAllRegisters) === 0) placeInRegisters();
  store32(argumentStackBytes, 0);
  return all;
}

/** Begins with an area that is empty. */
export function beginArguments(): void {
  makeAreaIn(argumentPlaces, argumentPlacesRoom, boundToRoom);
  store32(hasAllRegisters, 0);
}

function placeInRegisters(): void {
  clearArea(argumentPlaces);
  const count = argumentCount();
  for (let word = 0; word < count; word++) addPlace(argumentRegister(word));
  store32(hasAllRegisters, 1);
}

/** @noinline */
function placeOnStack(signature: i32): i32 {
  clearArea(argumentPlaces);
  store32(hasAllRegisters, 0);
  let next = 0;
  let stackBytes = 0;
  const count = load32(signature + parameterCount);
  for (let index = 0; index < count; index++) {
    const words = wordsOfParameter(signature, index);
    if (stackBytes === 0 && next + words <= argumentCount()) {
      for (let word = 0; word < words; word++) addPlace(argumentRegister(next++));
    } else {
      for (let word = 0; word < words; word++) addPlace(~(stackBytes + 4 * word));
      stackBytes += 8;
    }
  }
  store32(argumentStackBytes, (stackBytes + 15) & ~15);
  return usedBytes(argumentPlaces) >> 2;
}

function addPlace(place: i32): void {
  const row = take(argumentPlaces, 4);
  if (row === 0) outOfMemory();
  else store32(row, place);
}

/** The register in which a word travels; or, negative, `~offset` among the arguments on the stack. */
export function placeOf(word: i32): i32 {
  return load32(load32(argumentPlaces) + (word << 2));
}

/** How many bytes the arguments on the stack take. */
export function stackBytesOf(signature: i32): i32 {
  placeArguments(signature);
  return load32(argumentStackBytes);
}
