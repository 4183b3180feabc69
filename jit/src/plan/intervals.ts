import type { OpName } from '@fireball/wasm';
import type { Instruction } from './body.js';
import type { Symbol } from './symbols.js';

/** ((x + c) & mask) compared with a number, as C does with its small types, is x + c compared without the mask. */
export interface Interval {
  /** To be added to x + c before it is compared. */
  readonly delta: number;
  readonly cond: 'lt_u' | 'ge_u';
  readonly limit: number;
}

/**
 * What an `and` of `operand` and `mask`, ones from bit 0 on, is together with the constant and the comparison behind it. x must be at
 * most the mask: then x + c minus a multiple of mask + 1 tells by its borrow on which side of it x lies.
 */
export function intervalOf(mask: number, operand: Symbol, constant: Instruction | undefined, comparison: Instruction | undefined): Interval | undefined {
  if (operand.kind === 'const' || mask <= 0 || (mask & (mask + 1)) !== 0 || operand.max > mask) return undefined;
  if (constant?.op !== 'i32.const' || comparison === undefined) return undefined;
  const below = comparisons.get(comparison.op);
  if (below === undefined) return undefined;
  const { isBelow, more } = below;
  const limit = (constant.a >>> 0) + more;
  if (limit < 1 || limit > mask) return undefined;
  // x - k, of which the mask makes numbers from mask + 1 - k on where x is less than k.
  const k = -operand.c & mask;
  const wraps = mask + 1 - k;
  if (limit <= wraps) return { delta: -k - operand.c, cond: isBelow ? 'lt_u' : 'ge_u', limit };
  return { delta: -(k - (mask + 1 - limit)) - operand.c, cond: isBelow ? 'ge_u' : 'lt_u', limit: mask + 1 - limit };
}

/** Unsigned comparisons: whether they hold of the lower numbers, and how far the first of the others lies behind the constant. */
const comparisons: ReadonlyMap<OpName, { readonly isBelow: boolean; readonly more: 0 | 1 }> = new Map([
  ['i32.lt_u', { isBelow: true, more: 0 }],
  ['i32.ge_u', { isBelow: false, more: 0 }],
  ['i32.le_u', { isBelow: true, more: 1 }],
  ['i32.gt_u', { isBelow: false, more: 1 }],
]);
