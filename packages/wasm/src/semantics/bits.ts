/**
 * Raw bits of floats and the JavaScript numbers they stand for. An f32 travels as its unsigned 32 bits and an f64 as an
 * unsigned 64-bit bigint, because a signalling NaN does not survive as a JavaScript number.
 */

const scratch = new DataView(new ArrayBuffer(8));

/** The canonical NaN with clear sign: every NaN that an operation produces (wasm's deterministic profile). */
export const canonicalNaN32 = 0x7fc0_0000;
/** The same for f64. */
export const canonicalNaN64 = 0x7ff8_0000_0000_0000n;

/** Value of an f32 by its bits; exact. */
export function f32FromBits(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

/** Bits of `value` rounded to f32 (to nearest, ties to even); any NaN becomes canonical. */
export function f32ToBits(value: number): number {
  if (Number.isNaN(value)) return canonicalNaN32;
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

/** Value of an f64 by its bits. */
export function f64FromBits(bits: bigint): number {
  scratch.setBigUint64(0, bits);
  return scratch.getFloat64(0);
}

/** Bits of an f64; any NaN becomes canonical. */
export function f64ToBits(value: number): bigint {
  if (Number.isNaN(value)) return canonicalNaN64;
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}
