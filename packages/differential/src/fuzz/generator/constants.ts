import type { Random } from '@fireball/engines';
import type { ValueType } from '@fireball/wasm';
import { node, zero, type Node } from '../tree.js';

/** Constants where instruction encodings change: of immediates, of their sign extension, of shifted and repeated bytes. */
export function interestingI32(random: Random): number {
  const byte = random.below(256);
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return random.between(-16, 64);
    case 3:
      // Powers of two and their neighbours: masks, bit tests.
      return ((1 << random.below(32)) + random.between(-1, 1)) | 0;
    case 4:
      // Limits of 8, 12 and 16 bit immediates, signed and not.
      return random.pick([255, 256, 2047, 2048, 4095, 4096, 32767, 32768, 65535, 65536]) * random.pick([1, -1]) + random.between(-1, 1);
    case 5:
      // Thumb-2 modified immediates: a byte with its top bit set, shifted to any place.
      return ((byte | 0x80) << random.below(25)) | 0;
    case 6:
      // .. and repeated.
      return Math.imul(byte, random.pick([0x00010001, 0x01000100, 0x01010101]));
    case 7:
      // Upper and lower part, with and without the carry of a sign-extended lower part.
      return (random.below(1 << 20) << 12) | random.pick([0, 0x7ff, 0x800, 0xfff, random.below(4096)]) | 0;
    case 8:
      return random.pick([0, 1, -1, 0x7fffffff, -0x80000000, -2, 0xff, 0xffff, -256, -65536]);
    case 9:
      return ~(byte << random.below(25));
    case 10:
      return random.below(65536);
    default:
      return random.word() | 0;
  }
}

function interestingI64(random: Random): bigint {
  const low = BigInt(interestingI32(random));
  switch (random.below(4)) {
    case 0:
      return low;
    case 1:
      return BigInt.asIntN(64, (BigInt(interestingI32(random)) << 32n) | BigInt.asUintN(32, low));
    case 2:
      return BigInt.asIntN(64, (1n << BigInt(random.below(64))) + BigInt(random.between(-1, 1)));
    default:
      return BigInt.asIntN(64, random.wide());
  }
}

/** Zeros, ones, limits, subnormals, infinities, the limits of conversions to integers. No NaN: these come from operations. */
const singles = [
  0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0xbf000000, 0x3fc00000, 0x40200000, 0x7f7fffff, 0xff7fffff, 0x00800000, 0x007fffff, 0x00000001,
  0x80000001, 0x7f800000, 0xff800000, 0x4f000000, 0xcf000000, 0x4effffff, 0x4f800000, 0x5f000000, 0xdf000000, 0x5f800000, 0x4b000000, 0x4b800000, 0x4b000001,
  0x41200000, 0x42c80000,
];
const doubles = [
  0x0000000000000000n,
  0x8000000000000000n,
  0x3ff0000000000000n,
  0xbff0000000000000n,
  0x3fe0000000000000n,
  0xbfe0000000000000n,
  0x3ff8000000000000n,
  0x4004000000000000n,
  0x7fefffffffffffffn,
  0xffefffffffffffffn,
  0x0010000000000000n,
  0x000fffffffffffffn,
  0x0000000000000001n,
  0x8000000000000001n,
  0x7ff0000000000000n,
  0xfff0000000000000n,
  0x41dfffffffc00000n,
  0x41e0000000000000n,
  0xc1e0000000000000n,
  0xc1e0000000200000n,
  0x41efffffffe00000n,
  0x41f0000000000000n,
  0x43e0000000000000n,
  0xc3e0000000000000n,
  0x43f0000000000000n,
  0x4330000000000000n,
  0x4340000000000000n,
  0x4330000000000001n,
  0x47efffffe0000000n,
  0x47efffffefffffffn,
  0x36a0000000000000n,
  0x380fffffffffffffn,
  0x4024000000000000n,
  0x4059000000000000n,
];

function interestingF32(random: Random): number {
  switch (random.below(4)) {
    case 0:
    case 1:
      return random.pick(singles);
    case 2:
      // A small number with a few fraction bits.
      return ((random.below(2) << 31) | (random.between(0x7e - 8, 0x7e + 16) << 23) | (random.below(256) << 15)) >>> 0;
    default:
      return withoutNaN32(random.word());
  }
}

function interestingF64(random: Random): bigint {
  switch (random.below(4)) {
    case 0:
    case 1:
      return random.pick(doubles);
    case 2:
      return (BigInt(random.below(2)) << 63n) | (BigInt(random.between(0x3fe - 8, 0x3fe + 40)) << 52n) | (BigInt(random.below(65536)) << 36n);
    default:
      return withoutNaN64(random.wide());
  }
}

/** A NaN's bits as the infinity of its sign. */
function withoutNaN32(bits: number): number {
  return (bits & 0x7f800000) === 0x7f800000 ? (bits & 0xff800000) >>> 0 : bits;
}
function withoutNaN64(bits: bigint): bigint {
  const exponent = 0x7ff0000000000000n;
  return (bits & exponent) === exponent ? bits & 0xfff0000000000000n : bits;
}

/** A constant instruction. */
export function constant(random: Random, type: ValueType): Node {
  switch (type) {
    case 'i32':
      return node('i32.const', [], [type], { a: interestingI32(random) });
    case 'i64':
      return node('i64.const', [], [type], { wide: interestingI64(random) });
    case 'f32':
      return node('f32.const', [], [type], { a: interestingF32(random) });
    case 'f64':
      return node('f64.const', [], [type], { wide: interestingF64(random) });
    case 'funcref':
    case 'externref':
      return zero(type);
  }
}

/** A value of the API to call a function with: raw bits for floats, null for references. */
export function argument(random: Random, type: ValueType): number | bigint | null {
  switch (type) {
    case 'i32':
      return interestingI32(random);
    case 'i64':
      return interestingI64(random);
    case 'f32':
      return interestingF32(random);
    case 'f64':
      return interestingF64(random);
    case 'funcref':
    case 'externref':
      return null;
  }
}
