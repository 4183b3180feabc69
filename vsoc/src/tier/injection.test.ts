import { UsageError } from '@fireball/contracts';
import { describe, expect, it } from '@jest/globals';
import { Injection, parseInjection } from './injection.js';

describe('injected failures', () => {
  it.each([
    ['crc', { crc: 1 }],
    ['crc:3,queue-full', { crc: 3, 'queue-full': 1 }],
    [' bad-patch:2 , verify-fail:1', { 'bad-patch': 2, 'verify-fail': 1 }],
  ])('reads %s', (text, plan) => {
    expect(parseInjection(text)).toEqual(plan);
  });

  it.each(['crcc', '', 'crc:0', 'crc:-1', 'crc:x', 'crc,'])('refuses "%s"', (text) => {
    expect(() => parseInjection(text)).toThrow(UsageError);
  });

  it('happens as often as planned', () => {
    const injection = new Injection({ crc: 2 });
    expect([1, 2, 3].map(() => injection.take('crc'))).toEqual([true, true, false]);
    expect(injection.take('bad-patch')).toBe(false);
  });
});
