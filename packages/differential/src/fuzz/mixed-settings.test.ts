import { failureKinds } from '@fireball/vsoc';
import { describe, expect, it } from '@jest/globals';
import { mixedSettingsOf } from './mixed-settings.js';

describe('how mixed mode runs a case', () => {
  const many = Array.from({ length: 200 }, (_, seed) => mixedSettingsOf(seed, {}));

  it('depends on the seed alone', () => {
    expect(Array.from({ length: 200 }, (_, seed) => mixedSettingsOf(seed, {}))).toEqual(many);
    expect(new Set(many.map((settings) => JSON.stringify(settings))).size).toBeGreaterThan(100);
  });

  it('brings about every kind of failure, and none at all', () => {
    const seen = new Set(many.flatMap(({ inject }) => Object.keys(inject ?? {})));
    expect([...seen].sort()).toEqual([...failureKinds].sort());
    expect(many.some(({ inject }) => Object.keys(inject ?? {}).length === 0)).toBe(true);
  });

  it('leaves what the user has named', () => {
    const named = { hot: [7, 8], budget: 9000, workers: 2, compileCost: 4, inject: { crc: 1 } } as const;
    expect(mixedSettingsOf(3, named)).toEqual(named);
  });
});
