import { wordsOf } from '@fireball/jit';
import type { AnyValue, ValueType } from '@fireball/wasm';

/** A value at the API: function references as slots, external ones as any host value. */
export type VsocValue = AnyValue;

/** Gives references guest words: 0 is null. */
export interface ReferenceWords {
  toWord(type: 'funcref' | 'externref', value: unknown): number;
  fromWord(type: 'funcref' | 'externref', word: number): unknown;
}

/** A value's 32-bit words, low word first, as generated code passes them. */
export function wordsOfValue(value: VsocValue, references: ReferenceWords): number[] {
  switch (value.type) {
    case 'i32':
    case 'f32':
      return [value.value >>> 0];
    case 'i64':
    case 'f64':
      return [Number(BigInt.asUintN(32, value.value)), Number(BigInt.asUintN(32, value.value >> 32n))];
    case 'funcref':
    case 'externref':
      return [references.toWord(value.type, value.value)];
  }
}

export function valueOfWords(type: ValueType, low: number, high: number, references: ReferenceWords): VsocValue {
  const pair = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  switch (type) {
    case 'i32':
      return { type, value: low | 0 };
    case 'f32':
      return { type, value: low >>> 0 };
    case 'i64':
      return { type, value: BigInt.asIntN(64, pair) };
    case 'f64':
      return { type, value: pair };
    case 'funcref':
    case 'externref':
      return { type, value: references.fromWord(type, low >>> 0) };
  }
}

/** An i32 that is an address, a size or an index; of an argument that validation has proved to be there. */
export function unsignedOf(value: VsocValue | undefined): number {
  return Number(value?.value) >>> 0;
}

/** Splits a run of words into values of these types. */
export function valuesOfWords(types: readonly ValueType[], words: readonly number[], references: ReferenceWords): VsocValue[] {
  let next = 0;
  return types.map((type) => {
    const low = words[next++] ?? 0;
    return valueOfWords(type, low, wordsOf(type) === 2 ? (words[next++] ?? 0) : 0, references);
  });
}
