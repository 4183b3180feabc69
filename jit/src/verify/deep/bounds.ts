/** What is known of an unsigned 32-bit number. */
export interface Bound {
  readonly lo: number;
  readonly hi: number;
  /** The number + extent is at most the memory's size, now and later: sizes never shrink. */
  readonly extent: number;
  /** It is below the element count of the table with this record. */
  readonly below?: number | undefined;
  /** A comparison has shown that it is at most this, whatever it was before. */
  readonly limit?: number | undefined;
}

export const u32Max = 0xffff_ffff;
export const anything: Bound = { lo: 0, hi: u32Max, extent: 0 };

export function exactly(value: number): Bound {
  return { lo: value >>> 0, hi: value >>> 0, extent: 0 };
}

export function upTo(hi: number): Bound {
  return hi >= u32Max || hi < 0 ? anything : { lo: 0, hi, extent: 0 };
}

/** Both hold. */
export function both(a: Bound, b: Bound): Bound {
  return {
    lo: Math.max(a.lo, b.lo),
    hi: Math.min(a.hi, b.hi),
    extent: Math.max(a.extent, b.extent),
    below: a.below ?? b.below,
    limit: a.limit === undefined || b.limit === undefined ? (a.limit ?? b.limit) : Math.min(a.limit, b.limit),
  };
}

/** One of them holds. `minBytes`: what an upper bound is worth as an extent. */
export function either(a: Bound, b: Bound, minBytes: number): Bound {
  return {
    lo: Math.min(a.lo, b.lo),
    hi: Math.max(a.hi, b.hi),
    extent: Math.min(extentOf(a, minBytes), extentOf(b, minBytes)),
    below: a.below === b.below ? a.below : undefined,
    limit: a.limit === undefined || b.limit === undefined ? undefined : Math.max(a.limit, b.limit),
  };
}

/**
 * What may be kept of `before` where paths meet again and again, `joined` is the next meeting, and there must be an end: the limits that held.
 * @param limit an upper limit that is worth trying
 */
export function widened(before: Bound, joined: Bound, limit = u32Max): Bound {
  return {
    lo: joined.lo < before.lo ? 0 : before.lo,
    hi: joined.hi > before.hi ? Math.max(joined.hi, limit) : before.hi,
    extent: joined.extent < before.extent ? 0 : joined.extent,
    below: joined.below,
  };
}

export function extentOf(bound: Bound, minBytes: number): number {
  return Math.max(bound.extent, minBytes - bound.hi, 0);
}

/** The bound of the number + `distance` modulo 2^32, as far as the range says: nothing where it may or may not wrap. */
export function shifted(bound: Bound, distance: number): Bound {
  const d = distance >>> 0;
  if (d === 0) return bound;
  if (bound.hi + d <= u32Max) {
    const limit = bound.limit === undefined || bound.limit + d > u32Max ? undefined : bound.limit + d;
    return { lo: bound.lo + d, hi: bound.hi + d, extent: Math.max(0, bound.extent - d), limit };
  }
  if (bound.lo + d > u32Max) return { lo: bound.lo + d - 2 ** 32, hi: bound.hi + d - 2 ** 32, extent: 0 };
  return { ...anything, extent: Math.max(0, bound.extent - d) };
}

export function sameBound(a: Bound, b: Bound): boolean {
  return a.lo === b.lo && a.hi === b.hi && a.extent === b.extent && a.below === b.below;
}

/** Greatest number that has no bit above those of `value`. */
export function smear(value: number): number {
  const bits = 32 - Math.clz32(value);
  return bits === 32 ? u32Max : 2 ** bits - 1;
}
