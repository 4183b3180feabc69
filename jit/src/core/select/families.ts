/** How an instruction's operation is selected. */
import { load32, load8 } from '@fireball/wasm';
import { operationField } from '../layout/body.js';
import { families, familyStride } from '../layout/families.js';

/** The family of an instruction's operation. */
export function familyOf(record: i32): i32 {
  return load8(families + load32(record + operationField) * familyStride);
}

/** What the family says more of the operation: byte 0, 1 or 2. */
export function detail(record: i32, index: i32): i32 {
  return load8(families + load32(record + operationField) * familyStride + 1 + index);
}
