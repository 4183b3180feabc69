/** Bits of a value that was loaded, where they are now: bit i of it is at position i + shift, for those in `mask`. */
export interface Selection {
  readonly mask: bigint;
  readonly shift: number;
  /** RV64: are the bits above 31 copies of bit 31? */
  readonly extended?: boolean;
}

/** What a register holds, as far as it can be told. */
export type Content =
  { readonly kind: 'loaded'; readonly bits: Selection } | { readonly kind: 'constant'; readonly value: bigint } | { readonly kind: 'unknown' };

export const unknown: Content = { kind: 'unknown' };
export const constant = (value: bigint): Content => ({ kind: 'constant', value });
export const loaded = (bits: Selection): Content => ({ kind: 'loaded', bits });

/** A comparison of bits of the loaded value with a constant: `(value & mask) == expected`. */
export interface Comparison {
  readonly mask: bigint;
  readonly expected: bigint;
}

/** From positions of a register to those of the loaded value. */
function back(value: bigint, shift: number): bigint {
  return shift >= 0 ? value >> BigInt(shift) : value << BigInt(-shift);
}

export function and({ mask, shift, extended = false }: Selection, value: bigint): Selection {
  return { mask: mask & back(value, shift), shift, extended };
}

/** In a register of `width` bits. */
export function shiftLeft({ mask, shift }: Selection, by: number, width: number): Selection {
  return and({ mask, shift: shift + by }, (1n << BigInt(width)) - 1n);
}

export function shiftRight({ mask, shift }: Selection, by: number): Selection {
  // Positions below zero are gone.
  const moved = { mask, shift: shift - by };
  return moved.shift >= 0 ? moved : { ...moved, mask: (mask >> BigInt(-moved.shift)) << BigInt(-moved.shift) };
}

/** Is the register equal to a constant? Undefined where bits that are not selected would have to be set. */
export function compare({ mask, shift }: Selection, value: bigint): Comparison | undefined {
  const expected = back(value, shift);
  const isWhole = (shift >= 0 ? expected << BigInt(shift) : expected >> BigInt(-shift)) === value;
  return mask === 0n || !isWhole || (expected & ~mask) !== 0n ? undefined : { mask, expected };
}

/** Is the bit at a position of the register clear? */
export function bitAt(bits: Selection, position: number): Comparison | undefined {
  return compare(and(bits, 1n << BigInt(position)), 0n);
}
