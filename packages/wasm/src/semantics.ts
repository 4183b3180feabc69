import type { NumericOpName } from './opcodes.js';
import { conversions } from './semantics/conversions.js';
import { f32Operations, f64Operations } from './semantics/float.js';
import { i32Operations } from './semantics/i32.js';
import { i64Operations } from './semantics/i64.js';
import type { OperationsOf } from './semantics/types.js';

/**
 * What every pure numeric instruction computes, on raw values (see `NumericOperation`). The one definition behind the
 * reference interpreter, constant folding and the tests of generated code. NaN results are canonical and positive.
 * Operations of the table with `traps` throw `Trap`.
 */
export const semantics: OperationsOf<NumericOpName> = {
  ...i32Operations,
  ...i64Operations,
  ...f32Operations,
  ...f64Operations,
  ...conversions,
};

/** A raw value as the operations take and give it. */
export type RawValue = number | bigint;

/** The operation `name` for operands whose types are known only at run time. */
export function operationOf(name: NumericOpName): (...operands: RawValue[]) => RawValue {
  // The table's types say what each name takes; here the caller has checked that against the opcode's signature.
  return semantics[name] as unknown as (...operands: RawValue[]) => RawValue;
}

/** True where `name` is a key of `semantics`. */
export function isNumericOp(name: string): name is NumericOpName {
  return Object.hasOwn(semantics, name);
}
