import { beforeEach, describe, expect, it } from '@jest/globals';
import { VirtualClock } from './virtual-clock.js';
import { OwnCores, SharedCore, switchCost, type Progress, type TimedWork, type WorkerTime } from './worker-time.js';

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
  /** Somebody wants it. */
  const spend = (time: WorkerTime, instructions: number, work: Partial<TimedWork>): void =>
    time.spend({ instructions, isWanted: () => true, progressed: () => undefined, done: () => undefined, ...work });
  beforeEach(() => {
    clock = new VirtualClock();
    statistics = { switchTime: 0 };
    program = 0;
  });

  it('passes beside the program on a core of its own', () => {
    const ends: number[] = [];
    const steps: Progress[] = [];
    spend(new OwnCores(clock, 100), 1000, { progressed: (step) => steps.push(step), done: () => ends.push(program) });
    run(2000);
    expect(ends).toEqual([1000]);
    expect(steps).toEqual([{ executed: 0, since: 0 }, { executed: 1000 }]);
    expect(clock.now).toBe(2000);
  });

  it('is taken from the program on the same core, slice by slice', () => {
    const shared = new SharedCore(clock, statistics, { share: 25, slice: 100 });
    const ends: number[] = [];
    const steps: number[] = [];
    spend(shared, 250, { progressed: ({ executed }) => steps.push(executed), done: () => ends.push(program) });
    run(299);
    expect(clock.now).toBe(299);
    run(1);
    expect(clock.now).toBe(300 + 100 + switchCost);
    run(2000);
    expect(ends).toEqual([900]);
    expect(steps).toEqual([0, 100, 200, 250]);
    expect(statistics.switchTime).toBe(3 * switchCost);
    // Nothing is left to do: the program has all of it again.
    expect(clock.now).toBe(program + 250 + 3 * switchCost);
  });

  it('is taken in turns by two workers', () => {
    const shared = new SharedCore(clock, statistics, { share: 50, slice: 100 });
    const ends: string[] = [];
    for (const name of ['long', 'short']) spend(shared, name === 'long' ? 200 : 100, { done: () => ends.push(`${name} ${program}`) });
    run(1000);
    expect(ends).toEqual(['short 200', 'long 300']);
  });

  it('is all of the time where the program waits', () => {
    const shared = new SharedCore(clock, statistics, { share: 1, slice: 100 });
    shared.guestWaits = true;
    const ends: number[] = [];
    spend(shared, 12_345, { done: () => ends.push(clock.now) });
    run(1);
    expect(ends).toEqual([1 + 12_345 + switchCost]);
  });

  describe.each(['own', 'shared'] as const)('on a core: %s', (placement) => {
    let time: WorkerTime;
    let isWanted: boolean;
    let way: unknown[];
    const refuse = (): void => {
      isWanted = false;
      time.doubted();
    };
    beforeEach(() => {
      time = placement === 'own' ? new OwnCores(clock, 100) : new SharedCore(clock, statistics, { share: 50, slice: 100 });
      isWanted = true;
      way = [];
      spend(time, 1000, {
        isWanted: () => isWanted,
        progressed: ({ executed }) => way.push(executed),
        done: (isGivenUp) => way.push(`${isGivenUp ? 'given up' : 'done'} after ${program}`),
      });
      run(250);
      refuse();
    });

    it('work that nobody wants is given up where the next slice begins', () => {
      run(5000);
      expect(way.slice(-2)).toEqual([placement === 'own' ? 300 : 200, 'given up after 300']);
      // The program has all of the time again.
      expect(clock.now).toBe(program + (placement === 'own' ? 0 : 2 * (100 + switchCost)));
    });

    it('it goes on where it is wanted again by then', () => {
      isWanted = true;
      run(5000);
      expect(way.slice(-2)).toEqual([1000, 'done after 1000']);
    });

    it('it is done where no slice begins any more', () => {
      isWanted = true;
      run(placement === 'own' ? 660 : 750);
      refuse();
      run(5000);
      expect(way.slice(-2)).toEqual([1000, 'done after 1000']);
    });
  });
});
