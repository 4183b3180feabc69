import { emptyList, externrefType, f32Type, f64Type, firstTypeSignature, funcrefType, i32Type, i64Type } from '../core/layout/types.js';
import type { WasmModule } from '../module.js';
import type { FunctionType, ValueType } from '../types.js';

/** Numbers of the value types in the core. */
export const typeCodes: Readonly<Record<ValueType, number>> = {
  i32: i32Type,
  i64: i64Type,
  f32: f32Type,
  f64: f64Type,
  funcref: funcrefType,
  externref: externrefType,
};

const valueTypes = Object.keys(typeCodes) as ValueType[];
const none: readonly ValueType[] = [];

/**
 * The signatures that blocks of a module may have, by number: the empty one, one for each value type as result, those of the module's types, and those of
 * function bodies, whose parameters are locals. Their lists of types have numbers too, the same for equal ones: 0 for the empty list, `typeCodes[type]` for one
 * of a single type.
 */
export class BlockSignatures {
  readonly all: readonly FunctionType[];
  /** Numbers of the lists of parameter and result types. */
  readonly params: Int32Array;
  readonly results: Int32Array;
  /** Codes of the types, by the list's number. */
  readonly lists: Uint8Array[] = [new Uint8Array(), ...valueTypes.map((type) => Uint8Array.of(typeCodes[type]))];
  private readonly numbers = new Map<string, number>();

  constructor({ types }: WasmModule) {
    this.all = [
      { params: none, results: none },
      ...valueTypes.map((type) => ({ params: none, results: [type] })),
      ...types,
      ...types.map(({ results }) => ({ params: none, results })),
    ];
    this.params = new Int32Array(this.all.length);
    this.results = new Int32Array(this.all.length);
    for (const type of valueTypes) this.results[typeCodes[type]] = typeCodes[type];
    types.forEach(({ params, results }, index) => {
      const number = this.numberOf(results);
      this.params[firstTypeSignature + index] = this.numberOf(params);
      this.results[firstTypeSignature + index] = number;
      this.results[this.ofBody(index)] = number;
    });
  }

  private numberOf(types: readonly ValueType[]): number {
    if (types.length < 2) return types[0] === undefined ? emptyList : typeCodes[types[0]];
    const key = types.join();
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.lists.push(Uint8Array.from(types, (type) => typeCodes[type])) - 1;
      this.numbers.set(key, number);
    }
    return number;
  }

  /** Number of the signature of the body of a function of the module's type `index`. */
  ofBody(index: number): number {
    return firstTypeSignature + (this.all.length - firstTypeSignature) / 2 + index;
  }
}
