import type { ValueType } from '@fireball/wasm';

/** 32-bit words of a value: i64 and f64 are pairs, low word first. */
export function wordsOf(type: ValueType): 1 | 2 {
  return type === 'i64' || type === 'f64' ? 2 : 1;
}

/** 32-bit words that values of these types take together. */
export function wordCount(types: readonly ValueType[]): number {
  let words = 0;
  for (const type of types) words += wordsOf(type);
  return words;
}
