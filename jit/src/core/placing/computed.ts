/** Values of fields that are computed from operands. */
import { load32 } from '@fireball/wasm';
import * as derived from '../derive.js';
import * as functions from '../layout/functions.js';
import { hasMore, lastRotation, placeBits, sourceFirstShift, sourceFunctionBits, sourceSecondShift, templatePatching } from '../layout/templates.js';
import { operandAt } from './operands.js';
import { listIn } from './tables.js';

/** The value that a source says how to make of the operands of this moment. */
export function valueOf(source: i32): i32 {
  const a = operandAt((source >>> sourceFirstShift) & placeBits);
  if ((source & sourceFunctionBits) === functions.itself) return a;
  const b = operandAt((source >>> sourceSecondShift) & placeBits);
  return compute(source & sourceFunctionBits, a, b);
}

/** What the function that the row of a template names makes of its last operand. */
export function derivedLast(template: i32, ways: i32, last: i32): i32 {
  const list = listIn(template, templatePatching);
  return compute(load32(list + ((ways & hasMore) !== 0 ? lastRotation + 4 : 0)), last, 0);
}

/** What the function of this number makes of two operands. */
function compute(number: i32, a: i32, b: i32): i32 {
  switch (number) {
    case functions.hi20:
      return derived.hi20(a);
    case functions.lo12:
      return derived.lo12(a);
    case functions.neg32:
      return derived.neg32(a);
    case functions.minus1:
      return derived.minus1(a);
    case functions.msb:
      return derived.msb(a, b);
    case functions.t32ModifiedImmediate:
      return derived.t32ModifiedImmediate(a);
    case functions.upDown:
      return derived.upDown(a);
    case functions.vfpImmediate:
      return derived.vfpImmediate(a);
    case functions.field:
      return derived.field(a, b);
    default:
      return a;
  }
}
