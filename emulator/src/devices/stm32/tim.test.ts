import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DeviceBench } from '../../testing/device-bench.js';
import { levelsOf, timerRegisters, writeAll, type Writes } from '../../testing/stm32-timer.js';
import { stm32Tim } from './tim.js';

const { CR1, DIER, SR, EGR, CCMR1, CCER, CNT, PSC, ARR, CCR1 } = timerRegisters;

function tim(registers: Writes, parameters: Record<string, number> = {}): DeviceBench {
  const bench = new DeviceBench([{ device: stm32Tim, name: 'tim2', parameters }]);
  writeAll(bench, 'tim2', registers);
  return bench;
}

describe('timers of STM32', () => {
  it('have reset values', () => {
    const bench = tim([]);
    expect([CR1, 4, 8, DIER, SR, CNT, PSC, ARR, CCR1].map((offset) => bench.read('tim2', offset))).toEqual([0, 0, 0, 0, 0, 0, 0, 0xffff, 0]);
    expect(tim([], { bits: 32 }).read('tim2', ARR)).toBe(0xffff_ffff);
  });

  it.each([
    { name: 'up', cr1: 1, counts: [0, 1, 2, 3, 0, 1, 2, 3, 0], updates: [4, 8] },
    { name: 'down', cr1: 0x11, counts: [0, 3, 2, 1, 0, 3, 2, 1, 0], updates: [1, 5] },
    { name: 'up and down', cr1: 0x21, counts: [0, 1, 2, 3, 2, 1, 0, 1, 2], updates: [3, 6] },
  ])('count $name', ({ cr1, counts, updates }) => {
    const bench = tim([
      [ARR, 3],
      [CR1, cr1],
    ]);
    const seen = counts.map((_, tick) => {
      if (tick > 0) bench.pass(1);
      const update = bench.read('tim2', SR) & 1;
      bench.write('tim2', SR, 0);
      return [bench.read('tim2', CNT), update];
    });
    expect(seen.map(([count]) => count)).toEqual(counts);
    expect(seen.flatMap(([, update], tick) => (update === 1 ? [tick] : []))).toEqual(updates);
  });

  it('interrupt at the exact cycle, period after period, with a prescaler', () => {
    const bench = tim([
      [PSC, 9],
      [ARR, 99],
      [EGR, 1],
      [SR, 0],
      [DIER, 1],
      [CR1, 1],
    ]);
    for (let period = 0; period < 3; period++) {
      bench.pass(999);
      expect(bench.interrupt('tim2.irq')).toBe(false);
      bench.pass(1);
      expect(bench.interrupt('tim2.irq')).toBe(true);
      bench.write('tim2', SR, 0);
      expect(bench.interrupt('tim2.irq')).toBe(false);
    }
  });

  it('take a new prescaler and, with ARPE, a new reload value at the update event', () => {
    const bench = tim([
      [ARR, 9],
      [CR1, 0x81],
      [PSC, 1],
      [ARR, 4],
    ]);
    // Neither is in force yet: UG would do that.
    bench.pass(9);
    expect(bench.read('tim2', CNT)).toBe(9);
    bench.pass(1);
    expect(bench.read('tim2', CNT)).toBe(0);
    bench.pass(9);
    expect(bench.read('tim2', CNT)).toBe(4);
    bench.pass(1);
    expect(bench.read('tim2', CNT)).toBe(0);
  });

  it('UG sets UIF, unless URS says otherwise', () => {
    const bench = tim([
      [CNT, 7],
      [EGR, 1],
    ]);
    expect([bench.read('tim2', CNT), bench.read('tim2', SR)]).toEqual([0, 1]);
    bench.write('tim2', SR, 0);
    bench.write('tim2', CR1, 4);
    bench.write('tim2', EGR, 1);
    expect(bench.read('tim2', SR)).toBe(0);
  });

  it('stop after one pulse', () => {
    const bench = tim([
      [ARR, 9],
      [CR1, 9],
    ]);
    bench.pass(100);
    expect([bench.read('tim2', CR1), bench.read('tim2', CNT), bench.read('tim2', SR) & 1]).toEqual([8, 0, 1]);
  });

  it('set compare flags and make PWM, edge by edge', () => {
    const bench = tim([
      [ARR, 9],
      [CCR1, 3],
      [CCMR1, 0x60],
      [CCER, 1],
      [EGR, 1],
      [SR, 0],
      [DIER, 2],
    ]);
    const levels = levelsOf(bench, 'tim2.ch1');
    bench.write('tim2', CR1, 1);
    bench.pass(3);
    expect(bench.interrupt('tim2.irq')).toBe(true);
    bench.pass(27);
    expect(levels).toEqual([
      [3, false],
      [10, true],
      [13, false],
      [20, true],
      [23, false],
      [30, true],
    ]);
  });

  it('make PWM that costs nothing while nobody listens, and is what it would be', () => {
    const setting = fc.record({
      cr1: fc.constantFrom(1, 0x11, 0x21, 0x61, 0x81, 3),
      psc: fc.integer({ min: 0, max: 3 }),
      arr: fc.integer({ min: 1, max: 40 }),
      ccr: fc.integer({ min: 0, max: 45 }),
      mode: fc.constantFrom(0x30, 0x60, 0x70, 0x68),
      rcr: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(setting, fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 12 }), ({ cr1, psc, arr, ccr, mode, rcr }, pauses) => {
        const both = [true, false].map((heard) => {
          const bench = tim([], { advanced: 1 });
          if (heard) bench.machine.pin('tim2.ch1').onChange(() => undefined);
          for (const [offset, value] of [
            [0x44, 0x8000],
            [PSC, psc],
            [ARR, arr],
            [CCR1, ccr],
            [0x30, rcr],
            [CCMR1, mode],
            [CCER, 1],
            [EGR, 1],
            [CR1, cr1],
          ] as const)
            bench.write('tim2', offset, value);
          return bench;
        });
        for (const pause of pauses) {
          const seen = both.map((bench) => {
            bench.pass(pause);
            return [bench.machine.pin('tim2.ch1').level, bench.read('tim2', CNT), bench.read('tim2', SR)];
          });
          expect(seen[1]).toEqual(seen[0]);
          expect(both[1]?.machine.timeline.next).toBe(Infinity);
        }
        // Who comes later hears every change from then on.
        const [first, second] = both.map((bench) => {
          const levels = levelsOf(bench, 'tim2.ch1');
          bench.pass(500);
          return levels;
        });
        expect(second).toEqual(first);
      }),
      { numRuns: 40, examples: [[{ cr1: 1, psc: 0, arr: 9, ccr: 3, mode: 0x30, rcr: 0 }, [100, 33, 77, 1000, 10, 60]]] },
    );
  });

  it('toggle an output on match', () => {
    const bench = tim([
      [ARR, 9],
      [CCR1, 4],
      [CCMR1, 0x30],
      [CCER, 1],
      [CR1, 1],
    ]);
    const levels: number[] = [];
    bench.machine.pin('tim2.ch1').onChange(() => levels.push(bench.machine.timeline.now));
    bench.pass(40);
    expect(levels).toEqual([4, 14, 24, 34]);
  });

  it('capture CNT at an edge, and tell of one that was not taken', () => {
    const bench = tim([
      [CCMR1, 1],
      [CCER, 1],
      [CR1, 1],
    ]);
    bench.pass(123);
    bench.machine.pin('tim2.ch1').set(true);
    bench.pass(5);
    expect([bench.read('tim2', SR), bench.read('tim2', CCR1), bench.read('tim2', SR)]).toEqual([2, 123, 0]);
    for (const level of [false, true, false, true]) bench.machine.pin('tim2.ch1').set(level);
    expect(bench.read('tim2', SR) & 0x202).toBe(0x202);
  });

  it('an advanced timer updates every RCR + 1 periods', () => {
    const bench = tim(
      [
        [ARR, 9],
        [0x30, 2],
        [EGR, 1],
        [SR, 0],
        [DIER, 1],
        [CR1, 1],
      ],
      { advanced: 1 },
    );
    bench.pass(29);
    expect(bench.interrupt('tim2.update')).toBe(false);
    bench.pass(1);
    expect(bench.interrupt('tim2.update')).toBe(true);
  });

  it('a basic timer has no channels; a reload value of 0 blocks', () => {
    const bench = tim(
      [
        [ARR, 0],
        [CR1, 1],
      ],
      { channels: 0 },
    );
    bench.pass(100);
    expect([bench.read('tim2', CNT), bench.read('tim2', SR)]).toEqual([0, 0]);
    bench.read('tim2', CCR1);
    expect(bench.warnings).toHaveLength(1);
  });

  it('however often somebody looks, the counter is the same', () => {
    const setting = fc.record({
      cr1: fc.constantFrom(1, 0x11, 0x21, 0x41, 0x81),
      psc: fc.integer({ min: 0, max: 5 }),
      arr: fc.integer({ min: 1, max: 300 }),
      ccr: fc.integer({ min: 0, max: 310 }),
      mode: fc.constantFrom(0, 0x30, 0x60, 0x70),
    });
    fc.assert(
      fc.property(setting, fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 30 }), ({ cr1, psc, arr, ccr, mode }, steps) => {
        const make = (): DeviceBench =>
          tim([
            [PSC, psc],
            [ARR, arr],
            [CCR1, ccr],
            [CCMR1, mode],
            [EGR, 1],
            [SR, 0],
            [CR1, cr1],
          ]);
        const looked = make();
        for (const step of steps) {
          looked.pass(step);
          looked.read('tim2', CNT);
        }
        const once = make();
        once.pass(steps.reduce((sum, step) => sum + step, 0));
        expect([looked.read('tim2', CNT), looked.read('tim2', SR)]).toEqual([once.read('tim2', CNT), once.read('tim2', SR)]);
        const watched = make();
        watched.write('tim2', DIER, 3);
        watched.write('tim2', CCER, 1);
        watched.pass(steps.reduce((sum, step) => sum + step, 0));
        expect([watched.read('tim2', CNT), watched.read('tim2', SR)]).toEqual([once.read('tim2', CNT), once.read('tim2', SR)]);
      }),
      { numRuns: 200 },
    );
  });
});
