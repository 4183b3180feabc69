/** Words without sign. */
import { isBelow, quotient } from '@fireball/wasm';

export { isBelow, quotient } from '@fireball/wasm';

/** The greatest one. */
export const u32Max: i32 = -1;

export function lesser(a: i32, b: i32): i32 {
  return isBelow(a, b) ? a : b;
}

export function greater(a: i32, b: i32): i32 {
  return isBelow(a, b) ? b : a;
}

/** Is the product of both a word? */
export function fitsProduct(a: i32, b: i32): boolean {
  return a === 0 || !isBelow(quotient(-1, a), b);
}

/** The low word of the product. */
export function product(a: i32, b: i32): i32 {
  return (((a * (b & 0xffff)) | 0) + ((a * (b >>> 16)) << 16)) | 0;
}

/** Greatest number that has no bit above those of the value. */
export function smear(value: i32): i32 {
  value |= value >>> 1;
  value |= value >>> 2;
  value |= value >>> 4;
  value |= value >>> 8;
  return value | (value >>> 16);
}
