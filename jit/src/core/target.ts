/** What a constant costs on the targets, and where instructions take it. */
import { leadingZeros } from '@fireball/wasm';
import * as arithmetic from './layout/arithmetic.js';
import { isBelow } from './unsigned.js';

/** Can Thumb-2 encode the constant in an instruction: as a byte that is shifted, or as one that is repeated? */
export function isModifiedImmediate(value: i32): boolean {
  // All of it within eight bits, of which the first is 1.
  if (isBelow(value, 0x100) || ((value << leadingZeros(value)) & 0xff_ffff) === 0) return true;
  // Repeated, both halves are the same: 00XY, XY00 or XYXY.
  if (value >>> 16 !== (value & 0xffff)) return false;
  const low = value & 0xff;
  const second = (value >>> 8) & 0xff;
  return low === 0 || second === 0 || low === second;
}

/** Is the value one that an operation of Thumb-2 takes as its second operand? */
export function fitsThumb2(operation: i32, value: i32): boolean {
  switch (operation) {
    case arithmetic.add:
    case arithmetic.sub:
      return isBelow(value, 0x1000) || isBelow(-value | 0, 0x1000) || isModifiedImmediate(value) || isModifiedImmediate(-value | 0);
    case arithmetic.and:
      return (value !== 0 && (value & (value + 1)) === 0) || isModifiedImmediate(value) || isModifiedImmediate(~value);
    case arithmetic.or:
      return isModifiedImmediate(value) || isModifiedImmediate(~value);
    case arithmetic.xor:
      return value === -1 || isModifiedImmediate(value);
    case arithmetic.compare:
      return isModifiedImmediate(value) || isModifiedImmediate(-value | 0);
    case arithmetic.test:
      return isModifiedImmediate(value);
    case arithmetic.mul:
      return false;
    default:
      return true;
  }
}

/** Is the value one of 12 bits with sign? */
export function fits12(value: i32): boolean {
  return value >= -0x800 && value <= 0x7ff;
}

/** Is the value one that an operation of RV32 takes as its second operand? */
export function fitsRv32(operation: i32, value: i32): boolean {
  switch (operation) {
    case arithmetic.add:
    case arithmetic.and:
    case arithmetic.or:
    case arithmetic.xor:
    case arithmetic.test:
      return fits12(value);
    case arithmetic.sub:
      return fits12(-value | 0);
    case arithmetic.compare:
      return value === 0;
    case arithmetic.mul:
      return false;
    default:
      return true;
  }
}

/** Instructions of Thumb-2 to load the constant. */
export function thumb2Cost(value: i32): i32 {
  return isBelow(value, 0x1_0000) || isModifiedImmediate(value) || isModifiedImmediate(~value) ? 1 : 2;
}

/** Instructions of RV32 to load the constant. */
export function rv32Cost(value: i32): i32 {
  if (value === 0) return 0;
  return fits12(value) || (value & 0xfff) === 0 ? 1 : 2;
}

/** What Thumb-2 loads of an address, if accesses add the rest of it. */
export function thumb2Anchor(address: i32): i32 {
  const anchor = address & -0x1000;
  return isModifiedImmediate(anchor) ? anchor : address;
}

/** What RV32 loads of an address, if accesses add the rest of it; and where a constant lies from the beginning of memory that accesses at the distance, and all around it, reach. */
export function rv32Anchor(address: i32): i32 {
  return (address + 0x800) & -0x1000;
}

/** The largest limit of at most this that Thumb-2 takes as an immediate; 0 where there is none. */
export function thumb2Limit(limit: i32): i32 {
  // The eight leading bits are kept: the largest such value is always encodable.
  const shift = 24 - leadingZeros(limit);
  return shift <= 0 ? limit : (limit >>> shift) << shift;
}

/** The same of RV32. */
export function rv32Limit(limit: i32): i32 {
  return limit & -0x1000;
}
