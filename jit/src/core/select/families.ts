/** How an instruction's operation is selected. */
import { load8 } from '@fireball/wasm';
import { operationAt } from '../instructions.js';
import { families, familyStride } from '../layout/families.js';

/** The family of an instruction's operation. */
export function familyOf(record: i32): i32 {
  return load8(families + operationAt(record) * familyStride);
}

/** What the family says more of the operation: byte 0, 1 or 2. */
export function detail(record: i32, index: i32): i32 {
  return load8(families + operationAt(record) * familyStride + 1 + index);
}
