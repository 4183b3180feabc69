import { InternalError } from '@fireball/contracts';
import type { Value, ValueType } from '@fireball/wasm';

/** A value's 32-bit words, low word first, as generated code passes them. */
export function wordsOfValue(value: Value): number[] {
  switch (value.type) {
    case 'i32':
    case 'f32':
      return [value.value >>> 0];
    case 'i64':
    case 'f64':
      return [Number(BigInt.asUintN(32, value.value)), Number(BigInt.asUintN(32, value.value >> 32n))];
    case 'funcref':
    case 'externref':
      throw new InternalError('references do not cross the host border yet');
  }
}

export function valueOfWords(type: ValueType, low: number, high: number): Value {
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
      throw new InternalError('references do not cross the host border yet');
  }
}

export function wordCountOf(type: ValueType): 1 | 2 {
  return type === 'i64' || type === 'f64' ? 2 : 1;
}
