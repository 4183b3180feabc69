import type { Value, ValueType } from '@fireball/wasm';

/** Where integer operations, shifts, conversions and addresses change behaviour. */
const i32Boundaries = [0, 1, -1, 2, 7, 31, 32, 33, 255, 256, 32767, 32768, 65535, 65536, 0x7fffffff, -0x80000000, -2];
const i64Boundaries = [
  0n,
  1n,
  -1n,
  2n,
  31n,
  32n,
  63n,
  64n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  -0x80000000n,
  0x7fffffffffffffffn,
  -0x8000000000000000n,
];
/** Zeros, ones, the largest and smallest, subnormals, infinities, quiet and signalling NaNs, conversion limits. */
const f32Boundaries = [
  0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f7fffff, 0x00800000, 0x007fffff, 0x00000001, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7fa00000,
  0x4f000000, 0xcf000000, 0x4f800000, 0x5f000000, 0x3f000000,
];
const f64Boundaries = [
  0x0000000000000000n,
  0x8000000000000000n,
  0x3ff0000000000000n,
  0xbff0000000000000n,
  0x7fefffffffffffffn,
  0x0010000000000000n,
  0x000fffffffffffffn,
  0x0000000000000001n,
  0x7ff0000000000000n,
  0xfff0000000000000n,
  0x7ff8000000000000n,
  0xfff8000000000001n,
  0x7ff4000000000000n,
  0x41dfffffffc00000n,
  0x41e0000000000000n,
  0xc1e0000000200000n,
  0x43e0000000000000n,
  0x3fe0000000000000n,
];

/** Values at which behaviour changes; null of a reference. */
export function boundaryValues(type: ValueType): readonly Value[] {
  switch (type) {
    case 'i32':
      return i32Boundaries.map((value) => ({ type, value }));
    case 'i64':
      return i64Boundaries.map((value) => ({ type, value }));
    case 'f32':
      return f32Boundaries.map((value) => ({ type, value }));
    case 'f64':
      return f64Boundaries.map((value) => ({ type, value }));
    case 'funcref':
    case 'externref':
      return [{ type, value: null }];
  }
}
