import type { NumericOpName } from '../opcodes.js';
import { Trap } from '../trap.js';
import type { OperationsOf } from './types.js';

const least = -0x8000_0000;
const bit = (condition: boolean): number => (condition ? 1 : 0);

function nonZero(divisor: number): number {
  if (divisor === 0) throw new Trap('integer divide by zero');
  return divisor;
}

function popcnt(x: number): number {
  let v = x - ((x >>> 1) & 0x5555_5555);
  v = (v & 0x3333_3333) + ((v >>> 2) & 0x3333_3333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

type I32Name = Extract<NumericOpName, `i32.${string}`>;
type ConversionName = Extract<I32Name, `i32.trunc_${string}` | `i32.wrap_i64` | `i32.reinterpret_f32`>;

/** Integer operations on 32 bits. JavaScript's shifts take the count modulo 32, as wasm's do. */
export const i32Operations: OperationsOf<Exclude<I32Name, ConversionName>> = {
  'i32.eqz': (x) => bit(x === 0),
  'i32.eq': (x, y) => bit(x === y),
  'i32.ne': (x, y) => bit(x !== y),
  'i32.lt_s': (x, y) => bit(x < y),
  'i32.lt_u': (x, y) => bit(x >>> 0 < y >>> 0),
  'i32.gt_s': (x, y) => bit(x > y),
  'i32.gt_u': (x, y) => bit(x >>> 0 > y >>> 0),
  'i32.le_s': (x, y) => bit(x <= y),
  'i32.le_u': (x, y) => bit(x >>> 0 <= y >>> 0),
  'i32.ge_s': (x, y) => bit(x >= y),
  'i32.ge_u': (x, y) => bit(x >>> 0 >= y >>> 0),
  'i32.clz': (x) => Math.clz32(x),
  'i32.ctz': (x) => (x === 0 ? 32 : 31 - Math.clz32(x & -x)),
  'i32.popcnt': popcnt,
  'i32.add': (x, y) => (x + y) | 0,
  'i32.sub': (x, y) => (x - y) | 0,
  'i32.mul': (x, y) => Math.imul(x, y),
  'i32.div_s': (x, y) => {
    if (x === least && y === -1) throw new Trap('integer overflow');
    return (x / nonZero(y)) | 0;
  },
  'i32.div_u': (x, y) => ((x >>> 0) / nonZero(y >>> 0)) | 0,
  'i32.rem_s': (x, y) => (x % nonZero(y)) | 0,
  'i32.rem_u': (x, y) => ((x >>> 0) % nonZero(y >>> 0)) | 0,
  'i32.and': (x, y) => x & y,
  'i32.or': (x, y) => x | y,
  'i32.xor': (x, y) => x ^ y,
  'i32.shl': (x, y) => x << y,
  'i32.shr_s': (x, y) => x >> y,
  'i32.shr_u': (x, y) => (x >>> y) | 0,
  'i32.rotl': (x, y) => (x << y) | (x >>> -y),
  'i32.rotr': (x, y) => (x >>> y) | (x << -y),
  'i32.extend8_s': (x) => (x << 24) >> 24,
  'i32.extend16_s': (x) => (x << 16) >> 16,
};
