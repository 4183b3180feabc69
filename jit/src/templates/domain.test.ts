import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allValues, describeDomain, isLegal, randomValue, rangeBits, seededRandom } from './domain.js';
import type { OperandJson } from './schema.js';

const operand = (fields: Partial<OperandJson>): OperandJson => ({ name: 'x', kind: 'imm', min: 0, max: 31, ...fields });

const cases: readonly (readonly [string, OperandJson, readonly number[], readonly number[]])[] = [
  ['range', operand({}), [0, 31], [-1, 32, 0.5, NaN]],
  ['step', operand({ min: -8, max: 8, step: 4 }), [-8, -4, 0, 8], [-6, 2, 12]],
  ['exclusions', operand({ excluded: [0, 16] }), [1, 15, 17], [0, 16]],
  ['enum with gaps', operand({ kind: 'enum', max: 9, values: { a: 0, b: 9 } }), [0, 9], [1, 8]],
  ['register list', operand({ kind: 'reglist', max: 0xc00f, least: 2, excluded: [0xc000] }), [3, 0x4001, 0x800f], [0, 1, 0x10, 0xc000, 0xc001]],
  ['32 bits, either sign', operand({ kind: 'imm32', min: -0x8000_0000, max: 0xffff_ffff }), [-1, 0xffff_ffff], [-0x8000_0001, 2 ** 32]],
];

describe.each(cases)('%s', (_, domain, legal, illegal) => {
  it.each(legal)('takes %d', (value) => {
    expect(isLegal(domain, value)).toBe(true);
  });
  it.each(illegal)('refuses %d', (value) => {
    expect(isLegal(domain, value)).toBe(false);
  });
  it('gives random values that are legal', () => {
    const random = seededRandom('domain');
    for (let count = 0; count < 200; count++) expect(isLegal(domain, randomValue(domain, random))).toBe(true);
  });
  it('is described in words', () => {
    expect(describeDomain(domain)).not.toBe('');
  });
});

it('rangeBits holds both ends, and no bit less', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (a, b) => {
      const [min, max] = a < b ? [a, b] : [b, a];
      const bits = rangeBits(min, max);
      const fits = (width: number): boolean => (min < 0 ? min >= -(2 ** (width - 1)) && max < 2 ** (width - 1) : max < 2 ** width);
      expect(fits(bits)).toBe(true);
      if (bits > 1) expect(fits(bits - 1)).toBe(false);
    }),
  );
});

it('allValues lists small domains only', () => {
  expect(allValues(operand({ min: -4, max: 4, step: 2, excluded: [0] }), 64)).toEqual([-4, -2, 2, 4]);
  expect(allValues(operand({ max: 4095 }), 64)).toBeUndefined();
});
