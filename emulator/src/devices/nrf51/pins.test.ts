import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { nrf51Adc } from './adc.js';
import { nrf51Gpio } from './gpio.js';
import { nrf51Gpiote } from './gpiote.js';
import { nrf51Lpcomp } from './lpcomp.js';
import { nrf51Ppi } from './ppi.js';
import { nrf51Qdec } from './qdec.js';
import { nrf51Timer } from './timer.js';

const bases = { gpiote: 0x4000_6000, timer: 0x4000_8000, ppi: 0x4001_f000 };

function bench(): DeviceBench {
  return new DeviceBench(
    [
      { device: nrf51Gpio, name: 'gpio', base: 0x5000_0000 },
      { device: nrf51Gpiote, name: 'gpiote', base: bases.gpiote },
      { device: nrf51Timer, name: 'timer', base: bases.timer },
      { device: nrf51Ppi, name: 'ppi', base: bases.ppi },
      { device: nrf51Adc, name: 'adc', base: 0x4000_7000, parameters: { input: 600 } },
      { device: nrf51Lpcomp, name: 'lpcomp', base: 0x4001_3000 },
      { device: nrf51Qdec, name: 'qdec', base: 0x4001_2000 },
    ],
    { clocks: { cpu: 16_000_000 } },
  );
}
const configuration = (pin: number): number => 0x700 + 4 * pin;

describe('nRF51 GPIO', () => {
  it('drives outputs, by three ways of writing', () => {
    const poke = bench();
    const level = (pin: number): boolean => poke.machine.pin(`gpio.${pin}`).level;
    poke.write('gpio', 0x518, 0x8000_0003);
    expect([poke.read('gpio', 0x514), poke.read('gpio', configuration(0)), poke.read('gpio', configuration(2))]).toEqual([0x8000_0003, 3, 2]);
    poke.write('gpio', 0x508, 0x8000_0005);
    expect([level(0), level(1), level(2), level(31)]).toEqual([true, false, false, true]);
    poke.write('gpio', 0x50c, 1);
    expect([level(0), poke.read('gpio', 0x504), poke.read('gpio', 0x508)]).toEqual([false, 0x8000_0004, 0x8000_0004]);
    poke.write('gpio', 0x504, 2);
    poke.write('gpio', 0x51c, 0x8000_0000);
    expect([level(1), level(31), poke.read('gpio', 0x514)]).toEqual([true, false, 3]);
  });

  it('reads inputs that are connected, pulled where nobody drives', () => {
    const poke = bench();
    poke.machine.pin('gpio.4').set(true);
    expect(poke.read('gpio', 0x510)).toBe(0);
    poke.write('gpio', configuration(4), 0);
    poke.write('gpio', configuration(5), 0xc);
    poke.write('gpio', configuration(6), 0x4);
    expect(poke.read('gpio', 0x510)).toBe(0x30);
    poke.machine.pin('gpio.5').set(false);
    expect(poke.read('gpio', 0x510)).toBe(0x10);
  });
});

describe('nRF51 GPIOTE', () => {
  it('makes events of edges', () => {
    const poke = bench();
    const pin = poke.machine.pin('gpio.9');
    for (const [polarity, levels] of [
      [1, [true]],
      [2, [false]],
      [3, [true, false]],
    ] as const) {
      poke.write('gpiote', 0x514, 1 | (9 << 8) | (polarity << 16));
      const seen = [true, false].filter((level) => {
        pin.set(level);
        const event = poke.read('gpiote', 0x104);
        poke.write('gpiote', 0x104, 0);
        return event === 1;
      });
      expect(seen).toEqual(levels);
    }
  });

  it('takes a pin over for its tasks', () => {
    const poke = bench();
    const pin = poke.machine.pin('gpio.2');
    poke.write('gpiote', 0x510, 3 | (2 << 8) | (3 << 16) | (1 << 20));
    expect(pin.level).toBe(true);
    poke.write('gpiote', 0x000, 1);
    expect(pin.level).toBe(false);
    // Not GPIO's any more.
    poke.write('gpio', 0x518, 4);
    poke.write('gpio', 0x508, 4);
    expect(pin.level).toBe(false);
    poke.write('gpiote', 0x510, 0);
    expect(pin.level).toBe(true);
  });

  it('hears sensed levels as PORT', () => {
    const poke = bench();
    poke.machine.pin('gpio.17').set(true);
    poke.write('gpio', configuration(17), 3 << 16);
    poke.write('gpiote', 0x304, 0x8000_0000);
    expect(poke.read('gpiote', 0x17c)).toBe(0);
    poke.machine.pin('gpio.17').set(false);
    expect([poke.read('gpiote', 0x17c), poke.interrupt('gpiote.irq')]).toEqual([1, true]);
  });
});

describe('nRF51 PPI', () => {
  it('lets events run tasks, of other devices and of its groups', () => {
    const poke = bench();
    poke.write('gpiote', 0x510, 3 | (2 << 8) | (3 << 16));
    // Channel 0: COMPARE0 toggles the pin; channel 1: COMPARE1 disables group 0, which both are in.
    poke.write('ppi', 0x510, bases.timer + 0x140);
    poke.write('ppi', 0x514, bases.gpiote);
    poke.write('ppi', 0x518, bases.timer + 0x144);
    poke.write('ppi', 0x51c, bases.ppi + 0x004);
    poke.write('ppi', 0x800, 3);
    poke.write('ppi', 0x000, 1);
    expect([poke.read('ppi', 0x500), poke.read('ppi', 0x504), poke.read('ppi', 0x508)]).toEqual([3, 3, 3]);
    poke.write('timer', 0x540, 100);
    poke.write('timer', 0x544, 250);
    poke.write('timer', 0x510, 0);
    poke.write('timer', 0x200, 1);
    poke.write('timer', 0x000, 1);
    const changes: number[] = [];
    poke.machine.pin('gpio.2').onChange(() => {
      changes.push(poke.machine.timeline.now);
    });
    poke.pass(350);
    expect(changes).toEqual([100, 200, 300]);
    poke.write('timer', 0x200, 0);
    poke.pass(1_000);
    expect([changes, poke.read('ppi', 0x500)]).toEqual([[100, 200, 300, 400], 0]);
    // A channel that stays off, and bits that are not there.
    poke.write('ppi', 0x504, 0x000f_0000);
    expect(poke.read('ppi', 0x500)).toBe(0);
  });

  it('has fixed channels', () => {
    const poke = new DeviceBench([
      { device: nrf51Timer, name: 'timer', base: bases.timer },
      { device: nrf51Timer, name: 'rtc', base: 0x4000_b000 },
      { device: nrf51Ppi, name: 'ppi', base: bases.ppi },
    ]);
    // 30 and 31: COMPARE0 of RTC0 clears and starts TIMER0.
    poke.write('ppi', 0x504, 0xc000_0000);
    poke.write('rtc', 0x540, 10);
    poke.write('rtc', 0x510, 0);
    poke.write('timer', 0x510, 0);
    poke.write('rtc', 0x000, 1);
    poke.pass(25);
    poke.write('timer', 0x040, 1);
    expect(poke.read('timer', 0x540)).toBe(15);
  });
});

describe('nRF51 ADC and LPCOMP', () => {
  // Resolution, input, reference, pin -> result and microseconds.
  it.each([
    ['10 bits, no prescaling, 1.2 V', 2, 0, 0, 1 << 2, 512, 68],
    ['8 bits, no prescaling, 1.2 V', 0, 0, 0, 1 << 2, 128, 20],
    ['a pin driven high, 1/3 and 1/3', 2, 2, 3, 1 << 3, 1023, 68],
    ['a low pin, 1/3 and 1/3', 2, 2, 3, 1 << 2, 204, 68],
    ['supply, 1/3, 1.2 V', 1, 6, 0, 0, 426, 36],
    ['no pin', 2, 2, 3, 0, 0, 68],
  ])('converts %s', (_name, resolution, input, reference, pin, result, microseconds) => {
    const poke = bench();
    poke.machine.pin('gpio.2').set(true);
    poke.write('adc', 0x500, 1);
    poke.write('adc', 0x504, resolution | (input << 2) | (reference << 5) | (pin << 8));
    poke.write('adc', 0x000, 1);
    poke.pass(16 * microseconds - 1);
    expect([poke.read('adc', 0x400), poke.read('adc', 0x100)]).toEqual([1, 0]);
    poke.pass(1);
    expect([poke.read('adc', 0x400), poke.read('adc', 0x100), poke.read('adc', 0x508)]).toEqual([0, 1, result]);
  });

  it('compares', () => {
    const poke = bench();
    const events = (): number[] =>
      [0x100, 0x104, 0x108, 0x10c].map((event) => {
        const happened = poke.read('lpcomp', event);
        poke.write('lpcomp', event, 0);
        return happened;
      });
    poke.write('lpcomp', 0x500, 1);
    poke.write('lpcomp', 0x504, 3);
    poke.write('lpcomp', 0x508, 3);
    poke.write('lpcomp', 0x200, 1);
    poke.write('lpcomp', 0x000, 1);
    poke.pass(16 * 150);
    expect([events(), poke.read('lpcomp', 0x400)]).toEqual([[1, 0, 0, 0], 0]);
    poke.machine.pin('gpio.2').set(true);
    poke.machine.pin('gpio.3').set(true);
    poke.write('lpcomp', 0x008, 1);
    expect([events(), poke.read('lpcomp', 0x400)]).toEqual([[0, 0, 1, 1], 1]);
    poke.machine.pin('gpio.2').set(false);
    expect(events()).toEqual([0, 1, 0, 1]);
  });
});

describe('nRF51 QDEC', () => {
  const step = (poke: DeviceBench, a: boolean, b: boolean): number => {
    poke.machine.pin('gpio.10').set(a);
    poke.machine.pin('gpio.11').set(b);
    poke.pass(16 * 128);
    return poke.read('qdec', 0x50c) | 0;
  };
  const started = (): DeviceBench => {
    const poke = bench();
    poke.write('qdec', 0x520, 10);
    poke.write('qdec', 0x524, 11);
    poke.write('qdec', 0x500, 1);
    poke.write('qdec', 0x200, 1);
    poke.write('qdec', 0x000, 1);
    return poke;
  };

  it('decodes movements, and reports them', () => {
    const poke = started();
    expect([step(poke, false, true), step(poke, true, true), step(poke, true, false), step(poke, true, true), step(poke, false, false)]).toEqual([
      1, 1, 1, -1, 2,
    ]);
    expect([poke.read('qdec', 0x514), poke.read('qdec', 0x544), poke.read('qdec', 0x104)]).toEqual([2, 1, 0]);
    poke.pass(5 * 16 * 128);
    expect([poke.read('qdec', 0x104), poke.read('qdec', 0x514), poke.read('qdec', 0x518), poke.read('qdec', 0x548)]).toEqual([1, 0, 2, 1]);
    poke.write('qdec', 0x104, 0);
    poke.pass(100 * 16 * 128);
    expect(poke.read('qdec', 0x104)).toBe(0);
  });

  it('drops double movements that do not fit', () => {
    const poke = started();
    poke.write('qdec', 0x510, 7);
    for (let index = 0; index < 16; index++) step(poke, index % 2 === 0, index % 2 === 0);
    expect([poke.read('qdec', 0x544), poke.read('qdec', 0x108)]).toEqual([15, 1]);
  });
});
