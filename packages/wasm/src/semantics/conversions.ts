import type { NumericOpName } from '../opcodes.js';
import { Trap } from '../trap.js';
import { f32FromBits, f32ToBits, f64FromBits, f64ToBits } from './bits.js';
import type { OperationsOf } from './types.js';

/** An integer range as doubles: `least` and `bound` (exclusive) are powers of two or zero, hence exact. */
interface Range {
  readonly least: number;
  readonly bound: number;
}

const signed32: Range = { least: -(2 ** 31), bound: 2 ** 31 };
const unsigned32: Range = { least: 0, bound: 2 ** 32 };
const signed64: Range = { least: -(2 ** 63), bound: 2 ** 63 };
const unsigned64: Range = { least: 0, bound: 2 ** 64 };

/** Truncates, or traps where the result does not fit. */
function truncate(x: number, { least, bound }: Range): number {
  if (Number.isNaN(x)) throw new Trap('invalid conversion to integer');
  const whole = Math.trunc(x);
  if (whole < least || whole >= bound) throw new Trap('integer overflow');
  return whole;
}

const toI32 = (x: number, range: Range): number => truncate(x, range) | 0;
const toI64 = (x: number, range: Range): bigint => BigInt.asIntN(64, BigInt(truncate(x, range)));

function saturateToI32(x: number, { least, bound }: Range): number {
  if (Number.isNaN(x)) return 0;
  return Math.min(Math.max(Math.trunc(x), least), bound - 1) | 0;
}

function saturateToI64(x: number, { least, bound }: Range): bigint {
  if (Number.isNaN(x)) return 0n;
  // bound - 1 is no double, so the upper limit is taken in integers.
  if (x >= bound) return BigInt.asIntN(64, BigInt(bound) - 1n);
  return BigInt.asIntN(64, BigInt(Math.max(Math.trunc(x), least)));
}

/**
 * The f32 nearest to an integer below 2^64 in magnitude. Going through a double would round twice, so the bits that a
 * double cannot hold are folded into its last one (round to odd); the one rounding that counts is then to f32.
 */
function integerToF32(x: bigint): number {
  const magnitude = x < 0n ? -x : x;
  if (magnitude < 2n ** 53n) return Number(x);
  const odd = (magnitude >> 11n) | ((magnitude & 0x7ffn) === 0n ? 0n : 1n);
  const value = Number(odd) * 2 ** 11;
  return x < 0n ? -value : value;
}

type ConversionName = Extract<
  NumericOpName,
  | `i${string}.trunc_${string}`
  | `f${string}.convert_${string}`
  | `${string}.reinterpret_${string}`
  | `i64.extend_i32_${string}`
  | 'i32.wrap_i64'
  | 'f32.demote_f64'
  | 'f64.promote_f32'
>;

/** Conversions between number types. */
export const conversions: OperationsOf<ConversionName> = {
  'i32.wrap_i64': (x) => Number(BigInt.asIntN(32, x)),
  'i64.extend_i32_s': (x) => BigInt(x),
  'i64.extend_i32_u': (x) => BigInt(x >>> 0),

  'i32.trunc_f32_s': (x) => toI32(f32FromBits(x), signed32),
  'i32.trunc_f32_u': (x) => toI32(f32FromBits(x), unsigned32),
  'i32.trunc_f64_s': (x) => toI32(f64FromBits(x), signed32),
  'i32.trunc_f64_u': (x) => toI32(f64FromBits(x), unsigned32),
  'i64.trunc_f32_s': (x) => toI64(f32FromBits(x), signed64),
  'i64.trunc_f32_u': (x) => toI64(f32FromBits(x), unsigned64),
  'i64.trunc_f64_s': (x) => toI64(f64FromBits(x), signed64),
  'i64.trunc_f64_u': (x) => toI64(f64FromBits(x), unsigned64),

  'i32.trunc_sat_f32_s': (x) => saturateToI32(f32FromBits(x), signed32),
  'i32.trunc_sat_f32_u': (x) => saturateToI32(f32FromBits(x), unsigned32),
  'i32.trunc_sat_f64_s': (x) => saturateToI32(f64FromBits(x), signed32),
  'i32.trunc_sat_f64_u': (x) => saturateToI32(f64FromBits(x), unsigned32),
  'i64.trunc_sat_f32_s': (x) => saturateToI64(f32FromBits(x), signed64),
  'i64.trunc_sat_f32_u': (x) => saturateToI64(f32FromBits(x), unsigned64),
  'i64.trunc_sat_f64_s': (x) => saturateToI64(f64FromBits(x), signed64),
  'i64.trunc_sat_f64_u': (x) => saturateToI64(f64FromBits(x), unsigned64),

  'f32.convert_i32_s': (x) => f32ToBits(x),
  'f32.convert_i32_u': (x) => f32ToBits(x >>> 0),
  'f32.convert_i64_s': (x) => f32ToBits(integerToF32(x)),
  'f32.convert_i64_u': (x) => f32ToBits(integerToF32(BigInt.asUintN(64, x))),
  'f32.demote_f64': (x) => f32ToBits(f64FromBits(x)),
  'f64.convert_i32_s': (x) => f64ToBits(x),
  'f64.convert_i32_u': (x) => f64ToBits(x >>> 0),
  // The language rounds a bigint to the nearest double, ties to even.
  'f64.convert_i64_s': (x) => f64ToBits(Number(x)),
  'f64.convert_i64_u': (x) => f64ToBits(Number(BigInt.asUintN(64, x))),
  'f64.promote_f32': (x) => f64ToBits(f32FromBits(x)),

  'i32.reinterpret_f32': (x) => x | 0,
  'i64.reinterpret_f64': (x) => BigInt.asIntN(64, x),
  'f32.reinterpret_i32': (x) => x >>> 0,
  'f64.reinterpret_i64': (x) => BigInt.asUintN(64, x),
};
