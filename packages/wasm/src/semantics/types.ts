import type { NumericOpName, SignatureText } from '../opcodes.js';

/** A raw value of a type by its letter in signatures: i32 and f32 are numbers, i64 and f64 bigints. */
export type Raw<Letter extends string> = Letter extends 'i' | 'f' ? number : bigint;
/** Raw values of types by their letters. */
export type RawList<Letters extends string> = Letters extends `${infer Head}${infer Tail}` ? [Raw<Head>, ...RawList<Tail>] : [];
/** A function from raw operands to the raw result, of a signature such as `ii:i`. */
export type Operation<Signature extends string> = Signature extends `${infer Params}:${infer Result}` ? (...operands: RawList<Params>) => Raw<Result> : never;

/**
 * A pure operation on raw values: i32 = signed number, i64 = signed bigint, f32 = unsigned bits as a number,
 * f64 = unsigned bits as a bigint. Operands and results follow the opcode table's signature.
 */
export type NumericOperation<Name extends NumericOpName> = Operation<SignatureText<Name>>;

/** Operations of one family, keyed by name. */
export type OperationsOf<Name extends NumericOpName> = {
  readonly [N in Name]: NumericOperation<N>;
};
