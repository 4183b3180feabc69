import type { NumericOpName, SignatureText } from '../opcodes.js';

type Raw<Letter extends string> = Letter extends 'i' | 'f' ? number : bigint;
type RawList<Letters extends string> = Letters extends `${infer Head}${infer Tail}`
  ? [Raw<Head>, ...RawList<Tail>]
  : [];
type Operation<Signature extends string> = Signature extends `${infer Params}:${infer Result}`
  ? (...operands: RawList<Params>) => Raw<Result>
  : never;

/**
 * A pure operation on raw values: i32 = signed number, i64 = signed bigint, f32 = unsigned bits as a number,
 * f64 = unsigned bits as a bigint. Operands and results follow the opcode table's signature.
 */
export type NumericOperation<Name extends NumericOpName> = Operation<SignatureText<Name>>;

/** Operations of one family, keyed by name. */
export type OperationsOf<Name extends NumericOpName> = {
  readonly [N in Name]: NumericOperation<N>;
};
