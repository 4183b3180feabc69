import { describe, expect, it } from '@jest/globals';
import type { DeviceClass } from '../../machine/device.js';
import { DeviceBench } from '../../testing/device-bench.js';
import { lm3sGpio, pl061 } from '../pl061.js';
import { lm3sAdc } from './adc.js';
import { lm3sFlash } from './flash.js';
import { lm3sI2c } from './i2c.js';
import { lm3sSystemControl } from './system-control.js';
import { lm3sTimer } from './timer.js';

describe('Stellaris system control (chapter 6)', () => {
  const bench = (): DeviceBench => new DeviceBench([{ device: lm3sSystemControl, name: 'sys' }]);
  const [RIS, IMC, MISC, RESC, RCC, RCC2] = [0x50, 0x54, 0x58, 0x5c, 0x60, 0x70];

  it('identifies an LM3S6965 and begins at the internal oscillator', () => {
    const b = bench();
    expect([0x0, 0x4, 0x8, RCC, RESC].map((at) => b.read('sys', at))).toEqual([0x1001_0002, 0x1073_402e, 0x00ff_007f, 0x0780_3ad1, 2]);
    expect(b.machine.clocks.cpu.hertz).toBe(12_000_000);
  });

  it.each([
    ['crystal', (0x0780_3ad1 & ~0x30) >>> 0, 0, 8_000_000],
    ['internal / 4', 0x0780_3ae1 & ~0x10, 0, 3_000_000],
    ['crystal / 2', 0x00c0_3ac0 | 0x380, 0, 4_000_000],
    ['PLL / 4', 0x01c0_0380, 0, 50_000_000],
    ['PLL / 16', 0x07c0_0380, 0, 12_500_000],
    ['RCC2: PLL / 10', 0x01c0_0380, 0x8480_0000, 20_000_000],
    ['RCC2: bypassed, 30 kHz', 0x01c0_0380 & ~0x40_0000, 0x8480_0830, 30_000],
  ])('sets the clock: %s', (_what, rcc, rcc2, hertz) => {
    const b = bench();
    b.write('sys', RCC, rcc);
    if (rcc2 !== 0) b.write('sys', RCC2, rcc2);
    expect(b.machine.clocks.cpu.hertz).toBe(hertz);
  });

  it('says in RIS that the PLL has locked, half a millisecond after it was powered', () => {
    const b = bench();
    b.write('sys', IMC, 0x40);
    b.write('sys', RCC, 0x0780_1ad1);
    b.pass(5999);
    expect([b.read('sys', RIS), b.interrupt('sys.irq')]).toEqual([0, false]);
    b.pass(1);
    expect([b.read('sys', RIS), b.read('sys', MISC), b.interrupt('sys.irq')]).toEqual([0x40, 0x40, true]);
    b.write('sys', MISC, 0x40);
    expect([b.read('sys', RIS), b.interrupt('sys.irq')]).toEqual([0, false]);
  });

  it('resets peripherals', () => {
    const b = new DeviceBench([
      { device: lm3sSystemControl, name: 'sys' },
      { device: lm3sTimer, name: 'timer2' },
    ]);
    b.write('timer2', 0x28, 77);
    b.write('sys', 0x44, 1 << 18);
    expect(b.read('timer2', 0x28)).toBe(0xffff_ffff);
  });
});

describe('Stellaris timer (chapter 10)', () => {
  const bench = (): DeviceBench => new DeviceBench([{ device: lm3sTimer, name: 't', clocks: { rtc: 'low' } }], { clocks: { low: 32_768 } });
  const [CFG, TAMR, TBMR, CTL, IMR, RIS, MIS, ICR, TAILR, TBILR, TAMATCHR, TAPR, TAR] = [
    0x0, 0x4, 0x8, 0xc, 0x18, 0x1c, 0x20, 0x24, 0x28, 0x2c, 0x30, 0x38, 0x48,
  ];

  it('is periodic with 32 bits', () => {
    const b = bench();
    b.write('t', CFG, 0);
    b.write('t', TAMR, 2);
    b.write('t', TAILR, 0x1_0001);
    expect(b.read('t', TBILR)).toBe(1);
    b.write('t', IMR, 1);
    b.write('t', CTL, 1);
    b.pass(0x1_0000);
    expect([b.read('t', TAR), b.interrupt('t.a')]).toEqual([1, false]);
    b.pass(1);
    expect([b.read('t', RIS), b.read('t', MIS), b.interrupt('t.a')]).toEqual([1, 1, true]);
    b.write('t', ICR, 1);
    expect(b.interrupt('t.a')).toBe(false);
    b.pass(0x1_0002);
    expect(b.interrupt('t.a')).toBe(true);
  });

  it('stops by itself as a one-shot', () => {
    const b = bench();
    b.write('t', TAMR, 1);
    b.write('t', TAILR, 10);
    b.write('t', CTL, 1);
    b.pass(10);
    expect([b.read('t', RIS), b.read('t', CTL)]).toEqual([1, 0]);
    b.pass(1000);
    expect(b.read('t', TAR)).toBe(0);
  });

  it('is two timers of 16 bits, with prescalers', () => {
    const b = bench();
    b.write('t', CFG, 4);
    b.write('t', TAMR, 2);
    b.write('t', TBMR, 2);
    b.write('t', TAPR, 9);
    b.write('t', TAILR, 99);
    b.write('t', TBILR, 49);
    b.write('t', IMR, 0x101);
    b.write('t', CTL, 0x101);
    b.pass(49);
    expect([b.interrupt('t.a'), b.interrupt('t.b')]).toEqual([false, true]);
    b.pass(990 - 50);
    expect(b.interrupt('t.a')).toBe(false);
    b.pass(1);
    expect(b.interrupt('t.a')).toBe(true);
  });

  it('counts seconds', () => {
    const b = bench();
    b.write('t', CFG, 1);
    b.write('t', TAMATCHR, 3);
    b.write('t', CTL, 1);
    b.pass(2_999_999);
    expect([b.read('t', TAR), b.read('t', RIS)]).toEqual([2, 0]);
    b.pass(1);
    expect([b.read('t', TAR), b.read('t', RIS)]).toEqual([3, 8]);
  });
});

describe.each([pl061, lm3sGpio])('GPIO $name', (device) => {
  const isStellaris = device === lm3sGpio;
  const bench = (): DeviceBench => {
    const b = new DeviceBench([{ device, name: 'p' }]);
    if (isStellaris) b.write('p', 0x51c, 0xff);
    return b;
  };
  it('writes and reads by masks of address bits', () => {
    const b = bench();
    b.write('p', 0x400, 0x0f);
    b.write('p', 0x3fc, 0xff);
    b.write('p', 0x4 * 0x3, 0x1);
    expect([0, 1, 2, 4].map((pin) => b.machine.pin(`p.${pin}`).level)).toEqual([true, false, true, false]);
    b.machine.pin('p.7').set(true);
    expect([b.read('p', 0x3fc), b.read('p', 0x4 * 0x81)]).toEqual([0x8d, 0x81]);
  });
  it('asks at edges and levels', () => {
    const b = bench();
    const pin = b.machine.pin('p.0');
    b.write('p', 0x410, 1);
    pin.set(true);
    expect(b.interrupt('p.irq')).toBe(false);
    pin.set(false);
    expect([b.interrupt('p.irq'), b.read('p', 0x414), b.read('p', 0x418)]).toEqual([true, 1, 1]);
    b.write('p', 0x41c, 1);
    expect(b.interrupt('p.irq')).toBe(false);
    b.write('p', 0x404, 1);
    expect(b.interrupt('p.irq')).toBe(true);
    pin.set(true);
    expect(b.interrupt('p.irq')).toBe(false);
  });
});

describe('Stellaris pads (chapter 9)', () => {
  it('keep JTAG pins until they are unlocked and committed; pins are connected by DEN; pulls', () => {
    const b = new DeviceBench([{ device: lm3sGpio, name: 'p', parameters: { jtag: 0x0f } }]);
    expect([0x420, 0x500, 0x510, 0x51c, 0x520, 0x524].map((at) => b.read('p', at))).toEqual([0x0f, 0xff, 0x0f, 0x0f, 1, 0xf0]);
    b.write('p', 0x420, 0x10);
    expect(b.read('p', 0x420)).toBe(0x1f);
    b.write('p', 0x524, 0xff);
    expect(b.read('p', 0x524)).toBe(0xf0);
    b.write('p', 0x520, 0x1acc_e551);
    b.write('p', 0x524, 0xff);
    b.write('p', 0x420, 0);
    expect([b.read('p', 0x520), b.read('p', 0x420)]).toEqual([0, 0]);
    b.write('p', 0x514, 0x80);
    b.write('p', 0x510, 0x80);
    expect([b.read('p', 0x514), b.machine.pin('p.7').level, b.read('p', 0x3fc) & 0x80]).toEqual([0, true, 0]);
    b.write('p', 0x51c, 0x80);
    expect(b.read('p', 0x3fc) & 0x80).toBe(0x80);
  });
});

describe('Stellaris I2C (chapter 14)', () => {
  it('writes, reads, and says who does not answer', () => {
    const seen: string[] = [];
    const chip: DeviceClass = {
      name: 'chip',
      summary: '',
      size: 0,
      create: (environment) => {
        environment.i2cBus('i2c').attach([0x20], {
          start: (read) => (seen.push(read ? 'read' : 'write'), true),
          write: (byte) => (seen.push(`${byte}`), byte !== 9),
          read: () => 0x5a,
          stop: () => void seen.push('stop'),
        });
        return { state: {}, read: () => 0, write: () => undefined, reset: () => undefined };
      },
    };
    const b = new DeviceBench([{ device: lm3sI2c, name: 'i2c' }, { device: chip }]);
    const [MSA, MCS, MDR, MRIS, MCR] = [0x0, 0x4, 0x8, 0x14, 0x20];
    expect(b.read('i2c', MCS)).toBe(0x20);
    b.write('i2c', MCR, 0x10);
    b.write('i2c', MSA, 0x40);
    b.write('i2c', MDR, 7);
    b.write('i2c', MCS, 3);
    expect(b.read('i2c', MCS) & 1).toBe(1);
    b.pass(2 * 9 * 40);
    expect([b.read('i2c', MCS), b.read('i2c', MRIS)]).toEqual([0x40, 1]);
    b.write('i2c', MDR, 9);
    b.write('i2c', MCS, 5);
    b.pass(1000);
    expect(b.read('i2c', MCS)).toBe(0x2a);
    b.write('i2c', MSA, 0x41);
    b.write('i2c', MCS, 7);
    b.pass(1000);
    expect([b.read('i2c', MCS), b.read('i2c', MDR)]).toEqual([0x20, 0x5a]);
    expect(seen).toEqual(['write', '7', '9', 'stop', 'read', 'stop']);
    b.write('i2c', MSA, 0x42);
    b.write('i2c', MCS, 7);
    b.pass(1000);
    expect(b.read('i2c', MCS)).toBe(0x26);
  });
});

describe('Stellaris ADC (chapter 12)', () => {
  it('samples the steps of a sequencer', () => {
    const b = new DeviceBench([{ device: lm3sAdc, name: 'adc', parameters: { value: 300, temperature: 557 } }]);
    expect([b.read('adc', 0x20), b.read('adc', 0x6c)]).toEqual([0x3210, 0x100]);
    b.write('adc', 0x0, 2);
    b.write('adc', 0x8, 2);
    b.write('adc', 0x64, 0xe0);
    b.write('adc', 0x28, 2);
    b.pass(1);
    expect([b.interrupt('adc.ss1'), b.read('adc', 0x6c)]).toEqual([true, 0x20]);
    expect([b.read('adc', 0x68), b.read('adc', 0x68), b.read('adc', 0x68), b.read('adc', 0x18)]).toEqual([300, 557, 0, 2]);
    b.write('adc', 0xc, 2);
    expect(b.interrupt('adc.ss1')).toBe(false);
  });
});

describe('Stellaris flash (chapter 8)', () => {
  it('programs words and erases pages, with its key', () => {
    const b = new DeviceBench([{ device: lm3sFlash, name: 'f' }], { memory: [{ name: 'flash', kind: 'rom', base: 0, size: 4096, fill: 0xff }] });
    const flash = b.machine.memory('flash');
    b.write('f', 0x0, 0x404);
    b.write('f', 0x4, 0x1234_5678);
    b.write('f', 0x8, 0x0000_0001);
    expect([flash[0x404], b.warnings.length]).toEqual([0xff, 1]);
    b.write('f', 0x8, 0xa442_0001);
    expect([...flash.subarray(0x403, 0x409)]).toEqual([0xff, 0x78, 0x56, 0x34, 0x12, 0xff]);
    expect([b.read('f', 0x8), b.read('f', 0xc)]).toEqual([0, 2]);
    b.write('f', 0x4, 0xffff_0000);
    b.write('f', 0x8, 0xa442_0001);
    expect([...flash.subarray(0x404, 0x408)]).toEqual([0, 0, 0x34, 0x12]);
    flash[0x3ff] = 1;
    b.write('f', 0x8, 0xa442_0002);
    expect([flash[0x3ff], flash[0x404]]).toEqual([1, 0xff]);
  });
});
