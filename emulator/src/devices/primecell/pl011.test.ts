import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { pl011 } from './pl011.js';

const DR = 0x00;
const FR = 0x18;
const LCR_H = 0x2c;
const CR = 0x30;
const IFLS = 0x34;
const IMSC = 0x38;
const RIS = 0x3c;
const ICR = 0x44;

/** A bit is 16 cycles, a character of 8 bits 160. */
function uart(fifo = true, parameters: Record<string, number> = {}): DeviceBench {
  const bench = new DeviceBench([{ device: pl011, name: 'uart', parameters }]);
  bench.write('uart', 0x24, 1);
  bench.write('uart', LCR_H, fifo ? 0x70 : 0x60);
  bench.write('uart', CR, 0x301);
  return bench;
}

describe('PL011', () => {
  it('has reset values and an identification', () => {
    const bench = new DeviceBench([{ device: pl011, name: 'uart' }]);
    expect([DR, FR, LCR_H, CR, IFLS, IMSC, RIS].map((offset) => bench.read('uart', offset))).toEqual([0, 0x90, 0, 0x300, 0x12, 0, 0]);
    expect([0, 4, 8, 12, 16, 20, 24, 28].map((offset) => bench.read('uart', 0xfe0 + offset))).toEqual([0x11, 0x10, 0x24, 0, 0x0d, 0xf0, 0x05, 0xb1]);
  });

  it('keeps what it has no room for', () => {
    const bench = uart(false);
    const heard = bench.listen('uart');
    for (let index = 0; index < 26; index++) bench.write('uart', DR, 0x41 + index);
    bench.pass(26 * 160);
    expect(Buffer.from(heard).toString()).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
  });

  it('sends from its FIFO, and asks for more when it falls to its level; what it has no room for is lost with overrun: 1', () => {
    const bench = uart(true, { overrun: 1 });
    const heard = bench.listen('uart');
    bench.write('uart', IMSC, 0x20);
    for (let index = 0; index < 17; index++) bench.write('uart', DR, 0x41 + index);
    expect(bench.read('uart', FR) & 0xa8).toBe(0x28);
    bench.write('uart', DR, 0x7a);
    bench.pass(160 * 8 - 1);
    expect(bench.interrupt('uart.irq')).toBe(false);
    bench.pass(1);
    expect(bench.interrupt('uart.irq')).toBe(true);
    bench.write('uart', ICR, 0x20);
    bench.pass(160 * 9);
    expect([bench.interrupt('uart.irq'), bench.read('uart', FR), Buffer.from(heard).toString()]).toEqual([false, 0x90, 'ABCDEFGHIJKLMNOPQ']);
  });

  it('without FIFOs, asks whenever the holding register is empty again', () => {
    const bench = uart(false);
    bench.write('uart', DR, 1);
    expect([bench.read('uart', RIS), bench.read('uart', FR)]).toEqual([0x20, 0x98]);
    bench.write('uart', DR, 2);
    expect([bench.read('uart', RIS), bench.read('uart', FR)]).toEqual([0, 0x38]);
    bench.pass(160);
    expect(bench.read('uart', RIS)).toBe(0x20);
  });

  it('receives up to its level, or until a pause', () => {
    const bench = uart();
    bench.write('uart', IFLS, 0x02);
    bench.write('uart', IMSC, 0x50);
    bench.machine.serial('uart').type('abc');
    bench.pass(320);
    expect([bench.read('uart', RIS), bench.interrupt('uart.irq')]).toEqual([0x10, true]);
    expect([bench.read('uart', DR), bench.read('uart', DR), bench.read('uart', FR) & 0x10, bench.interrupt('uart.irq')]).toEqual([0x61, 0x62, 0x10, false]);
    bench.pass(160 + 32 * 16 - 1);
    expect(bench.interrupt('uart.irq')).toBe(false);
    bench.pass(1);
    expect([bench.read('uart', RIS), bench.read('uart', DR), bench.read('uart', RIS)]).toEqual([0x40, 0x63, 0]);
  });

  it('loses characters that nobody takes only where the other side does not wait', () => {
    const waits = uart();
    waits.machine.serial('uart').type('x'.repeat(20));
    waits.pass(160 * 30);
    expect([waits.read('uart', RIS) & 0x400, waits.read('uart', FR) & 0x40]).toEqual([0, 0x40]);
    const loses = uart(true, { overrun: 1 });
    loses.machine.serial('uart').type('x'.repeat(20));
    loses.pass(160 * 30);
    expect(loses.read('uart', RIS) & 0x400).toBe(0x400);
  });

  it('hears itself in loop-back mode', () => {
    const bench = uart();
    const heard = bench.listen('uart');
    bench.write('uart', CR, 0x381);
    bench.write('uart', DR, 0x55);
    bench.pass(160);
    expect([heard, bench.read('uart', DR)]).toEqual([[], 0x55]);
  });
});
