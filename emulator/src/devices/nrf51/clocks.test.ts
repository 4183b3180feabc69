import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { nrf51ClockPower } from './clock-power.js';
import { nrf51Rtc } from './rtc.js';
import { nrf51Timer } from './timer.js';
import { nrf51Wdt } from './wdt.js';

/** CPU cycles of a tick of 32,768 Hz: 488.28125. */
const lowTick = 16_000_000 / 32_768;

function bench(): DeviceBench {
  return new DeviceBench(
    [
      { device: nrf51ClockPower, name: 'clock' },
      { device: nrf51Rtc, name: 'rtc', clocks: { lfclk: 'lfclk' } },
      { device: nrf51Timer, name: 'timer' },
      { device: nrf51Wdt, name: 'wdt', clocks: { lfclk: 'lfclk' } },
      { device: nrf51Timer, name: 'narrow', parameters: { bits: 16 } },
    ],
    { clocks: { cpu: 16_000_000, lfclk: 32_768 } },
  );
}

describe('nRF51 CLOCK and POWER', () => {
  it('starts clocks, which takes time, and tells', () => {
    const poke = bench();
    expect([poke.read('clock', 0x40c), poke.read('clock', 0x418)]).toEqual([0x1_0000, 0]);
    poke.write('clock', 0x304, 3);
    for (const [task, event, run, status, running] of [
      [0x000, 0x100, 0x408, 0x40c, 0x1_0001],
      [0x008, 0x104, 0x414, 0x418, 0x1_0001],
    ] as const) {
      poke.write('clock', 0x518, 1);
      poke.write('clock', task, 1);
      expect([poke.read('clock', run), poke.read('clock', event)]).toEqual([1, 0]);
      poke.pass(16_000);
      expect([poke.read('clock', event), poke.read('clock', status), poke.interrupt('clock.irq')]).toEqual([1, running, true]);
      poke.write('clock', event, 0);
      expect(poke.interrupt('clock.irq')).toBe(false);
    }
    expect(poke.read('clock', 0x41c)).toBe(1);
    poke.write('clock', 0x004, 1);
    poke.write('clock', 0x00c, 1);
    expect([poke.read('clock', 0x408), poke.read('clock', 0x40c), poke.read('clock', 0x414), poke.read('clock', 0x418)]).toEqual([0, 0x1_0000, 0, 0]);
  });

  it('times calibration: quarters of a second', () => {
    const poke = bench();
    poke.write('clock', 0x538, 2);
    poke.write('clock', 0x014, 1);
    poke.pass(7_999_999);
    expect(poke.read('clock', 0x110)).toBe(0);
    poke.pass(1);
    expect(poke.read('clock', 0x110)).toBe(1);
  });

  it('keeps why it was reset, and a byte for what comes after', () => {
    const poke = bench();
    poke.write('clock', 0x51c, 0x1a5);
    poke.write('clock', 0x578, 1);
    poke.machine.reset({ kind: 'software', source: 'cpu' });
    poke.machine.reset({ kind: 'watchdog', source: 'wdt' });
    expect([poke.read('clock', 0x400), poke.read('clock', 0x51c), poke.read('clock', 0x578)]).toEqual([6, 0xa5, 0]);
    poke.write('clock', 0x400, 2);
    expect(poke.read('clock', 0x400)).toBe(4);
    poke.write('clock', 0x500, 1);
    expect(poke.machine.run({ instructions: 1 })).toEqual({ kind: 'power-off', status: 0, why: 'POWER.SYSTEMOFF' });
  });
});

describe('nRF51 TIMER', () => {
  const start = (poke: DeviceBench, name: string, prescaler: number, bitmode = 0): void => {
    poke.write(name, 0x510, prescaler);
    poke.write(name, 0x508, bitmode);
    poke.write(name, 0x000, 1);
  };
  const capture = (poke: DeviceBench, name: string): number => {
    poke.write(name, 0x04c, 1);
    return poke.read(name, 0x54c);
  };

  it.each([0, 1, 4, 9])('counts 16 MHz / 2^%i', (prescaler) => {
    const poke = bench();
    start(poke, 'timer', prescaler);
    poke.pass(100 * 2 ** prescaler + 2 ** prescaler - 1);
    expect(capture(poke, 'timer')).toBe(100);
    poke.write('timer', 0x004, 1);
    poke.pass(1000);
    expect(capture(poke, 'timer')).toBe(100);
    poke.write('timer', 0x00c, 1);
    expect(capture(poke, 'timer')).toBe(0);
  });

  it.each([
    ['timer', 0, 16],
    ['timer', 1, 8],
    ['timer', 2, 24],
    ['timer', 3, 32],
    ['narrow', 3, 16],
  ])('%s in bit mode %i wraps after %i bits', (name, bitmode, bits) => {
    const poke = bench();
    start(poke, name, 0, bitmode);
    poke.pass(2 ** bits + 5);
    expect(capture(poke, name)).toBe(5);
  });

  it('compares, each round, with an interrupt where wanted', () => {
    const poke = bench();
    poke.write('timer', 0x548, 50);
    poke.write('timer', 0x304, 1 << 18);
    start(poke, 'timer', 0, 1);
    for (const cycles of [50, 256]) {
      poke.pass(cycles - 1);
      expect([poke.read('timer', 0x148), poke.interrupt('timer.irq')]).toEqual([0, false]);
      poke.pass(1);
      expect([poke.read('timer', 0x148), poke.interrupt('timer.irq')]).toEqual([1, true]);
      poke.write('timer', 0x148, 0);
    }
  });

  it('clears and stops by shortcut', () => {
    const poke = bench();
    poke.write('timer', 0x540, 30);
    poke.write('timer', 0x200, 1 << 0);
    start(poke, 'timer', 0);
    poke.pass(95);
    expect([poke.read('timer', 0x140), capture(poke, 'timer')]).toEqual([1, 5]);
    poke.write('timer', 0x200, 1 << 8);
    poke.pass(1000);
    expect(capture(poke, 'timer')).toBe(30);
  });

  it('counts tasks', () => {
    const poke = bench();
    poke.write('timer', 0x504, 1);
    poke.write('timer', 0x540, 2);
    start(poke, 'timer', 0);
    poke.pass(1000);
    poke.write('timer', 0x008, 1);
    expect(poke.read('timer', 0x140)).toBe(0);
    poke.write('timer', 0x008, 1);
    expect([poke.read('timer', 0x140), capture(poke, 'timer')]).toEqual([1, 2]);
  });
});

describe('nRF51 RTC', () => {
  const started = (): DeviceBench => {
    const poke = bench();
    poke.write('clock', 0x008, 1);
    poke.pass(16_000);
    return poke;
  };
  const after = (ticks: number): number => Math.ceil(ticks * lowTick);

  it('stands still without the low-frequency clock', () => {
    const poke = bench();
    poke.write('rtc', 0x000, 1);
    poke.pass(100_000);
    expect(poke.read('rtc', 0x504)).toBe(0);
  });

  it('counts and divides', () => {
    const poke = started();
    poke.write('rtc', 0x508, 7);
    poke.write('rtc', 0x000, 1);
    poke.pass(after(81));
    expect(poke.read('rtc', 0x504)).toBe(10);
    // The prescaler is written while it stands.
    poke.write('rtc', 0x508, 0);
    expect(poke.read('rtc', 0x508)).toBe(7);
    poke.write('rtc', 0x008, 1);
    expect(poke.read('rtc', 0x504)).toBe(0);
  });

  it('has events where EVTEN or INTEN has them', () => {
    const poke = started();
    poke.write('rtc', 0x544, 3);
    poke.write('rtc', 0x000, 1);
    poke.pass(after(10));
    expect([poke.read('rtc', 0x100), poke.read('rtc', 0x144)]).toEqual([0, 0]);
    poke.write('rtc', 0x344, 1 | (1 << 17));
    poke.write('rtc', 0x544, 12);
    poke.pass(after(1));
    expect([poke.read('rtc', 0x100), poke.read('rtc', 0x144), poke.interrupt('rtc.irq')]).toEqual([1, 0, false]);
    poke.pass(after(1));
    expect([poke.read('rtc', 0x144), poke.interrupt('rtc.irq')]).toEqual([1, false]);
    poke.write('rtc', 0x304, 1 << 17);
    expect(poke.interrupt('rtc.irq')).toBe(true);
    expect([poke.read('rtc', 0x340), poke.read('rtc', 0x348)]).toEqual([0x2_0001, 0x2_0001]);
  });

  it('overflows after 24 bits', () => {
    const poke = started();
    poke.write('rtc', 0x344, 2);
    poke.write('rtc', 0x000, 1);
    poke.write('rtc', 0x00c, 1);
    poke.pass(after(15));
    expect([poke.read('rtc', 0x504), poke.read('rtc', 0x104)]).toEqual([0xff_ffff, 0]);
    poke.pass(after(1));
    expect([poke.read('rtc', 0x504), poke.read('rtc', 0x104)]).toEqual([0, 1]);
  });
});

describe('nRF51 WDT', () => {
  const key = 0x6e52_4635;
  it('resets unless every request is made in time', () => {
    const poke = bench();
    poke.write('wdt', 0x504, 32_767);
    poke.write('wdt', 0x508, 3);
    poke.write('wdt', 0x000, 1);
    expect([poke.read('wdt', 0x400), poke.read('wdt', 0x404)]).toEqual([1, 3]);
    // Settings are frozen now.
    poke.write('wdt', 0x504, 1_000_000);
    expect(poke.read('wdt', 0x504)).toBe(32_767);
    poke.pass(15_000_000);
    poke.write('wdt', 0x600, key);
    expect(poke.read('wdt', 0x404)).toBe(2);
    poke.write('wdt', 0x604, key);
    poke.pass(15_000_000);
    poke.write('wdt', 0x600, key);
    poke.write('wdt', 0x604, 1);
    expect(poke.resets).toEqual([]);
    poke.pass(1_000_000);
    expect(poke.read('wdt', 0x100)).toBe(1);
    poke.pass(2_000);
    expect(poke.resets).toEqual(['the watchdog was not fed']);
    expect(poke.read('wdt', 0x400)).toBe(0);
    expect(poke.read('clock', 0x400)).toBe(2);
  });
});
