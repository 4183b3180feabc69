/** The words of a function's locals. */
import { load32 } from '@fireball/wasm';
import { firstWords, wordRows, wordRowStride } from './layout/analyses.js';

/** Number of a local's only or lower word. */
export function firstWordOf(local: i32): i32 {
  return load32(load32(firstWords) + (local << 2));
}

/** Number of the word behind those of a local. */
export function endOfWords(local: i32): i32 {
  return load32(load32(firstWords) + (local << 2) + 4);
}

/** Address of what the plan finds out of a word. */
export function rowOf(word: i32): i32 {
  return load32(wordRows) + word * wordRowStride;
}
