import type { WasmModule } from '../module.js';
import { valueTypeEncodings, type FunctionType, type ValueType } from '../types.js';

/** Numbers of the value types on the stack of the `BodyValidator`. */
export const typeCodes = { i32: 1, i64: 2, f32: 3, f64: 4, funcref: 5, externref: 6 } as const satisfies Record<ValueType, number>;
export type TypeCodes = typeof typeCodes;

/** What unreachable code pops from an empty stack: of any type. */
export const unknownType = 0;

const valueTypes = Object.keys(typeCodes) as ValueType[];
const none: readonly ValueType[] = [];

/** Number of the list of no types. */
export const emptyList = 0;

/** Number of the last list of a single type, which is its code. */
export const lastSingle = valueTypes.length;
/** Codes of references go from here on. */
export const firstReference = typeCodes.funcref;

/** Signature of a block without parameters and results; one with the result `type` has `typeCodes[type]`. */
const emptySignature = 0;
/** Number of the signature of a block of the module's first type. */
export const firstTypeSignature = 1 + valueTypes.length;

/** Signatures of block types of one byte; -1 for bytes that begin a number or nothing. */
export const signatureOfByte = new Int8Array(256).fill(-1);
signatureOfByte[0x40] = emptySignature;
for (const type of valueTypes) signatureOfByte[valueTypeEncodings[type]] = typeCodes[type];

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
