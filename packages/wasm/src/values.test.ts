import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Value } from './interp/structure.js';
import { formatValue, parseValue, sameValue, valueDocument } from './values.js';

describe('parseValue', () => {
  it.each([
    ['i32', '0', 0],
    ['i32', '-2147483648', -0x80000000],
    ['i32', '4294967295', -1],
    ['i32', '0xFFFF_0000', -65536],
    ['i64', '-1', -1n],
    ['i64', '0xffffffffffffffff', -1n],
    ['f32', '1', 0x3f800000],
    ['f32', '-0', 0x80000000],
    ['f32', '0.1', 0x3dcccccd],
    ['f32', 'nan', 0x7fc00000],
    ['f32', 'bits:0x7fa00000', 0x7fa00000],
    ['f64', '-inf', 0xfff0000000000000n],
    ['f64', 'bits:0x7ff4000000000000', 0x7ff4000000000000n],
    ['externref', 'null', null],
  ] as const)('%s %s', (type, text, value) => {
    expect(parseValue(type, text)).toEqual({ type, value });
  });

  it.each([
    ['i32', '4294967296', 'does not fit in 32 bits'],
    ['i32', '-2147483649', 'does not fit in 32 bits'],
    ['i32', '1.5', 'is not an integer'],
    ['i32', '', 'is not an integer'],
    ['i64', '18446744073709551616', 'does not fit in 64 bits'],
    ['f32', 'one', 'is not a number'],
    ['f64', '', 'is not a number'],
    ['f32', 'bits:0x100000000', 'does not fit in 32 bits'],
    ['funcref', '1', 'only null can be passed'],
  ] as const)('refuses %s %s', (type, text, problem) => {
    expect(() => parseValue(type, text)).toThrow(problem);
  });
});

describe('valueDocument', () => {
  it.each<[Value, object]>([
    [
      { type: 'i32', value: -1 },
      { type: 'i32', value: '-1' },
    ],
    [
      { type: 'f32', value: 0x3dcccccd },
      { type: 'f32', value: '0.1', bits: '3dcccccd' },
    ],
    [
      { type: 'f32', value: 0x80000000 },
      { type: 'f32', value: '-0', bits: '80000000' },
    ],
    [
      { type: 'f64', value: 0x7ff0000000000000n },
      { type: 'f64', value: 'inf', bits: '7ff0000000000000' },
    ],
    [
      { type: 'externref', value: null },
      { type: 'externref', value: 'null' },
    ],
  ])('%p', (value, document) => {
    expect(valueDocument(value)).toEqual(document);
  });

  it('gives decimals that read back as the same f32', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (bits) => {
        const { value } = valueDocument({ type: 'f32', value: bits });
        fc.pre(value !== 'nan');
        expect(parseValue('f32', value)).toEqual({ type: 'f32', value: bits });
      }),
    );
  });
});

describe('sameValue', () => {
  const nan = (bits: number): Value => ({ type: 'f32', value: bits });
  it('compares NaNs by bits, or by class where an engine is free in them', () => {
    expect(sameValue(nan(0x7fc00000), nan(0xffc00001), false)).toBe(false);
    expect(sameValue(nan(0x7fc00000), nan(0xffc00001), true)).toBe(true);
    expect(sameValue(nan(0x7fc00000), nan(0x7f800000), true)).toBe(false);
  });
  it('tells the zeros and the types apart', () => {
    expect(sameValue(nan(0), nan(0x80000000), true)).toBe(false);
    expect(sameValue({ type: 'i32', value: 0 }, nan(0), false)).toBe(false);
  });
});

it('formatValue shows integers in both forms', () => {
  expect(formatValue({ type: 'i32', value: -1 })).toBe('i32 -1 (0xffffffff)');
  expect(formatValue({ type: 'i64', value: -2n })).toBe('i64 -2 (0xfffffffffffffffe)');
});
