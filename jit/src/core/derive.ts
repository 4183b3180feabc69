/** Values that an instruction needs, but that are no affine function of what the emitter passes. Operands that are no numbers of 31 bits come with sign. */
import { leadingZeros } from '@fireball/wasm';

/** What has no encoding; outside the range of every derived value. */
export const notEncodable = 1 << 31;

/** Arm ARM A5.3.2: the 12-bit i:imm3:imm8 code of a modified immediate. */
export function t32ModifiedImmediate(value: i32): i32 {
  if ((value & ~0xff) === 0) return value;
  const low = value & 0xff;
  const high = (value >>> 8) & 0xff;
  if (value === ((low << 16) | low)) return 0x100 | low;
  if (value === ((high << 24) | (high << 8))) return 0x200 | high;
  if (value === ((low << 24) | (low << 16) | (low << 8) | low)) return 0x300 | low;
  const top = leadingZeros(value);
  const shift = 24 - top;
  if (shift <= 0 || (value & ((1 << shift) - 1)) !== 0) return notEncodable;
  return ((top + 8) << 7) | ((value >>> shift) & 0x7f);
}

/** Arm ARM A6.4.1 (VFPExpandImm): the 8-bit code of a single-precision constant given as raw bits. */
export function vfpImmediate(bits: i32): i32 {
  const exponent = (bits >>> 25) & 0x3f;
  if ((bits & 0x7ffff) !== 0 || (exponent !== 0x20 && exponent !== 0x1f)) return notEncodable;
  return ((bits >>> 24) & 0x80) | ((bits >>> 19) & 0x7f);
}

/** Upper 20 bits for lui and auipc, rounded for a signed lower part that follows. */
export function hi20(value: i32): i32 {
  return ((value + 0x800) >>> 12) & 0xfffff;
}

/** Lower 12 bits, with sign. */
export function lo12(value: i32): i32 {
  return (value << 20) >> 20;
}

/** Rotation to the left as one to the right. */
export function neg32(amount: i32): i32 {
  return (32 - amount) & 31;
}

/** Of the width of a field. */
export function minus1(width: i32): i32 {
  return width - 1;
}

/** The highest bit of a field, of its width and its lowest bit. */
export function msb(width: i32, lsb: i32): i32 {
  return width + lsb > 32 ? notEncodable : width + lsb - 1;
}

/** The magnitude in bits 0 to 11, and bit 12 for what is not negative. */
export function upDown(offset: i32): i32 {
  return offset < 0 ? -offset : offset | 0x1000;
}

/** Width less 1 of a field that ends in the word. */
export function field(width: i32, lsb: i32): i32 {
  return width + lsb > 32 ? notEncodable : width - 1;
}
