/** What constants cost on the target in question. */
import { load32 } from '@fireball/wasm';
import { checksWidely, lastByte, target, thumb2 } from './layout/function.js';
import { fitsRv32, fitsThumb2, isModifiedImmediate, rv32Anchor, rv32Cost, rv32Limit, thumb2Anchor, thumb2Cost, thumb2Limit } from './target.js';
import { isBelow } from './unsigned.js';

export function isThumb2(): boolean {
  return load32(target) === thumb2;
}

/** From one address all forms of access reach that many bytes. */
export function accessReach(): i32 {
  return isThumb2() ? 0x1000 : 0x800;
}

/** How far behind an index a check looks for an access that reaches so far: a wide one as far as makes its limit an immediate, which leaves no less of the memory than is used (`areas.ts`). */
export function checkedReach(reach: i32): i32 {
  const most = accessReach() - 1;
  if (load32(checksWidely) === 0 || isBelow(most, reach)) return reach;
  const limit = (load32(lastByte) - most + 1) | 0;
  return isThumb2() ? most + limit - thumb2Limit(limit) : most;
}

/** Does the operation take the constant as its second operand? */
export function fitsImmediate(operation: i32, value: i32): boolean {
  return isThumb2() ? fitsThumb2(operation, value) : fitsRv32(operation, value);
}

/** Is there a form that subtracts from the constant? */
export function fitsReverse(value: i32): boolean {
  return isThumb2() ? isModifiedImmediate(value) : value === 0;
}

/** Instructions to load the constant. */
export function constCost(value: i32): i32 {
  return isThumb2() ? thumb2Cost(value) : rv32Cost(value);
}

/** What has to be loaded of an address, so that every form of access reaches it from there. */
export function anchorOf(address: i32): i32 {
  return isThumb2() ? thumb2Anchor(address) : rv32Anchor(address);
}

/** Distance from the memory's beginning of a constant that accesses at this distance, and all around it, reach. */
export function staticAnchor(distance: i32): i32 {
  return isThumb2() ? distance & -0x1000 : rv32Anchor(distance);
}

/** The largest limit of at most this, which is not 0, that a bounds check takes as an immediate; 0 where there is none. */
export function immediateLimit(limit: i32): i32 {
  return isThumb2() ? thumb2Limit(limit) : rv32Limit(limit);
}

/** What a bounds check in a loop loses, in instructions, where its limit is in no register. */
export function limitCost(): f64 {
  return isThumb2() ? 0.6 : 1;
}
