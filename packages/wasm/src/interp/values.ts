import { UsageError } from '@fireball/contracts';
import type { RawValue } from '../semantics.js';
import type { ValueType } from '../types.js';
import type { FunctionInstance } from './function.js';

/**
 * A value at the API: i32 = signed number, i64 = signed bigint, f32 and f64 = raw bits (unsigned number / bigint),
 * references = a function of the store or any host value, `null` for the null reference.
 */
export type Value =
  | { readonly type: 'i32'; readonly value: number }
  | { readonly type: 'i64'; readonly value: bigint }
  | { readonly type: 'f32'; readonly value: number }
  | { readonly type: 'f64'; readonly value: bigint }
  | { readonly type: 'funcref'; readonly value: FunctionInstance | null }
  | { readonly type: 'externref'; readonly value: unknown };

/** Gives references numbers, so that a slot of the machine holds any value; 0 is the null reference. */
export class ReferenceNumbers<T> {
  private readonly items: T[] = [];
  private readonly numbers = new Map<T, number>();

  numberOf(item: T | null): number {
    if (item === null) return 0;
    const known = this.numbers.get(item);
    if (known !== undefined) return known;
    this.items.push(item);
    this.numbers.set(item, this.items.length);
    return this.items.length;
  }

  itemOf(number: number): T | null {
    return number === 0 ? null : (this.items[number - 1] ?? null);
  }
}

/** Converts between API values and raw ones, where references are numbers of one store. */
export class ValueCodec {
  readonly functions = new ReferenceNumbers<FunctionInstance>();
  readonly externs = new ReferenceNumbers<unknown>();

  toRaw(value: Value): RawValue {
    switch (value.type) {
      case 'funcref':
        return this.functions.numberOf(value.value);
      case 'externref':
        return this.externs.numberOf(value.value);
      default:
        return value.value;
    }
  }

  fromRaw(type: ValueType, raw: RawValue): Value {
    switch (type) {
      case 'i32':
        return { type, value: Number(raw) | 0 };
      case 'i64':
        return { type, value: BigInt.asIntN(64, BigInt(raw)) };
      case 'f32':
        return { type, value: Number(raw) >>> 0 };
      case 'f64':
        return { type, value: BigInt.asUintN(64, BigInt(raw)) };
      case 'funcref':
        return { type, value: this.functions.itemOf(Number(raw)) };
      case 'externref':
        return { type, value: this.externs.itemOf(Number(raw)) };
    }
  }
}

/** Checks arguments against parameter types. */
export function checkValues(values: readonly Value[], types: readonly ValueType[], what: string): void {
  if (values.length !== types.length) {
    throw new UsageError(`${what}: ${types.length} values expected, ${values.length} given`);
  }
  values.forEach((value, index) => {
    const type = types[index];
    if (value.type !== type) {
      throw new UsageError(`${what}: value ${index} must be ${type ?? 'absent'}, not ${value.type}`);
    }
    const isWide = type === 'i64' || type === 'f64';
    const isNarrow = type === 'i32' || type === 'f32';
    if ((isWide && typeof value.value !== 'bigint') || (isNarrow && typeof value.value !== 'number')) {
      throw new UsageError(`${what}: value ${index} of type ${type} must be a ${isWide ? 'bigint' : 'number'}`);
    }
  });
}
