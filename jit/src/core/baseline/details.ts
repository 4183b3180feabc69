/** How an operation is carried out, by its number (`layout/families.ts`). */
import { load8 } from '@fireball/wasm';
import { families, familyStride } from '../layout/families.js';

/** One of the families. */
export function familyOf(operation: i32): i32 {
  return load8(families + operation * familyStride);
}

/** What the family says more of the operation: byte 0, 1 or 2. */
export function detailOf(operation: i32, index: i32): i32 {
  return load8(families + operation * familyStride + 1 + index);
}
