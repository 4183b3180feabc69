/** Floating-point numbers of 16 bytes, which `long double` of C is in WebAssembly. Source: IEEE 754-2019, 3.6. */
import { littleEndian } from './dwarf.js';

const fractionBits = 112;
const [bias, special] = [16_383, 0x7fff];
const hidden = 1n << BigInt(fractionBits);

/** The number of 64 bits that is nearest. */
export function numberOfBinary128(bytes: Uint8Array): number {
  const all = littleEndian(bytes);
  const sign = all >> 127n === 0n ? 1 : -1;
  const exponent = Number((all >> BigInt(fractionBits)) & 0x7fffn);
  const fraction = all & (hidden - 1n);
  if (exponent === special) return fraction === 0n ? sign * Infinity : NaN;
  const power = Math.max(exponent, 1) - bias - fractionBits;
  const half = Math.trunc(power / 2);
  return sign * Number(exponent === 0 ? fraction : fraction | hidden) * 2 ** half * 2 ** (power - half);
}

/** Its 16 bytes, which have all of it. */
export function binary128Of(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  const all = ((bits >> 63n) << 127n) | magnitudeOf(exponent, fraction);
  return Uint8Array.from({ length: 16 }, (_, index) => Number((all >> BigInt(8 * index)) & 0xffn));
}

function magnitudeOf(exponent: number, fraction: bigint): bigint {
  const placed = (power: number, below: bigint): bigint => (BigInt(power) << BigInt(fractionBits)) | below;
  if (exponent === 0x7ff) return placed(special, fraction << 60n);
  if (exponent !== 0) return placed(exponent - 1023 + bias, fraction << 60n);
  if (fraction === 0n) return 0n;
  // The range is so much wider that none is subnormal.
  const highest = fraction.toString(2).length - 1;
  return placed(highest - 1074 + bias, (fraction << BigInt(fractionBits - highest)) & (hidden - 1n));
}
