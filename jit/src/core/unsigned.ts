/** Words without sign. */

/** The greatest one. */
export const u32Max: i32 = -1;

const signBit: i32 = -0x8000_0000;

/** Is the first one less? */
export function isBelow(a: i32, b: i32): boolean {
  return (a ^ signBit) < (b ^ signBit);
}

export function lesser(a: i32, b: i32): i32 {
  return isBelow(a, b) ? a : b;
}

export function greater(a: i32, b: i32): i32 {
  return isBelow(a, b) ? b : a;
}

/** How often `b` is in `a`. */
export function quotient(a: i32, b: i32): i32 {
  let result = 0;
  let rest = 0;
  for (let bit = 31; bit >= 0; bit--) {
    const carries = rest < 0;
    rest = (rest << 1) | ((a >>> bit) & 1);
    if (carries || !isBelow(rest, b)) {
      rest = (rest - b) | 0;
      result |= 1 << bit;
    }
  }
  return result;
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
