import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DeviceBench, type BenchDevice } from '../../testing/device-bench.js';
import { spiFlash } from '../peripherals/spi-flash.js';
import { rp2040Adc } from './adc.js';
import { rp2040Clocks } from './clocks.js';
import { rp2040Dma } from './dma.js';
import { rp2040I2c } from './i2c.js';
import { rp2040IoBank } from './io-bank.js';
import { rp2040IoQspi } from './io-qspi.js';
import { rp2040Rosc, rp2040Xosc } from './oscillators.js';
import { rp2040PadsBank } from './pads.js';
import { rp2040Pll } from './pll.js';
import { rp2040Uart } from './primecells.js';
import { rp2040Pwm } from './pwm.js';
import { rp2040Resets } from './resets.js';
import { rp2040Rtc } from './rtc.js';
import { rp2040Sio } from './sio.js';
import { rp2040Ssi } from './ssi.js';
import { rp2040Timer } from './timer.js';
import { rp2040Watchdog } from './watchdog.js';

const XOR = 0x1000;
const SET = 0x2000;
const CLR = 0x3000;
const clocks = {
  cpu: 6_000_000,
  rosc: 6_000_000,
  xosc: 12_000_000,
  'pll-sys': 1,
  'pll-usb': 1,
  ref: 6_000_000,
  peri: 6_000_000,
  usb: 1,
  adc: 1,
  rtc: 1,
  tick: 1_000_000,
};
const bench = (...devices: readonly BenchDevice[]): DeviceBench =>
  new DeviceBench(devices, {
    clocks,
    memory: [
      { name: 'sram', kind: 'ram', base: 0x2000_0000, size: 4096 },
      { name: 'flash', kind: 'rom', base: 0x1000_0000, size: 0x2_0000, fill: 0xff },
    ],
  });

describe('registers of RP2040', () => {
  it('have faces that set, clear and flip bits; narrow writes fill the word', () => {
    const it = bench({ device: rp2040Watchdog, name: 'watchdog' });
    it.write('watchdog', 0x0c, 0xf0);
    it.write('watchdog', 0x0c + SET, 0x0f);
    expect(it.read('watchdog', 0x0c)).toBe(0xff);
    it.write('watchdog', 0x0c + CLR, 0x81);
    expect(it.read('watchdog', 0x0c + CLR)).toBe(0x7e);
    it.write('watchdog', 0x0c + XOR, 0xffff);
    expect(it.read('watchdog', 0x0c)).toBe(0xff81);
    it.write('watchdog', 0x0d, 0xa5, 1);
    expect(it.read('watchdog', 0x0c)).toBe(0xa5a5_a5a5);
  });
});

describe('resets', () => {
  it('reset a peripheral, and are done when they are released', () => {
    const it = bench({ device: rp2040Resets, name: 'resets' }, { device: rp2040Pwm, name: 'pwm' });
    expect([it.read('resets', 0), it.read('resets', 8)]).toEqual([0x01ff_ffff, 0]);
    it.write('resets', CLR, 0x4000);
    expect(it.read('resets', 8)).toBe(0x4000);
    it.write('pwm', 0x10, 99);
    it.write('resets', SET, 0x4000);
    expect([it.read('pwm', 0x10), it.read('resets', 8)]).toEqual([0xffff, 0]);
  });
});

describe('clocks', () => {
  const all = (): DeviceBench =>
    bench(
      { device: rp2040Clocks, name: 'clocks' },
      { device: rp2040Xosc, name: 'xosc' },
      { device: rp2040Rosc, name: 'rosc' },
      { device: rp2040Pll, name: 'pll_sys', clocks: { output: 'pll-sys' } },
      { ...{ device: { ...rp2040Pll, name: 'pll-usb' } }, name: 'pll_usb', clocks: { output: 'pll-usb' } },
    );

  it('come up as the SDK brings them up: 125 MHz, 48 MHz, 12 MHz', () => {
    const it = all();
    it.write('xosc', 0x0c, 47);
    it.write('xosc', 0x00, 0xaa0);
    it.write('xosc', 0x00 + SET, 0xfab000);
    expect(it.read('xosc', 4) >>> 31).toBe(1);
    for (const [pll, feedback, post] of [
      ['pll_sys', 125, 0x6_2000],
      ['pll_usb', 100, 0x5_5000],
    ] as const) {
      expect(it.read(pll, 0) >>> 31).toBe(0);
      it.write(pll, 0, 1);
      it.write(pll, 8, feedback);
      it.write(pll, 4 + CLR, 0x21);
      expect(it.read(pll, 0) >>> 31).toBe(1);
      it.write(pll, 0xc, post);
      it.write(pll, 4 + CLR, 8);
    }
    const hertz = (name: string): number => it.machine.clocks.named(name).hertz;
    expect([hertz('pll-sys'), hertz('pll-usb')]).toEqual([125_000_000, 48_000_000]);
    it.write('clocks', 0x30 + SET, 2);
    expect(it.read('clocks', 0x38)).toBe(4);
    it.write('clocks', 0x34, 0x100);
    it.write('clocks', 0x3c + XOR, 1);
    expect(it.read('clocks', 0x44)).toBe(2);
    it.write('clocks', 0x48, 0x800);
    it.write('clocks', 0x54, 0x800);
    it.write('clocks', 0x6c, 0x860);
    it.write('clocks', 0x70, 256 << 8);
    expect(['cpu', 'ref', 'peri', 'usb', 'rtc'].map(hertz)).toEqual([125_000_000, 12_000_000, 125_000_000, 48_000_000, 46_875]);
    it.write('clocks', 0x94, 9);
    expect([it.read('clocks', 0x98) & 0x10, it.read('clocks', 0x9c) >>> 5]).toEqual([0x10, 125_000]);
    it.write('pll_sys', 4 + SET, 0x20);
    expect(it.read('pll_sys', 0) >>> 31).toBe(0);
  });
});

describe('timer and watchdog', () => {
  const both = (): DeviceBench => {
    const it = bench({ device: rp2040Watchdog, name: 'watchdog' }, { device: rp2040Timer, name: 'timer' });
    it.write('watchdog', 0x2c, 0x200 | 6);
    return it;
  };

  it('count microseconds when the tick is set, and latch the high word', () => {
    const it = bench({ device: rp2040Watchdog, name: 'watchdog' }, { device: rp2040Timer, name: 'timer' });
    it.pass(600);
    expect(it.read('timer', 0x28)).toBe(0);
    it.write('watchdog', 0x2c, 0x200 | 6);
    expect(it.read('watchdog', 0x2c)).toBe(0x606);
    it.pass(600);
    expect([it.read('timer', 0x28), it.read('timer', 0x24)]).toEqual([100, 0]);
    it.write('timer', 0x00, 1);
    it.write('timer', 0x04, 0xffff_ffff);
    expect([it.read('timer', 0x0c), it.read('timer', 0x08)]).toEqual([0xffff_ffff, 1]);
    it.pass(6);
    expect([it.read('timer', 0x08), it.read('timer', 0x0c), it.read('timer', 0x08)]).toEqual([1, 0, 2]);
  });

  it('alarms fire once, at their microsecond', () => {
    const it = both();
    it.write('timer', 0x38, 0xf);
    it.write('timer', 0x14, 50);
    expect(it.read('timer', 0x20)).toBe(2);
    it.pass(299);
    expect(it.interrupt('timer.irq1')).toBe(false);
    it.pass(1);
    expect([it.interrupt('timer.irq1'), it.interrupt('timer.irq0'), it.read('timer', 0x20), it.read('timer', 0x40)]).toEqual([true, false, 0, 2]);
    // As the SDK's handlers do it: by the clearing face.
    it.write('timer', 0x34 + CLR, 2);
    expect(it.interrupt('timer.irq1')).toBe(false);
    it.write('timer', 0x10, 90);
    it.write('timer', 0x20, 1);
    it.pass(1000);
    expect(it.interrupt('timer.irq0')).toBe(false);
    it.write('timer', 0x3c, 4);
    expect(it.interrupt('timer.irq2')).toBe(true);
  });

  it('the watchdog resets twice as early as it says, and tells why', () => {
    const it = both();
    it.write('watchdog', 0x0c, 0x1234);
    it.write('watchdog', 0x04, 200);
    it.write('watchdog', 0x00 + SET, 0x4000_0000);
    it.pass(300);
    expect(it.read('watchdog', 0x00) & 0xff_ffff).toBe(100);
    it.write('watchdog', 0x04, 200);
    it.pass(599);
    expect(it.resets).toEqual([]);
    it.pass(2);
    expect([it.resets.length, it.read('watchdog', 0x08), it.read('watchdog', 0x0c)]).toEqual([1, 1, 0x1234]);
    it.write('watchdog', 0x00, 0x8000_0000);
    it.pass(1);
    expect([it.resets.length, it.read('watchdog', 0x08)]).toEqual([2, 2]);
  });
});

describe('SIO', () => {
  const sio = (): DeviceBench =>
    bench({ device: rp2040Sio, name: 'sio' }, { device: rp2040IoBank, name: 'io_bank0' }, { device: rp2040PadsBank, name: 'pads_bank0' });

  it('drives pins that the bank gives to it, and reads them', () => {
    const it = sio();
    const pin = it.machine.pin('io_bank0.25');
    it.write('sio', 0x24, 1 << 25);
    it.write('sio', 0x14, 1 << 25);
    expect(pin.level).toBe(false);
    it.write('io_bank0', 0xcc, 5);
    expect([pin.level, it.read('sio', 0x04) >>> 25]).toEqual([true, 1]);
    it.write('sio', 0x1c, 1 << 25);
    expect(pin.level).toBe(false);
    it.write('io_bank0', 0xcc, 0x105);
    expect(pin.level).toBe(true);
    it.write('sio', 0x28, 1 << 25);
    it.write('pads_bank0', 0x68, 0x4a);
    expect(pin.level).toBe(true);
    it.write('pads_bank0', 0x68, 0x46);
    expect(pin.level).toBe(false);
  });

  it('pins interrupt by edge and by level', () => {
    const it = sio();
    it.write('io_bank0', 0x104, 0x80);
    const pin = it.machine.pin('io_bank0.9');
    pin.set(true);
    expect([it.interrupt('io_bank0.irq'), it.read('io_bank0', 0x124)]).toEqual([true, 0x80]);
    it.write('io_bank0', 0xf4, 0x80);
    expect(it.interrupt('io_bank0.irq')).toBe(false);
    it.write('io_bank0', 0x104, 0x10);
    pin.set(false);
    expect(it.interrupt('io_bank0.irq')).toBe(true);
    pin.set(true);
    expect(it.interrupt('io_bank0.irq')).toBe(false);
  });

  it('divides as two’s complement does', () => {
    const it = sio();
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (dividend, divisor) => {
        it.write('sio', 0x68, dividend >>> 0);
        it.write('sio', 0x6c, divisor >>> 0);
        const expected = divisor === 0 ? [dividend, dividend < 0 ? 1 : -1] : [(dividend % divisor) | 0, (dividend / divisor) | 0];
        expect([it.read('sio', 0x74) | 0, it.read('sio', 0x70) | 0]).toEqual(expected);
        it.write('sio', 0x60, dividend >>> 0);
        it.write('sio', 0x64, divisor >>> 0);
        const unsigned = divisor === 0 ? [0xffff_ffff, dividend >>> 0] : [Math.floor((dividend >>> 0) / (divisor >>> 0)), (dividend >>> 0) % (divisor >>> 0)];
        expect([it.read('sio', 0x74), it.read('sio', 0x78), it.read('sio', 0x70), it.read('sio', 0x78)]).toEqual([unsigned[1], 3, unsigned[0], 1]);
      }),
    );
  });

  it('spinlocks are taken by a read', () => {
    const it = sio();
    expect([it.read('sio', 0x17c), it.read('sio', 0x17c), it.read('sio', 0x5c)]).toEqual([0x8000_0000, 0, 0x8000_0000]);
    it.write('sio', 0x17c, 1);
    expect([it.read('sio', 0x5c), it.read('sio', 0x17c)]).toEqual([0, 0x8000_0000]);
  });

  it('interpolators shift, mask, add and pop', () => {
    const it = sio();
    // Lane 0 takes bits 4 to 11 as a signed number of that width, lane 1 the accumulator of lane 0.
    it.write('sio', 0xac, 4 | (0 << 5) | (7 << 10) | (1 << 15));
    it.write('sio', 0xb0, (31 << 10) | (1 << 16));
    it.write('sio', 0x88, 1000);
    it.write('sio', 0x8c, 1);
    it.write('sio', 0x90, 5);
    it.write('sio', 0x80, 0x0ff0);
    expect([it.read('sio', 0xa0), it.read('sio', 0xa4), it.read('sio', 0xa8)]).toEqual([999, 0xff1, 5 - 1 + 0xff0]);
    expect([it.read('sio', 0x94), it.read('sio', 0x80), it.read('sio', 0x84)]).toEqual([999, 999, 0xff1]);
    it.write('sio', 0xb4, 1);
    expect(it.read('sio', 0x80)).toBe(1000);
  });
});

describe('DMA', () => {
  it('copies, chains and interrupts', () => {
    const it = bench({ device: rp2040Dma, name: 'dma' });
    const sram = it.machine.memory('sram');
    sram.set(Buffer.from('hello world!'));
    // Channel 1, by its trigger alias, byte by byte; channel 0 words, then chained to 1.
    it.write('dma', 0x40, 0x2000_0000);
    it.write('dma', 0x44, 0x2000_0200);
    it.write('dma', 0x48, 5);
    it.write('dma', 0x50, (0x3f << 15) | (1 << 11) | 0x31);
    it.write('dma', 0x404, 3);
    it.write('dma', 0x00, 0x2000_0000);
    it.write('dma', 0x04, 0x2000_0100);
    it.write('dma', 0x08, 3);
    it.write('dma', 0x0c, (0x3f << 15) | (1 << 11) | 0x39);
    expect(Buffer.from(sram.subarray(0x100, 0x10c)).toString()).toBe('hello world!');
    expect(Buffer.from(sram.subarray(0x200, 0x206)).toString()).toBe('hello\0');
    expect([it.read('dma', 0x400), it.read('dma', 0x40c), it.interrupt('dma.irq0'), it.read('dma', 0x08), it.read('dma', 0x04)]).toEqual([
      3,
      3,
      true,
      0,
      0x2000_010c,
    ]);
    it.write('dma', 0x40c, 3);
    expect([it.read('dma', 0x400), it.interrupt('dma.irq0')]).toEqual([0, false]);
  });

  it('makes very many transfers bit by bit', () => {
    const it = bench({ device: rp2040Dma, name: 'dma' });
    it.write('dma', 0x00, 0x2000_0000);
    it.write('dma', 0x04, 0x2000_0100);
    it.write('dma', 0x08, 0xffff_ffff);
    it.write('dma', 0x0c, (0x3f << 15) | 1);
    expect(it.read('dma', 0x08)).toBe(0xffff_ffff - 0x1_0000);
    it.pass(0x1_0000);
    expect([it.read('dma', 0x08), (it.read('dma', 0x0c) >>> 24) & 1]).toEqual([0xffff_ffff - 0x2_0000, 1]);
    it.write('dma', 0x444, 1);
    expect((it.read('dma', 0x0c) >>> 24) & 1).toBe(0);
  });

  it.each([
    { name: 'CRC-32', calculation: 1 | (3 << 5), seed: 0xffff_ffff, expected: 0xcbf4_3926 },
    { name: 'CRC-16', calculation: 2, seed: 0xffff, expected: 0x29b1 },
    { name: 'a sum', calculation: 0xf, seed: 1, expected: 478 },
    { name: 'parity', calculation: 0xe, seed: 0, expected: 1 },
  ])('sniffs $name', ({ calculation, seed, expected }) => {
    const it = bench({ device: rp2040Dma, name: 'dma' });
    it.machine.memory('sram').set(Buffer.from('123456789'));
    it.write('dma', 0x434, 1 | ((calculation & 0xf) << 5) | ((calculation >>> 5) << 10));
    it.write('dma', 0x438, seed);
    it.write('dma', 0x00, 0x2000_0000);
    it.write('dma', 0x04, 0x2000_0100);
    it.write('dma', 0x08, 9);
    it.write('dma', 0x0c, (1 << 23) | (0x3f << 15) | 0x11);
    expect(it.read('dma', 0x438)).toBe(expected);
  });

  it('wraps in a ring and swaps bytes', () => {
    const it = bench({ device: rp2040Dma, name: 'dma' });
    it.machine.memory('sram').set([1, 2, 3, 4, 5, 6, 7, 8]);
    it.write('dma', 0x00, 0x2000_0000);
    it.write('dma', 0x04, 0x2000_0100);
    it.write('dma', 0x08, 3);
    it.write('dma', 0x0c, (0x3f << 15) | (1 << 22) | (3 << 6) | 0x39);
    expect([...it.machine.memory('sram').subarray(0x100, 0x10c)]).toEqual([4, 3, 2, 1, 8, 7, 6, 5, 4, 3, 2, 1]);
  });
});

describe('DMA requests', () => {
  it('of a UART pace a transfer to it, and one from it', () => {
    const it = bench({ device: rp2040Dma, name: 'dma' }, { device: rp2040Uart, name: 'uart0' });
    const heard = it.listen('uart0');
    const text = 'a line that is longer than the FIFO is deep';
    it.machine.memory('sram').set(Buffer.from(text));
    it.write('uart0', 0x24, 1);
    it.write('uart0', 0x2c, 0x70);
    it.write('uart0', 0x30, 0x301);
    it.write('uart0', 0x48, 3);
    it.write('dma', 0x00, 0x2000_0000);
    it.write('dma', 0x04, 0x4001_0000);
    it.write('dma', 0x08, text.length);
    it.write('dma', 0x0c, (20 << 15) | 0x11);
    it.write('dma', 0x40, 0x4001_0000);
    it.write('dma', 0x44, 0x2000_0200);
    it.write('dma', 0x48, 3);
    it.write('dma', 0x4c, (21 << 15) | (1 << 11) | 0x21);
    expect(it.read('dma', 0x08)).toBe(text.length - 17);
    it.machine.serial('uart0').type('abc');
    it.pass(160 * text.length);
    expect(Buffer.from(heard).toString()).toBe(text);
    expect(Buffer.from(it.machine.memory('sram').subarray(0x200, 0x204)).toString()).toBe('abc\0');
    expect([it.read('dma', 0x400), it.warnings]).toEqual([3, []]);
  });
});

describe('PWM', () => {
  it('takes new TOP and CC at the wrap, and looks at nothing that nobody listens to', () => {
    const it = bench({ device: rp2040Pwm, name: 'pwm' });
    const run = (heard: boolean): unknown[] => {
      const it = bench({ device: rp2040Pwm, name: 'pwm' });
      if (heard) it.machine.pin('pwm.0a').onChange(() => undefined);
      it.write('pwm', 0x10, 9);
      it.write('pwm', 0x0c, 5);
      it.write('pwm', 0, 1);
      it.pass(7);
      it.write('pwm', 0x0c, 2);
      it.write('pwm', 0x10, 4);
      const seen = [1, 2, 1, 1, 1, 2, 3, 500].map((cycles) => {
        it.pass(cycles);
        return [it.read('pwm', 8), it.machine.pin('pwm.0a').level, it.read('pwm', 0xa4)];
      });
      return [...seen, heard || it.machine.timeline.next === Infinity];
    };
    expect(run(false)).toEqual(run(true));
    expect(run(true)).toEqual([[8, false, 0], [0, true, 1], [1, true, 1], [2, false, 1], [3, false, 1], [0, true, 1], [3, false, 1], [3, false, 1], true]);
    it.write('pwm', 0x10, 9);
    it.write('pwm', 0, 1 | 2);
    it.pass(15);
    expect(it.read('pwm', 8)).toBe(3);
  });

  it.each([
    { name: 'level', mode: 1, count: 12 },
    { name: 'rising edges', mode: 2, count: 3 },
    { name: 'falling edges', mode: 3, count: 2 },
  ])('counts its B pin, that of a pad: $name', ({ mode, count }) => {
    const it = bench({ device: rp2040Pwm, name: 'pwm' }, { device: rp2040IoBank, name: 'gpio' });
    // GPIO 5 is 2B.
    it.write('gpio', 5 * 8 + 4, 4);
    it.write('pwm', 0x28, 1 | (mode << 4));
    const pad = it.machine.pin('gpio.5');
    for (const [level, cycles] of [
      [true, 5],
      [false, 20],
      [true, 3],
      [false, 9],
      [true, 4],
    ] as const) {
      pad.set(level);
      it.pass(cycles);
    }
    expect(it.read('pwm', 0x28 + 8)).toBe(count);
  });

  it('steps its phase, and asks DMA for a value at each wrap', () => {
    const it = bench({ device: rp2040Pwm, name: 'pwm' }, { device: rp2040Dma, name: 'dma' });
    it.write('pwm', 0x10, 9);
    it.write('pwm', 0, 1);
    it.pass(3);
    it.write('pwm', SET, 0x80);
    expect([it.read('pwm', 8), it.read('pwm', 0)]).toEqual([4, 1]);
    it.write('pwm', SET, 0x40);
    expect(it.read('pwm', 8)).toBe(3);
    it.machine.memory('sram').set([1, 0, 0, 0, 2, 0, 0, 0]);
    it.write('dma', 0, 0x2000_0000);
    it.write('dma', 4, 0x4000_000c);
    it.write('dma', 8, 2);
    it.write('dma', 12, (24 << 15) | 0x19);
    const seen = [0, 7, 10, 10].map((cycles) => {
      it.pass(cycles);
      return it.read('pwm', 0x0c);
    });
    expect([seen, it.warnings]).toEqual([[0, 1, 2, 2], []]);
    expect(it.machine.timeline.next).toBe(Infinity);
  });

  it('makes edges at the compare value and at the wrap, and interrupts there', () => {
    const it = bench({ device: rp2040Pwm, name: 'pwm' });
    const edges: [number, boolean][] = [];
    it.machine.pin('pwm.2a').onChange((level) => edges.push([it.machine.timeline.now, level]));
    it.write('pwm', 0x28 + 0x10, 9);
    it.write('pwm', 0x28 + 0x0c, 4);
    it.write('pwm', 0xa8, 4);
    it.write('pwm', 0x28, 1);
    it.pass(9);
    expect([it.read('pwm', 0x28 + 8), it.interrupt('pwm.irq')]).toEqual([9, false]);
    it.pass(1);
    expect(it.interrupt('pwm.irq')).toBe(true);
    it.write('pwm', 0xa4, 4);
    expect(it.interrupt('pwm.irq')).toBe(false);
    it.pass(10);
    expect(edges).toEqual([
      [0, true],
      [4, false],
      [10, true],
      [14, false],
      [20, true],
    ]);
  });
});

describe('RTC', () => {
  it('has a calendar and an alarm', () => {
    const it = bench({ device: rp2040Rtc, name: 'rtc', clocks: { rtc: 'tick' } });
    it.write('rtc', 0x00, 9_999);
    it.write('rtc', 0x04, (2024 << 12) | (2 << 8) | 29);
    it.write('rtc', 0x08, (4 << 24) | (23 << 16) | (59 << 8) | 58);
    it.write('rtc', 0x0c, 0x10);
    it.write('rtc', 0x0c, 1);
    expect(it.read('rtc', 0x0c)).toBe(3);
    it.write('rtc', 0x24, 1);
    it.write('rtc', 0x14, (1 << 28) | 1);
    it.write('rtc', 0x10 + SET, 1 << 28);
    const second = 60_000;
    it.pass(2 * second);
    expect([it.read('rtc', 0x18), it.read('rtc', 0x1c)]).toEqual([(2024 << 12) | (3 << 8) | 1, 5 << 24]);
    it.pass(second - 1);
    expect(it.interrupt('rtc.irq')).toBe(false);
    it.pass(1);
    expect(it.interrupt('rtc.irq')).toBe(true);
    it.write('rtc', 0x10 + CLR, 1 << 28);
    expect(it.interrupt('rtc.irq')).toBe(false);
  });
});

describe('ADC', () => {
  it('converts once, and again and again into the FIFO', () => {
    const it = bench({ device: rp2040Adc, name: 'adc', clocks: { adc: 'cpu' }, parameters: { inputs: '0=100 1=2000' } });
    it.write('adc', 0, 1);
    expect(it.read('adc', 0)).toBe(0x101);
    it.write('adc', 0 + SET, 4);
    expect(it.read('adc', 0)).toBe(1);
    it.pass(96);
    expect([it.read('adc', 0), it.read('adc', 4)]).toEqual([0x101, 100]);
    it.write('adc', 8, 0x0200_0001);
    it.write('adc', 0x18, 1);
    it.write('adc', 0, 0x0003_0009);
    it.pass(96 * 2);
    expect([it.interrupt('adc.fifo'), it.read('adc', 0x0c), it.read('adc', 0x0c), it.interrupt('adc.fifo')]).toEqual([true, 100, 2000, false]);
  });
});

describe('flash interface', () => {
  it('exchanges bytes with the flash chip, as the second stage and the boot ROM do', () => {
    const it = bench(
      { device: rp2040Ssi, name: 'ssi' },
      { device: rp2040IoQspi, name: 'io_qspi' },
      { device: spiFlash, name: 'chip', parameters: { bus: 'ssi', select: 'ssi.cs', memory: 'flash' } },
    );
    const exchange = (...bytes: readonly number[]): number[] => {
      for (const byte of bytes) it.write('ssi', 0x60, byte);
      while ((it.read('ssi', 0x28) & 5) !== 4) it.pass(1);
      return bytes.map(() => it.read('ssi', 0x60));
    };
    it.write('ssi', 0x14, 4);
    it.write('ssi', 0x00, 7 << 16);
    it.write('ssi', 0x10, 1);
    it.write('ssi', 0x08, 1);
    expect(exchange(0x9f, 0, 0, 0).slice(1)).toEqual([0xef, 0x40, 0x11]);
    expect([exchange(0x90, 0, 0, 0, 0, 0).slice(4), exchange(0xab, 0, 0, 0, 0).slice(4)]).toEqual([[0xef, 0x10], [0x10]]);
    expect(exchange(0x35, 0)[1]).toBe(2);
    exchange(6);
    exchange(2, 0, 1, 0xfe, 0x11, 0x22, 0x33);
    const flash = it.machine.memory('flash');
    // Behind the page's end it begins at its beginning.
    expect([...flash.subarray(0x1fe, 0x201), flash[0x100]]).toEqual([0x11, 0x22, 0xff, 0x33]);
    expect(exchange(3, 0, 1, 0xff, 0, 0).slice(4)).toEqual([0x22, 0xff]);
    // Without write enable nothing changes; with the chip select held low, bytes may come one at a time.
    exchange(0x20, 0, 0, 0);
    expect(flash[0x1ff]).toBe(0x22);
    exchange(6);
    it.write('io_qspi', 0x0c, 0x21f);
    for (const byte of [0x20, 0, 0, 0]) exchange(byte);
    it.write('io_qspi', 0x0c, 0x31f);
    expect(flash[0x1ff]).toBe(0xff);
  });
});

describe('I2C', () => {
  it('aborts where nobody answers', () => {
    const it = bench({ device: rp2040I2c, name: 'i2c0' });
    it.write('i2c0', 0x6c, 1);
    it.write('i2c0', 0x04, 0x20);
    it.write('i2c0', 0x10, 0x2aa);
    it.pass(10_000);
    expect([it.read('i2c0', 0x34) & 0x240, it.read('i2c0', 0x80), it.interrupt('i2c0.irq')]).toEqual([0x240, 1, true]);
    it.read('i2c0', 0x54);
    expect([it.read('i2c0', 0x34) & 0x40, it.read('i2c0', 0x80)]).toEqual([0, 0]);
  });
});

const assembler = spawnSync('arm-none-eabi-as', ['--version']).status === 0;
(assembler ? it : it.skip)('the machine code of the boot ROM is that of its source (GNU as for Arm)', () => {
  expect(spawnSync(process.execPath, [fileURLToPath(new URL('boot-rom/assemble.mjs', import.meta.url)), '--check']).status).toBe(0);
});
