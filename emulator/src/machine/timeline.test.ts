import { describe, expect, it } from '@jest/globals';
import { Clocks, TickCounter } from './clocks.js';
import { Timeline } from './timeline.js';

describe('virtual time', () => {
  it('calls timers at their cycle, in order of time and then of creation', () => {
    const timeline = new Timeline();
    const seen: string[] = [];
    const first = timeline.timer(() => seen.push('first'));
    const second = timeline.timer(() => seen.push('second'));
    second.set(10);
    first.set(10);
    timeline.advance(9);
    timeline.fireDue();
    expect(seen).toEqual([]);
    timeline.advance(1);
    timeline.fireDue();
    expect(seen).toEqual(['first', 'second']);
    expect(timeline.next).toBe(Infinity);
  });

  it('counts ticks of another clock exactly, over changes of frequency', () => {
    const timeline = new Timeline();
    const clocks = new Clocks(timeline, { cpu: 25_000_000, reference: 1_000_000 });
    const counter = new TickCounter(clocks, clocks.named('reference'));
    counter.restart(0, { running: true });
    timeline.advance(24);
    expect(counter.ticks).toBe(0);
    expect(counter.cycleOf(1)).toBe(25);
    timeline.advance(1);
    expect(counter.ticks).toBe(1);
    clocks.cpu.hertz = 100_000_000;
    expect(counter.cycleOf(2)).toBe(125);
    timeline.advance(100);
    expect(counter.ticks).toBe(2);
    expect(clocks.seconds).toBeCloseTo(2e-6, 12);
  });
});
