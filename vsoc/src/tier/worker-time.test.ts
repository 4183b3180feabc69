import { beforeEach, describe, expect, it } from '@jest/globals';
import { VirtualClock } from './virtual-clock.js';
import { OwnCores, SharedCore, switchCost, type Progress } from './worker-time.js';

describe('time of workers', () => {
  let clock: VirtualClock;
  let statistics: { switchTime: number };
  /** Instructions that the program has executed, as the CPU counts them. */
  let program: number;

  /** The program goes on for so long. */
  const run = (instructions: number): void => {
    for (let left = instructions; left > 0;) {
      const piece = Math.min(left, clock.untilNext);
      program += piece;
      clock.advance(piece);
      left -= piece;
    }
  };
  beforeEach(() => {
    clock = new VirtualClock();
    statistics = { switchTime: 0 };
    program = 0;
  });

  it('passes beside the program on a core of its own', () => {
    const ends: number[] = [];
    const steps: Progress[] = [];
    new OwnCores(clock).spend(
      1000,
      (step) => steps.push(step),
      () => ends.push(program),
    );
    run(2000);
    expect(ends).toEqual([1000]);
    expect(steps).toEqual([{ executed: 0, since: 0 }]);
    expect(clock.now).toBe(2000);
  });

  it('is taken from the program on the same core, slice by slice', () => {
    const shared = new SharedCore(clock, statistics, { share: 25, slice: 100 });
    const ends: number[] = [];
    const steps: number[] = [];
    shared.spend(
      250,
      ({ executed }) => steps.push(executed),
      () => ends.push(program),
    );
    run(299);
    expect(clock.now).toBe(299);
    run(1);
    expect(clock.now).toBe(300 + 100 + switchCost);
    run(2000);
    expect(ends).toEqual([900]);
    expect(steps).toEqual([0, 100, 200]);
    expect(statistics.switchTime).toBe(3 * switchCost);
    // Nothing is left to do: the program has all of it again.
    expect(clock.now).toBe(program + 250 + 3 * switchCost);
  });

  it('is taken in turns by two workers', () => {
    const shared = new SharedCore(clock, statistics, { share: 50, slice: 100 });
    const ends: string[] = [];
    for (const name of ['long', 'short'])
      shared.spend(
        name === 'long' ? 200 : 100,
        () => undefined,
        () => ends.push(`${name} ${program}`),
      );
    run(1000);
    expect(ends).toEqual(['short 200', 'long 300']);
  });

  it('is all of the time where the program waits', () => {
    const shared = new SharedCore(clock, statistics, { share: 1, slice: 100 });
    shared.guestWaits = true;
    const ends: number[] = [];
    shared.spend(
      12_345,
      () => undefined,
      () => ends.push(clock.now),
    );
    run(1);
    expect(ends).toEqual([1 + 12_345 + switchCost]);
  });
});
