import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VirtualClock } from './virtual-clock.js';

describe('virtual clock', () => {
  it('runs events at their time, equal times in order of scheduling', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(10, () => seen.push(`b${clock.now}`));
    clock.after(10, () => seen.push(`c${clock.now}`));
    clock.after(3, () => seen.push(`a${clock.now}`));
    expect(clock.untilNext).toBe(3);
    clock.advance(2);
    expect(seen).toEqual([]);
    clock.advance(8);
    expect(seen).toEqual(['a10', 'b10', 'c10']);
    expect(clock.untilNext).toBe(Infinity);
  });

  it('an event that is scheduled by an event waits for the next step', () => {
    const clock = new VirtualClock();
    let runs = 0;
    const again = (): void => {
      runs++;
      clock.after(0, again);
    };
    clock.after(0, again);
    clock.advance(1);
    expect(runs).toBe(1);
    clock.advance(1);
    expect(runs).toBe(2);
  });

  it('runs the same events in the same order however time is sliced, as long as it stops at events', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 50 }), (delays, slices) => {
        const runWith = (sliceOf: (step: number) => number): [number, number][] => {
          const clock = new VirtualClock();
          const seen: [number, number][] = [];
          delays.forEach((delay, index) => clock.after(delay, () => seen.push([clock.now, index])));
          for (let step = 0; clock.now < 101; step++) clock.advance(Math.min(sliceOf(step), clock.untilNext));
          return seen;
        };
        expect(runWith((step) => slices[step % slices.length] as number)).toEqual(runWith(() => 1000));
      }),
    );
  });
});
