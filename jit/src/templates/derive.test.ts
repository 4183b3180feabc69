import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { derivedFunctions, notEncodable } from './derive.js';

const { t32ModifiedImmediate, hi20, lo12, vfpImmediate } = derivedFunctions;

/** ThumbExpandImm of the Arm ARM (A5.3.2), written from its pseudocode. */
function thumbExpandImmediate(code: number): number {
  const byte = code & 0xff;
  switch (code >> 8) {
    case 0:
      return byte;
    case 1:
      return ((byte << 16) | byte) >>> 0;
    case 2:
      return ((byte << 24) | (byte << 8)) >>> 0;
    case 3:
      return ((byte << 24) | (byte << 16) | (byte << 8) | byte) >>> 0;
    default: {
      const value = 0x80 | (code & 0x7f);
      const rotation = code >> 7;
      return ((value >>> rotation) | (value << (32 - rotation))) >>> 0;
    }
  }
}

describe('t32ModifiedImmediate', () => {
  const encodable = new Set(Array.from({ length: 4096 }, (_, code) => thumbExpandImmediate(code)));

  it('encodes exactly the values that some code expands to', () => {
    for (const value of encodable) {
      const code = t32ModifiedImmediate.compute(value);
      expect(thumbExpandImmediate(code)).toBe(value);
    }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
        fc.pre(!encodable.has(value));
        expect(t32ModifiedImmediate.compute(value)).toBe(notEncodable);
      }),
    );
  });

  it('takes signed and unsigned spellings of the same bits', () => {
    expect(t32ModifiedImmediate.compute(-1)).toBe(t32ModifiedImmediate.compute(0xffff_ffff));
  });
});

it('hi20 and lo12 add up to the value, for every rounding', () => {
  fc.assert(
    fc.property(fc.integer({ min: -0x8000_0000, max: 0xffff_ffff }), (value) => {
      const low = lo12.compute(value);
      expect(low).toBeGreaterThanOrEqual(-2048);
      expect(low).toBeLessThan(2048);
      expect(((hi20.compute(value) << 12) + low) >>> 0).toBe(value >>> 0);
    }),
  );
});

describe.each([
  ['neg32', 1, 0, 31],
  ['neg32', 31, 0, 1],
  ['neg32', 0, 0, 0],
  ['minus1', 32, 0, 31],
  ['msb', 8, 4, 11],
  ['msb', 32, 0, 31],
  ['msb', 30, 4, notEncodable],
  ['field', 8, 24, 7],
  ['field', 9, 24, notEncodable],
  ['upDown', 0, 0, 0x1000],
  ['upDown', 255, 0, 0x10ff],
  ['upDown', -255, 0, 255],
] as const)('%s(%i, %i)', (name, a, b, expected) => {
  it(`is ${expected}`, () => {
    const compute: (a: number, b: number) => number = derivedFunctions[name].compute;
    expect(compute(a, b)).toBe(expected);
  });
});

describe('vfpImmediate', () => {
  const view = new DataView(new ArrayBuffer(4));
  const bits = (value: number): number => {
    view.setFloat32(0, value);
    return view.getUint32(0);
  };
  // Codes from the Arm ARM's table of constants (A6.4.1).
  it.each([
    [2, 0x00],
    [1, 0x70],
    [-1, 0xf0],
    [0.125, 0x40],
    [31, 0x3f],
  ])('%f is %i', (value, code) => {
    expect(vfpImmediate.compute(bits(value))).toBe(code);
  });
  it.each([0, 0.1, 32, 1 + 1 / 32, Infinity])('%f has no code', (value) => {
    expect(vfpImmediate.compute(bits(value))).toBe(notEncodable);
  });
});
