import { describe, expect, test } from '@jest/globals';
import { loadFloat, storeFloat } from '@fireball/wasm';
import fc from 'fast-check';
import { addNumber, clearNumber, copyNumber, isEqual, isLess, isZero, scale } from '../core/positive.js';

const at = 0x1000;
const other = 0x1008;

function put(a: number, b: number): void {
  storeFloat(at, a);
  storeFloat(other, b);
}

/** What weights are made of, sums whose last bits go into the lower word or are lost, and anything. */
const numbers = fc.oneof(
  fc.constantFrom(0, 0.25, 0.6, 1, 1.25, 2 ** -20, 2 ** -21, 2 ** -52, 2 ** -1022, 2 ** -1074, 2 ** 1023, Number.MAX_VALUE),
  fc.tuple(fc.integer({ min: 0, max: 1 << 21 }), fc.integer({ min: -60, max: 20 })).map(([fraction, power]) => fraction * 2 ** power),
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
);

describe('numbers that are not negative', () => {
  test('are added, scaled and compared as f64', () => {
    fc.assert(
      fc.property(numbers, numbers, fc.integer({ min: -40, max: 40 }), (a, b, power) => {
        put(a, b);
        expect([isEqual(at, other), isLess(at, other), isZero(at)]).toEqual([a === b, a < b, a === 0]);
        addNumber(at, other);
        expect(loadFloat(at)).toBe(a + b);
        scale(at, other, power);
        expect(loadFloat(at)).toBe(b * 2 ** power);
      }),
      { numRuns: 1000 },
    );
  });

  test('are copied and cleared', () => {
    put(1, 0.1);
    copyNumber(at, other);
    expect(loadFloat(at)).toBe(0.1);
    clearNumber(at);
    expect(loadFloat(at)).toBe(0);
  });
});
