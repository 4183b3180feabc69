/** What signatures say of words, and where arguments travel (jit/ABI.md, "Calls"). */
import { clearArea, load32, load8, store32, take, usedBytes } from '@fireball/wasm';
import { firstResult, parameterCount, resultCount, wordsOfParameters } from '../layout/function.js';
import { argumentPlaces, argumentStackBytes } from '../layout/walk.js';
import { argumentCount, argumentRegister, argumentRegisters } from '../masm/roles.js';
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
  clearArea(argumentPlaces);
  const all = parameterWords(signature);
  if (all <= argumentCount()) {
    const first = take(argumentPlaces, all << 2);
    const registers = argumentRegisters();
    if (first === 0) outOfMemory();
    else for (let word = 0; word < all; word++) store32(first + (word << 2), load8(registers + word));
    store32(argumentStackBytes, 0);
    return all;
  }
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
