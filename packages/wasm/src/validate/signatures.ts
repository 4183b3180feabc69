import type { WasmModule } from '../module.js';
import type { FunctionType, ValueType } from '../types.js';

/** Numbers of the value types on the stack of the `BodyValidator`. */
export const typeCodes = { i32: 1, i64: 2, f32: 3, f64: 4, funcref: 5, externref: 6 } as const satisfies Record<ValueType, number>;

/** What unreachable code pops from an empty stack: of any type. */
export const unknownType = 0;

const valueTypes = Object.keys(typeCodes) as ValueType[];
const none: readonly ValueType[] = [];

/** Signature of a block without parameters and results; one with the result `type` has `typeCodes[type]`. */
export const emptySignature = 0;

/**
 * The signatures that blocks of a module may have, by number: the empty one, one for each value type as result, those of the module's types, and those of
 * function bodies, whose parameters are locals.
 */
export class BlockSignatures {
  readonly all: readonly FunctionType[];
  /** Codes of parameter and result types. */
  readonly params: readonly Uint8Array[];
  readonly results: readonly Uint8Array[];

  constructor({ types }: WasmModule) {
    this.all = [
      { params: none, results: none },
      ...valueTypes.map((type) => ({ params: none, results: [type] })),
      ...types,
      ...types.map(({ results }) => ({ params: none, results })),
    ];
    this.params = this.all.map(({ params }) => encode(params));
    this.results = this.all.map(({ results }) => encode(results));
  }

  /** Number of the signature of a block of the module's type `index`. */
  ofType(index: number): number {
    return 1 + valueTypes.length + index;
  }

  /** Number of the signature of the body of a function of the module's type `index`. */
  ofBody(index: number): number {
    return this.ofType(index) + (this.all.length - 1 - valueTypes.length) / 2;
  }
}

function encode(types: readonly ValueType[]): Uint8Array {
  return Uint8Array.from(types, (type) => typeCodes[type]);
}
