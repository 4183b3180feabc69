/**
 * Derived operands: values that the instruction needs but that are no affine function of what the
 * emitter passes. The emitter passes the base operand; patcher and builder compute the rest here.
 */
import * as derived from '../core/derive.js';

export { notEncodable } from '../core/derive.js';

/** A field's value as a function of one or two operands. */
export interface DerivedFunction {
  /** How many base operands it takes. */
  readonly arity: 1 | 2;
  /** Width of the result in bits; a signed result is two's complement of that width. */
  readonly bits: number;
  /** What stands in the assembly text: the result, the first base value, or that value's bits as a float. */
  readonly text: 'result' | 'base' | 'float';
  readonly compute: (a: number, b: number) => number;
  /** Base values worth probing besides the usual ones, where encodable values are rare. */
  readonly samples?: (random: () => number) => number;
  readonly doc: string;
}

function sampleModifiedImmediate(random: () => number): number {
  const byte = random() & 0xff;
  switch (random() & 3) {
    case 0:
      return ((byte << 16) | byte) >>> 0;
    case 1:
      return ((byte << 24) | (byte << 8)) >>> 0;
    case 2:
      return Math.imul(byte, 0x01010101) >>> 0;
    default:
      return ((0x80 | byte) << (1 + (random() % 24))) >>> 0;
  }
}

/** Every function by its name in template sources: operands that are no affine map of a value (hazard 9). */
export const derivedFunctions = {
  hi20: {
    arity: 1,
    bits: 20,
    text: 'result',
    compute: derived.hi20,
    doc: 'upper 20 bits for lui/auipc, rounded for a following signed lo12',
  },
  lo12: {
    arity: 1,
    bits: 12,
    text: 'result',
    compute: derived.lo12,
    doc: 'lower 12 bits, signed',
  },
  neg32: {
    arity: 1,
    bits: 5,
    text: 'result',
    compute: derived.neg32,
    doc: '(32 - n) & 31: rotate left as rotate right',
  },
  minus1: {
    arity: 1,
    bits: 5,
    text: 'base',
    compute: derived.minus1,
    doc: 'width - 1, for SBFX/UBFX',
  },
  msb: {
    arity: 2,
    bits: 5,
    text: 'base',
    compute: derived.msb,
    doc: 'lsb + width - 1, for BFI/BFC; bases: width, lsb',
  },
  t32ModifiedImmediate: {
    arity: 1,
    bits: 12,
    text: 'base',
    compute: (value) => derived.t32ModifiedImmediate(value | 0),
    samples: sampleModifiedImmediate,
    doc: 'i:imm3:imm8 of a Thumb modified immediate (Arm ARM A5.3.2)',
  },
  upDown: {
    arity: 1,
    bits: 13,
    text: 'base',
    compute: derived.upDown,
    doc: 'magnitude in bits 0..11, bit 12 set for offsets that are not negative (U bit)',
  },
  vfpImmediate: {
    arity: 1,
    bits: 8,
    text: 'float',
    compute: derived.vfpImmediate,
    samples: (random) => (((random() & 1) << 31) | ((random() & 1 ? 0x20 : 0x1f) << 25) | ((random() & 0x3f) << 19)) >>> 0,
    doc: '8-bit VMOV constant of raw single-precision bits (Arm ARM A6.4.1)',
  },
  field: {
    arity: 2,
    bits: 5,
    text: 'base',
    compute: derived.field,
    doc: 'width - 1 of a field that ends in the word, for SBFX/UBFX; bases: width, lsb',
  },
} as const satisfies Record<string, DerivedFunction>;

/** Name of a derived function, as template sources have it. */
export type DerivedName = keyof typeof derivedFunctions;

/** Is there a derived function of that name? */
export function isDerivedName(name: string): name is DerivedName {
  return Object.hasOwn(derivedFunctions, name);
}

/** The function of that name, with the table's literal types widened. */
export function derivedFunction(name: DerivedName): DerivedFunction {
  return derivedFunctions[name];
}
