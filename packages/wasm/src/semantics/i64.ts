import type { NumericOpName } from '../opcodes.js';
import { Trap } from '../trap.js';
import type { OperationsOf } from './types.js';

const least = -(2n ** 63n);
const bit = (condition: boolean): number => (condition ? 1 : 0);
const signed = (x: bigint): bigint => BigInt.asIntN(64, x);
const unsigned = (x: bigint): bigint => BigInt.asUintN(64, x);
const shiftCount = (y: bigint): bigint => y & 63n;

const low = (x: bigint): number => Number(BigInt.asUintN(32, x));
const high = (x: bigint): number => Number(BigInt.asIntN(32, x >> 32n));

function nonZero(divisor: bigint): bigint {
  if (divisor === 0n) throw new Trap('integer divide by zero');
  return divisor;
}

function clz(x: bigint): bigint {
  const upper = high(x);
  return BigInt(upper === 0 ? 32 + Math.clz32(low(x)) : Math.clz32(upper));
}

function ctz(x: bigint): bigint {
  return x === 0n ? 64n : 63n - clz(x & -x);
}

function popcnt(x: bigint): bigint {
  let count = 0n;
  for (let rest = unsigned(x); rest !== 0n; rest &= rest - 1n) count++;
  return count;
}

function rotl(x: bigint, y: bigint): bigint {
  const count = shiftCount(y);
  const bits = unsigned(x);
  return signed((bits << count) | (bits >> (64n - count)));
}

type I64Name = Extract<NumericOpName, `i64.${string}`>;
type ConversionName = Extract<I64Name, `i64.trunc_${string}` | `i64.extend_i32_${string}` | `i64.reinterpret_f64`>;

/** Integer operations on 64 bits. */
export const i64Operations: OperationsOf<Exclude<I64Name, ConversionName>> = {
  'i64.eqz': (x) => bit(x === 0n),
  'i64.eq': (x, y) => bit(x === y),
  'i64.ne': (x, y) => bit(x !== y),
  'i64.lt_s': (x, y) => bit(x < y),
  'i64.lt_u': (x, y) => bit(unsigned(x) < unsigned(y)),
  'i64.gt_s': (x, y) => bit(x > y),
  'i64.gt_u': (x, y) => bit(unsigned(x) > unsigned(y)),
  'i64.le_s': (x, y) => bit(x <= y),
  'i64.le_u': (x, y) => bit(unsigned(x) <= unsigned(y)),
  'i64.ge_s': (x, y) => bit(x >= y),
  'i64.ge_u': (x, y) => bit(unsigned(x) >= unsigned(y)),
  'i64.clz': clz,
  'i64.ctz': ctz,
  'i64.popcnt': popcnt,
  'i64.add': (x, y) => BigInt.asIntN(64, x + y),
  'i64.sub': (x, y) => BigInt.asIntN(64, x - y),
  'i64.mul': (x, y) => BigInt.asIntN(64, x * y),
  'i64.div_s': (x, y) => {
    if (x === least && y === -1n) throw new Trap('integer overflow');
    return x / nonZero(y);
  },
  'i64.div_u': (x, y) => signed(unsigned(x) / nonZero(unsigned(y))),
  'i64.rem_s': (x, y) => x % nonZero(y),
  'i64.rem_u': (x, y) => signed(unsigned(x) % nonZero(unsigned(y))),
  'i64.and': (x, y) => x & y,
  'i64.or': (x, y) => x | y,
  'i64.xor': (x, y) => x ^ y,
  'i64.shl': (x, y) => signed(x << shiftCount(y)),
  'i64.shr_s': (x, y) => x >> shiftCount(y),
  'i64.shr_u': (x, y) => signed(unsigned(x) >> shiftCount(y)),
  'i64.rotl': rotl,
  'i64.rotr': (x, y) => rotl(x, -y),
  'i64.extend8_s': (x) => BigInt.asIntN(8, x),
  'i64.extend16_s': (x) => BigInt.asIntN(16, x),
  'i64.extend32_s': (x) => BigInt.asIntN(32, x),
};
