import type { NumericOpName } from '../opcodes.js';
import { f32FromBits, f32ToBits, f64FromBits, f64ToBits } from './bits.js';
import type { OperationsOf } from './types.js';

/** 2^52: adding it pushes a double's fraction out, rounding to nearest, ties to even. */
const noFraction = 2 ** 52;

function nearest(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude < noFraction)) return x;
  const rounded = magnitude + noFraction - noFraction;
  return x < 0 || Object.is(x, -0) ? -rounded : rounded;
}

/**
 * Arithmetic on doubles. For f32 the same functions are used on the exact values and the result is rounded once more:
 * for + - * / and square root a double has more than 2 * 24 + 2 bits, so rounding twice gives the correctly rounded f32
 * (Figueroa 1995); the others are exact.
 */
export const floatUnary = {
  ceil: Math.ceil,
  floor: Math.floor,
  trunc: Math.trunc,
  nearest,
  sqrt: Math.sqrt,
} as const;

/** JavaScript's min and max order -0 below 0 and propagate NaN, as wasm's do. */
export const floatBinary = {
  add: (x: number, y: number) => x + y,
  sub: (x: number, y: number) => x - y,
  mul: (x: number, y: number) => x * y,
  div: (x: number, y: number) => x / y,
  min: (x: number, y: number) => Math.min(x, y),
  max: (x: number, y: number) => Math.max(x, y),
} as const;

export const floatCompare = {
  eq: (x: number, y: number) => x === y,
  ne: (x: number, y: number) => x !== y,
  lt: (x: number, y: number) => x < y,
  gt: (x: number, y: number) => x > y,
  le: (x: number, y: number) => x <= y,
  ge: (x: number, y: number) => x >= y,
} as const;

type Unary = (x: number) => number;
type Binary = (x: number, y: number) => number;
type Compare = (x: number, y: number) => boolean;

const unary32 = (f: Unary) => (x: number) => f32ToBits(f(f32FromBits(x)));
const binary32 = (f: Binary) => (x: number, y: number) => f32ToBits(f(f32FromBits(x), f32FromBits(y)));
const compare32 = (f: Compare) => (x: number, y: number) => (f(f32FromBits(x), f32FromBits(y)) ? 1 : 0);
const unary64 = (f: Unary) => (x: bigint) => f64ToBits(f(f64FromBits(x)));
const binary64 = (f: Binary) => (x: bigint, y: bigint) => f64ToBits(f(f64FromBits(x), f64FromBits(y)));
const compare64 = (f: Compare) => (x: bigint, y: bigint) => (f(f64FromBits(x), f64FromBits(y)) ? 1 : 0);

const sign32 = 0x8000_0000;
const sign64 = 2n ** 63n;

type F32Name = Extract<NumericOpName, `f32.${string}`>;
type F64Name = Extract<NumericOpName, `f64.${string}`>;
type ConversionName = Extract<NumericOpName, `f${string}.convert_${string}` | `f${string}.reinterpret_${string}` | 'f32.demote_f64' | 'f64.promote_f32'>;

/** Floating point on 32 bits. `abs`, `neg` and `copysign` move bits only, NaNs included. */
export const f32Operations: OperationsOf<Exclude<F32Name, ConversionName>> = {
  'f32.eq': compare32(floatCompare.eq),
  'f32.ne': compare32(floatCompare.ne),
  'f32.lt': compare32(floatCompare.lt),
  'f32.gt': compare32(floatCompare.gt),
  'f32.le': compare32(floatCompare.le),
  'f32.ge': compare32(floatCompare.ge),
  'f32.abs': (x) => x & 0x7fff_ffff,
  'f32.neg': (x) => (x ^ sign32) >>> 0,
  'f32.ceil': unary32(floatUnary.ceil),
  'f32.floor': unary32(floatUnary.floor),
  'f32.trunc': unary32(floatUnary.trunc),
  'f32.nearest': unary32(floatUnary.nearest),
  'f32.sqrt': unary32(floatUnary.sqrt),
  'f32.add': binary32(floatBinary.add),
  'f32.sub': binary32(floatBinary.sub),
  'f32.mul': binary32(floatBinary.mul),
  'f32.div': binary32(floatBinary.div),
  'f32.min': binary32(floatBinary.min),
  'f32.max': binary32(floatBinary.max),
  'f32.copysign': (x, y) => ((x & 0x7fff_ffff) | (y & sign32)) >>> 0,
};

/** Floating point on 64 bits. */
export const f64Operations: OperationsOf<Exclude<F64Name, ConversionName>> = {
  'f64.eq': compare64(floatCompare.eq),
  'f64.ne': compare64(floatCompare.ne),
  'f64.lt': compare64(floatCompare.lt),
  'f64.gt': compare64(floatCompare.gt),
  'f64.le': compare64(floatCompare.le),
  'f64.ge': compare64(floatCompare.ge),
  'f64.abs': (x) => x & (sign64 - 1n),
  'f64.neg': (x) => x ^ sign64,
  'f64.ceil': unary64(floatUnary.ceil),
  'f64.floor': unary64(floatUnary.floor),
  'f64.trunc': unary64(floatUnary.trunc),
  'f64.nearest': unary64(floatUnary.nearest),
  'f64.sqrt': unary64(floatUnary.sqrt),
  'f64.add': binary64(floatBinary.add),
  'f64.sub': binary64(floatBinary.sub),
  'f64.mul': binary64(floatBinary.mul),
  'f64.div': binary64(floatBinary.div),
  'f64.min': binary64(floatBinary.min),
  'f64.max': binary64(floatBinary.max),
  'f64.copysign': (x, y) => (x & (sign64 - 1n)) | (y & sign64),
};
