import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Gf2System } from './gf2.js';

const combine = (masks: readonly bigint[], bits: bigint): bigint =>
  masks.reduce((word, mask, column) => ((bits >> BigInt(column)) & 1n ? word ^ mask : word), 0n);

describe('Gf2System', () => {
  it('finds masks that explain every sample of a linear map', () => {
    const mask = fc.bigInt(0n, (1n << 64n) - 1n);
    const masks = fc.array(mask, { minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(masks, fc.array(fc.bigInt(0n, (1n << 24n) - 1n), { maxLength: 60 }), (truth, samples) => {
        const inRange = samples.map((bits) => BigInt.asUintN(truth.length, bits));
        const system = new Gf2System();
        for (const bits of inRange) expect(system.add(bits, combine(truth, bits))).toBe(true);
        const learned = system.solve(truth.length);
        for (const bits of inRange) expect(combine(learned, bits)).toBe(combine(truth, bits));
      }),
    );
  });

  it('refuses a contradiction and keeps what it knew', () => {
    const system = new Gf2System();
    expect(system.add(0b01n, 4n)).toBe(true);
    expect(system.add(0b11n, 5n)).toBe(true);
    expect(system.add(0b10n, 2n)).toBe(false);
    expect(system.solve(2)).toEqual([4n, 1n]);
  });

  it('gives 0 to unknowns that no equation fixes', () => {
    const system = new Gf2System();
    system.add(0b110n, 8n);
    expect(system.solve(4)).toEqual([0n, 8n, 0n, 0n]);
  });
});
