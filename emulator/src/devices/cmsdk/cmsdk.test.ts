import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { cmsdkWatchdog, lm3sWatchdog } from '../watchdog.js';
import { cmsdkDualTimer } from './dual-timer.js';
import { cmsdkGpio } from './gpio.js';
import { cmsdkTimer } from './timer.js';
import { cmsdkUart } from './uart.js';

describe('CMSDK UART (DDI0479D 4.3)', () => {
  const [DATA, STATE, CTRL, INT, DIV] = [0x0, 0x4, 0x8, 0xc, 0x10];
  const bench = (parameters = {}): DeviceBench => new DeviceBench([{ device: cmsdkUart, name: 'uart', parameters }]);

  it('shifts one character and keeps one in the buffer, each for ten bits of BAUDDIV clocks', () => {
    const b = bench();
    const heard = b.listen('uart');
    b.write('uart', DIV, 16);
    b.write('uart', CTRL, 0x01);
    b.write('uart', DATA, 0x41);
    expect(b.read('uart', STATE)).toBe(0);
    b.write('uart', DATA, 0x42);
    expect(b.read('uart', STATE)).toBe(1);
    b.pass(159);
    expect(heard).toEqual([]);
    b.pass(1);
    expect([heard, b.read('uart', STATE)]).toEqual([[0x41], 0]);
    b.pass(160);
    expect(heard).toEqual([0x41, 0x42]);
  });

  it('keeps characters that are written to a full buffer', () => {
    const b = bench();
    const heard = b.listen('uart');
    b.write('uart', CTRL, 0x11);
    for (const byte of [1, 2, 3, 4]) b.write('uart', DATA, byte);
    b.pass(320);
    expect([heard, b.read('uart', STATE)]).toEqual([[1, 2], 1]);
    b.pass(320);
    expect([heard, b.read('uart', STATE), b.read('uart', INT)]).toEqual([[1, 2, 3, 4], 0, 0]);
  });

  it('with overrun: 1 loses a character that is written to a full buffer, and says so until told to forget', () => {
    const b = bench({ overrun: 1 });
    const heard = b.listen('uart');
    b.write('uart', DIV, 16);
    b.write('uart', CTRL, 0x11);
    for (const byte of [1, 2, 3]) b.write('uart', DATA, byte);
    expect(b.read('uart', STATE)).toBe(0x5);
    expect(b.read('uart', INT)).toBe(0x4);
    expect(b.interrupt('uart.overflow')).toBe(true);
    b.write('uart', STATE, 0x4);
    expect(b.read('uart', INT)).toBe(0);
    expect(b.interrupt('uart.overflow')).toBe(false);
    b.pass(1000);
    expect(heard).toEqual([1, 2]);
  });

  it('interrupts when the buffer becomes empty, where that is enabled, and keeps asking until INTCLEAR', () => {
    const b = bench();
    b.write('uart', DIV, 16);
    b.write('uart', CTRL, 0x05);
    b.write('uart', DATA, 1);
    expect(b.interrupt('uart.tx')).toBe(true);
    b.write('uart', INT, 1);
    expect(b.interrupt('uart.tx')).toBe(false);
    b.write('uart', DATA, 2);
    expect(b.interrupt('uart.tx')).toBe(false);
    b.pass(160);
    expect(b.interrupt('uart.tx')).toBe(true);
  });

  it('receives at the pace of the line, and lets the other side wait', () => {
    const b = bench();
    b.write('uart', DIV, 20);
    b.write('uart', CTRL, 0x0a);
    b.machine.serial('uart').type('ab');
    b.pass(199);
    expect(b.read('uart', STATE)).toBe(0);
    b.pass(1);
    expect([b.read('uart', STATE), b.interrupt('uart.rx')]).toEqual([2, true]);
    b.pass(10_000);
    expect(b.read('uart', DATA)).toBe(0x61);
    b.write('uart', INT, 2);
    expect([b.read('uart', STATE), b.interrupt('uart.rx')]).toEqual([0, false]);
    b.pass(200);
    expect(b.read('uart', DATA)).toBe(0x62);
  });

  it('with overrun: 1 loses what comes too fast', () => {
    const b = bench({ overrun: 1 });
    b.write('uart', DIV, 20);
    b.write('uart', CTRL, 0x22);
    b.machine.serial('uart').type('ab');
    b.pass(400);
    expect([b.read('uart', STATE), b.read('uart', INT), b.interrupt('uart.overflow')]).toEqual([0xa, 8, true]);
    expect(b.read('uart', DATA)).toBe(0x61);
  });

  it('sends with a divider below 16, with a warning; waits while it is disabled', () => {
    const b = bench();
    const heard = b.listen('uart');
    b.write('uart', DATA, 7);
    b.pass(1000);
    expect(heard).toEqual([]);
    b.write('uart', CTRL, 1);
    b.pass(160);
    expect(heard).toEqual([7]);
    expect(b.warnings).toEqual(['uart: sends with BAUDDIV 0, which silicon does not: the least is 16']);
  });

  it('has reserved bits that stay 0, and its identification', () => {
    const b = bench();
    b.write('uart', CTRL, 0xffff_ffff);
    b.write('uart', DIV, 0xffff_ffff);
    expect([b.read('uart', CTRL), b.read('uart', DIV)]).toEqual([0x7f, 0xf_ffff]);
    expect([0xfd0, 0xfe0, 0xfe4, 0xfe8, 0xff0, 0xff4, 0xff8, 0xffc].map((at) => b.read('uart', at))).toEqual([0x04, 0x21, 0xb8, 0x1b, 0x0d, 0xf0, 0x05, 0xb1]);
  });
});

describe('CMSDK timer (DDI0479D 4.1)', () => {
  const [CTRL, VALUE, RELOAD, INT] = [0x0, 0x4, 0x8, 0xc];
  const bench = (): DeviceBench => new DeviceBench([{ device: cmsdkTimer, name: 'timer' }]);

  it('counts down, asks at 0, and has a period of RELOAD + 1', () => {
    const b = bench();
    b.write('timer', VALUE, 10);
    b.write('timer', RELOAD, 4);
    b.write('timer', CTRL, 0x9);
    b.pass(9);
    expect([b.read('timer', VALUE), b.interrupt('timer.irq')]).toEqual([1, false]);
    b.pass(1);
    expect([b.read('timer', VALUE), b.interrupt('timer.irq')]).toEqual([0, true]);
    b.write('timer', INT, 1);
    expect(b.interrupt('timer.irq')).toBe(false);
    b.pass(4);
    expect([b.read('timer', VALUE), b.interrupt('timer.irq')]).toEqual([1, false]);
    b.pass(1);
    expect([b.read('timer', VALUE), b.read('timer', INT)]).toEqual([0, 1]);
    b.write('timer', CTRL, 0);
    b.pass(100);
    expect(b.read('timer', VALUE)).toBe(0);
  });

  it('sets its status only while the interrupt is enabled, and stays at 0 without a reload value', () => {
    const b = bench();
    b.write('timer', VALUE, 3);
    b.write('timer', CTRL, 1);
    b.pass(100);
    expect([b.read('timer', VALUE), b.read('timer', INT)]).toEqual([0, 0]);
  });

  it('is enabled, or clocked, by EXTIN', () => {
    const b = bench();
    const extin = b.machine.pin('timer.EXTIN');
    b.write('timer', VALUE, 100);
    b.write('timer', CTRL, 0x3);
    b.pass(10);
    expect(b.read('timer', VALUE)).toBe(100);
    extin.set(true);
    b.pass(10);
    extin.set(false);
    b.pass(10);
    expect(b.read('timer', VALUE)).toBe(90);
    b.write('timer', VALUE, 2);
    b.write('timer', CTRL, 0xd);
    for (const level of [true, false, true, false]) {
      b.pass(5);
      extin.set(level);
    }
    expect([b.read('timer', VALUE), b.interrupt('timer.irq')]).toEqual([0, true]);
  });
});

describe('CMSDK dual timer (DDI0479D 4.2)', () => {
  const bench = (): DeviceBench => new DeviceBench([{ device: cmsdkDualTimer, name: 'dual' }]);

  it('has its reset values', () => {
    const b = bench();
    expect([0x0, 0x4, 0x8, 0x10, 0x14, 0x18].map((at) => b.read('dual', at))).toEqual([0, 0xffff_ffff, 0x20, 0, 0, 0]);
    b.write('dual', 0x8, 0xffff_ffff);
    expect(b.read('dual', 0x8)).toBe(0xef);
  });

  it('is periodic from LOAD, divided by 16, and asks on its own output and the combined one', () => {
    const b = bench();
    b.write('dual', 0x20, 9);
    b.write('dual', 0x28, 0x80 | 0x40 | 0x20 | 0x4 | 0x2);
    b.pass(9 * 16 - 1);
    expect([b.read('dual', 0x24), b.interrupt('dual.timer2')]).toEqual([1, false]);
    b.pass(1);
    expect([b.read('dual', 0x24), b.interrupt('dual.timer1'), b.interrupt('dual.timer2'), b.interrupt('dual.combined')]).toEqual([0, false, true, true]);
    b.write('dual', 0x2c, 0);
    expect(b.interrupt('dual.combined')).toBe(false);
    b.pass(160);
    expect([b.read('dual', 0x30), b.read('dual', 0x34)]).toEqual([1, 1]);
    b.write('dual', 0x38, 1);
    expect(b.read('dual', 0x20)).toBe(1);
    b.pass(16);
    expect(b.read('dual', 0x24)).toBe(1);
  });

  it('runs freely through 16 bits, and stops at 0 as a one-shot', () => {
    const b = bench();
    b.write('dual', 0x0, 3);
    b.write('dual', 0x8, 0x80);
    b.pass(4);
    expect([b.read('dual', 0x4), b.read('dual', 0x10), b.read('dual', 0x14)]).toEqual([0xffff, 1, 0]);
    b.write('dual', 0x8, 0x81);
    b.write('dual', 0x0, 5);
    b.pass(100);
    expect(b.read('dual', 0x4)).toBe(0);
  });

  it('has its outputs driven by ITOP in test mode', () => {
    const b = bench();
    b.write('dual', 0xf00, 1);
    b.write('dual', 0xf04, 2);
    expect([b.interrupt('dual.timer1'), b.interrupt('dual.timer2'), b.interrupt('dual.combined')]).toEqual([false, true, true]);
  });
});

describe.each([cmsdkWatchdog, lm3sWatchdog])('$name', (device) => {
  const [LOAD, VALUE, CONTROL, INTCLR, RIS, MIS, LOCK] = [0x0, 0x4, 0x8, 0xc, 0x10, 0x14, 0xc00];
  const bench = (): DeviceBench => new DeviceBench([{ device, name: 'dog' }]);

  it('interrupts the first time, and resets the second, unless it is fed', () => {
    const b = bench();
    b.write('dog', LOAD, 100);
    b.write('dog', CONTROL, 3);
    b.pass(100);
    expect([b.interrupt('dog.irq'), b.read('dog', RIS), b.read('dog', MIS), b.resets]).toEqual([true, 1, 1, []]);
    b.write('dog', INTCLR, 1);
    expect([b.interrupt('dog.irq'), b.read('dog', VALUE)]).toEqual([false, 100]);
    b.pass(201);
    expect(b.resets).toEqual(['the watchdog was not fed']);
    expect([b.read('dog', CONTROL), b.read('dog', LOAD), b.interrupt('dog.irq')]).toEqual([0, 0xffff_ffff, false]);
  });

  it('does not reset where CONTROL does not ask for it', () => {
    const b = bench();
    b.write('dog', LOAD, 10);
    b.write('dog', CONTROL, 1);
    b.pass(1000);
    expect(b.resets).toEqual([]);
  });

  it('takes no writes while it is locked', () => {
    const b = bench();
    b.write('dog', LOCK, 1);
    expect(b.read('dog', LOCK)).toBe(1);
    b.write('dog', LOAD, 10);
    b.write('dog', CONTROL, 3);
    b.pass(100);
    expect([b.read('dog', LOAD), b.read('dog', CONTROL), b.resets]).toEqual([0xffff_ffff, 0, []]);
    b.write('dog', LOCK, 0x1acc_e551);
    b.write('dog', LOAD, 10);
    expect([b.read('dog', LOCK), b.read('dog', LOAD)]).toEqual([0, 10]);
  });

  it('can be stopped, but not on Stellaris', () => {
    const b = bench();
    b.write('dog', CONTROL, 1);
    b.write('dog', CONTROL, 0);
    expect(b.read('dog', CONTROL)).toBe(device === lm3sWatchdog ? 1 : 0);
  });
});

describe('CMSDK GPIO (DDI0479D 3.3)', () => {
  const bench = (): DeviceBench => new DeviceBench([{ device: cmsdkGpio, name: 'gpio' }]);

  it('drives enabled pins only, and reads levels of all', () => {
    const b = bench();
    b.write('gpio', 0x4, 0x8003);
    b.write('gpio', 0x10, 0x8001);
    expect([0, 1, 15].map((pin) => b.machine.pin(`gpio.${pin}`).level)).toEqual([true, false, true]);
    expect([b.read('gpio', 0x0), b.read('gpio', 0x4), b.read('gpio', 0x10), b.read('gpio', 0x14)]).toEqual([0x8001, 0x8003, 0x8001, 0x8001]);
    b.machine.pin('gpio.3').set(true);
    expect(b.read('gpio', 0x0)).toBe(0x8009);
    b.write('gpio', 0x14, 0x8000);
    expect([b.read('gpio', 0x10), b.machine.pin('gpio.15').level]).toEqual([0x0001, false]);
  });

  it('writes and reads by masks of address bits', () => {
    const b = bench();
    b.write('gpio', 0x10, 0xffff);
    b.write('gpio', 0x400 + 4 * 0x0f, 0xff);
    b.write('gpio', 0x800 + 4 * 0x80, 0xff00);
    expect(b.read('gpio', 0x4)).toBe(0x800f);
    expect([b.read('gpio', 0x400 + 4 * 0x03), b.read('gpio', 0x800 + 4 * 0xff)]).toEqual([3, 0x8000]);
  });

  it.each([
    [
      'rising edge',
      0x1,
      0x1,
      [
        [true, true],
        [false, true],
      ],
    ],
    [
      'falling edge',
      0x1,
      0x0,
      [
        [true, false],
        [false, true],
      ],
    ],
    [
      'high level',
      0x0,
      0x1,
      [
        [true, true],
        [false, true],
      ],
    ],
    ['low level', 0x0, 0x0, [[true, true]]],
  ])('asks at a %s', (_what, type, polarity, steps) => {
    const b = bench();
    b.write('gpio', 0x28, type);
    b.write('gpio', 0x30, polarity);
    b.write('gpio', 0x20, 1);
    for (const [level, asks] of steps) {
      b.machine.pin('gpio.0').set(level);
      expect([b.interrupt('gpio.pin0'), b.interrupt('gpio.combined')]).toEqual([asks, asks]);
    }
    b.machine.pin('gpio.0').set(type === 1 || polarity === 0);
    b.write('gpio', 0x38, 1);
    expect(b.interrupt('gpio.combined')).toBe(false);
  });
});
