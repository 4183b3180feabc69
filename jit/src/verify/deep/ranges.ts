/**
 * Transfer functions of arithmetic: what is known of a result from what is known of the operands. All numbers are
 * unsigned words. Every range holds on both targets; where they differ (shifts by 32 and more, division by 0) it covers both.
 */
import { anything, exactly, smear, u32Max, upTo, type Bound } from './bounds.js';
import type { DataOp } from './instruction.js';

const signBit = 0x8000_0000;

/** lo..hi, unless that leaves the word: then it wraps, and nothing is known. */
function between(lo: number, hi: number): Bound {
  return lo >= 0 && hi <= u32Max ? { lo, hi, extent: 0 } : anything;
}

export function sumBound(a: Bound, b: Bound): Bound {
  return between(a.lo + b.lo, a.hi + b.hi);
}

/** Of a - b. */
export function differenceBound(a: Bound, b: Bound): Bound {
  return between(a.lo - b.hi, a.hi - b.lo);
}

/** Of the lower word of the product. Beyond 2^53 a product is not exact, but then it is too large in any case. */
export function productBound(a: Bound, b: Bound): Bound {
  return between(a.lo * b.lo, a.hi * b.hi);
}

/** Of the upper word of the unsigned product. */
export function highProductBound(a: Bound, b: Bound): Bound {
  const high = (x: number, y: number): number => Number((BigInt(x) * BigInt(y)) >> 32n);
  return { lo: high(a.lo, b.lo), hi: high(a.hi, b.hi), extent: 0 };
}

export function signExtendedBound(a: Bound, bits: 8 | 16): Bound {
  return a.hi < 2 ** (bits - 1) ? { lo: a.lo, hi: a.hi, extent: 0 } : anything;
}

const complement = (a: Bound): Bound => ({ lo: u32Max - a.hi, hi: u32Max - a.lo, extent: 0 });
const isExactly = (a: Bound, value: number): boolean => a.lo === value && a.hi === value;

function andBound(a: Bound, b: Bound): Bound {
  return upTo(Math.min(a.hi, b.hi));
}

function orBound(a: Bound, b: Bound): Bound {
  return { lo: Math.max(a.lo, b.lo), hi: smear(Math.max(a.hi, b.hi)), extent: 0 };
}

function xorBound(a: Bound, b: Bound): Bound {
  if (isExactly(a, u32Max)) return complement(b);
  if (isExactly(b, u32Max)) return complement(a);
  return upTo(smear(Math.max(a.hi, b.hi)));
}

/** By amounts below 32: beyond them RISC-V counts modulo 32, Arm shifts everything out. */
function shiftBound(op: 'shl' | 'shr_u' | 'shr_s', a: Bound, amount: Bound): Bound {
  const isShort = amount.hi < 32;
  if (op === 'shl') return isShort ? between(a.lo * 2 ** amount.lo, a.hi * 2 ** amount.hi) : anything;
  if (op === 'shr_u' || a.hi < signBit) {
    return isShort ? { lo: a.lo >>> amount.hi, hi: a.hi >>> amount.lo, extent: 0 } : upTo(a.hi);
  }
  // Both ends negative: the nearer to 0, the more it is shifted.
  return isShort && a.lo >= signBit ? { lo: (a.lo >> amount.lo) >>> 0, hi: (a.hi >> amount.hi) >>> 0, extent: 0 } : anything;
}

/** Division by 0 gives 0 on Arm, all ones on RISC-V. */
function quotientBound(a: Bound, b: Bound): Bound {
  return b.lo === 0 ? anything : { lo: Math.floor(a.lo / b.hi), hi: Math.floor(a.hi / b.lo), extent: 0 };
}

/** RISC-V: a modulo 0 is a. */
function remainderBound(a: Bound, b: Bound): Bound {
  return upTo(b.lo === 0 ? a.hi : Math.min(a.hi, b.hi - 1));
}

/** Of a OP b. */
export function resultBound(op: DataOp, a: Bound, b: Bound): Bound {
  switch (op) {
    case 'and':
      return andBound(a, b);
    case 'bic':
      return andBound(a, complement(b));
    case 'or':
      return orBound(a, b);
    case 'orn':
      return orBound(a, complement(b));
    case 'xor':
      return xorBound(a, b);
    case 'add':
      return sumBound(a, b);
    case 'sub':
      return differenceBound(a, b);
    case 'rsb':
      return differenceBound(b, a);
    case 'adc':
      return sumBound(sumBound(a, b), { lo: 0, hi: 1, extent: 0 });
    case 'sbc':
      return differenceBound(differenceBound(a, b), { lo: 0, hi: 1, extent: 0 });
    case 'mul':
      return productBound(a, b);
    case 'mulh_u':
      return highProductBound(a, b);
    case 'div_u':
      return quotientBound(a, b);
    case 'rem_u':
      return remainderBound(a, b);
    case 'shl':
    case 'shr_u':
    case 'shr_s':
      return shiftBound(op, a, b);
    case 'rotr':
      return a.lo === a.hi && b.lo === b.hi ? exactly((a.lo >>> (b.lo & 31)) | (a.lo << (-b.lo & 31))) : anything;
  }
}
