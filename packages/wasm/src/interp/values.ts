import { UsageError } from '@fireball/contracts';
import type { RawValue } from '../semantics.js';
import type { ValueType } from '../types.js';
import { ReferenceNumbers } from './references.js';
import type { FunctionInstance, Value } from './structure.js';

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
      case 'i32':
      case 'i64':
      case 'f32':
      case 'f64':
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
