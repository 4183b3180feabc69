import type { RawValue } from '@fireball/wasm';

type Type = 'i32' | 'i64' | 'f32' | 'f64';

const scratch = new DataView(new ArrayBuffer(8));

function bits32(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

function bits64(value: number): bigint {
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}

/** Magnitudes that decide roundings, overflows and signs of every float instruction. */
const magnitudes = [0.25, 0.5, 1, 1.5, 2, 2.5, 3, 2 ** 23 - 0.5, 2 ** 23, 2 ** 24 + 2, 2 ** 31, 2 ** 32, 2 ** 52, 2 ** 53, 2 ** 63, 2 ** 64];

const f32Edges = [0, 1, 0x007f_ffff, 0x0080_0000, 0x7f7f_ffff, 0x7f80_0000, 0x7f80_0001, 0x7fc0_0000, 0x7fff_ffff];
const f64Edges = [
  0n,
  1n,
  0x000f_ffff_ffff_ffffn,
  0x0010_0000_0000_0000n,
  0x7fef_ffff_ffff_ffffn,
  0x7ff0_0000_0000_0000n,
  0x7ff0_0000_0000_0001n,
  0x7ff8_0000_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
];
/** Around the f32 range: the greatest, the tie to infinity, the least normal, the least subnormal and half of it. */
const demotionEdges = [
  0x47ef_ffff_e000_0000n,
  0x47ef_ffff_efff_ffffn,
  0x47ef_ffff_f000_0000n,
  0x3810_0000_0000_0000n,
  0x36a0_0000_0000_0000n,
  0x3690_0000_0000_0000n,
  0x3690_0000_0000_0001n,
];

const i32s = [0, 1, 2, 3, 7, 31, 32, 63, 64, 0x7fff_ffff, 0x00ff_ffff, 0x0100_0001, 0x1234_5678].flatMap((value) => [value, -value, ~value]);
const i64s = [
  0n,
  1n,
  2n,
  3n,
  7n,
  10n,
  31n,
  32n,
  33n,
  63n,
  64n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x1_0000_0001n,
  0x7fff_ffff_ffff_ffffn,
  2n ** 53n + 1n,
  2n ** 62n,
  (2n ** 24n + 1n) << 30n,
  2n ** 60n + 2n ** 36n + 1n,
  0x1234_5678_9abc_def0n,
].flatMap((value) => [value, -value, ~value]);

const signed32 = (bits: number): number[] => [bits, (bits | 0x8000_0000) >>> 0];
const signed64 = (bits: bigint): bigint[] => [bits, bits | (1n << 63n)];

const integers = {
  i32: [...new Set(i32s.map((value) => value | 0))],
  i64: [...new Set(i64s.map((value) => BigInt.asIntN(64, value)))],
};

/** Values at which instructions of two operands change their behaviour: every pair is tried. */
export const pairBoundaries: Readonly<Record<Type, readonly RawValue[]>> = {
  ...integers,
  f32: [...f32Edges, ...magnitudes.map(bits32)].flatMap(signed32),
  f64: [...f64Edges, ...magnitudes.map(bits64)].flatMap(signed64),
};

/** The same and more, with the floats beside each. */
export const boundaries: Readonly<Record<Type, readonly RawValue[]>> = {
  ...integers,
  f32: [...f32Edges, ...magnitudes.map(bits32).flatMap((bits) => [bits - 1, bits, bits + 1])].flatMap(signed32),
  f64: [...f64Edges, ...demotionEdges, ...magnitudes.map(bits64).flatMap((bits) => [bits - 1n, bits, bits + 1n])].flatMap(signed64),
};

/** Unsigned 32-bit numbers, the same for the same seed (mulberry32). */
export function seededWords(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  };
}

type Words = () => number;

const mantissaBits = { f32: 23n, f64: 52n } as const;
const exponentBits = { f32: 8n, f64: 11n } as const;

function word64(next: Words): bigint {
  return (BigInt(next()) << 32n) | BigInt(next());
}

/** Random, or with few bits set at either end, or almost all ones: products and sums of these are ties, or just not. */
function mantissa(next: Words, width: bigint): bigint {
  const random = BigInt.asUintN(Number(width), word64(next));
  const cut = BigInt(next()) % width;
  switch (next() % 5) {
    case 0:
      return (random >> cut) << cut;
    case 1:
      return random >> cut;
    case 2:
      return ((1n << width) - 1n) ^ (random >> cut);
    case 3:
      return BigInt.asUintN(Number(width), ((random >> cut) << cut) | (1n << (cut === 0n ? 0n : cut - 1n)));
    default:
      return random;
  }
}

/** `near`: bits whose exponent the result's shall be close to, so that sums cancel and align. */
function float(next: Words, type: 'f32' | 'f64', near: bigint | undefined): bigint {
  const fraction = mantissaBits[type];
  const most = (1n << exponentBits[type]) - 1n;
  let exponent = BigInt(next()) & most;
  const choice = next() % 4;
  if (near !== undefined && choice !== 0) exponent = ((near >> fraction) & most) + BigInt((next() % 5) - 2) * (choice === 1 ? 1n : fraction / 2n);
  // Where integers of every width live.
  else if (choice === 1) exponent = (most >> 1n) + BigInt(next() % 70) - 3n;
  if (exponent < 0n) exponent = 0n;
  if (exponent > most) exponent = most;
  const sign = BigInt(next() & 1) << (fraction + exponentBits[type]);
  return sign | (exponent << fraction) | mantissa(next, fraction);
}

/** One operand list of an instruction; a fifth of the operands are boundaries. */
export function randomOperands(next: Words, types: readonly Type[]): RawValue[] {
  const values: RawValue[] = [];
  for (const type of types) {
    const table = boundaries[type];
    const before = values.at(-1);
    if (next() % 5 === 0) values.push(table[next() % table.length] as RawValue);
    else if (type === 'i32') values.push((next() >> (next() % 32)) | 0);
    else if (type === 'i64') values.push(BigInt.asIntN(64, mantissa(next, 64n)) >> BigInt(next() % 64));
    else {
      const bits = float(next, type, before === undefined ? undefined : BigInt(before));
      values.push(type === 'f32' ? Number(bits) : bits);
    }
  }
  return values;
}
