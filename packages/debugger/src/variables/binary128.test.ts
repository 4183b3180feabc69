import { expect, it } from '@jest/globals';
import { binary128Of, numberOfBinary128 } from './binary128.js';

/** Bytes of a pattern whose highest is named first. */
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.padEnd(32, '0'), 'hex').reverse());

// What clang makes of the constants, for wasm32.
it.each([
  [0, '0'],
  [-0, '8'],
  [1, '3fff'],
  [-2.5, 'c0004'],
  [1.25, '3fff4'],
  [0.1, '3ffb999999999999a'],
  [Number.MAX_VALUE, '43fefffffffffffff'],
  [2 ** -1022, '3c01'],
  [5e-324, '3bcd'],
  [3 * 5e-324, '3bce8'],
  [Infinity, '7fff'],
  [-Infinity, 'ffff'],
])('%d is %s', (value, hex) => {
  expect(binary128Of(value)).toEqual(bytesOf(hex));
  expect(numberOfBinary128(bytesOf(hex))).toBe(value);
});

it.each([
  ['more digits than 64 bits have', '3ffb999999999999999999999999999a', 0.1],
  ['more than any number of 64 bits', '7ffeffffffffffffffffffffffffffff', Infinity],
  ['less than any', '0000000000000000000000000000001', 0],
  ['not a number', '7fff8', NaN],
])('%s', (_, hex, value) => {
  expect(numberOfBinary128(bytesOf(hex))).toBe(value);
});
