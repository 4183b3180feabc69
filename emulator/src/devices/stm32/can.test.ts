import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { stm32Can } from './can.js';

const [MCR, MSR, TSR, RF0R, RF1R, IER, BTR] = [0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x1c] as const;
const [TI0R, RI0R, RI1R, FMR, FM1R, FS1R, FFA1R, FA1R, FR] = [0x180, 0x1b0, 0x1c0, 0x200, 0x204, 0x20c, 0x214, 0x21c, 0x240] as const;
const loopBack = 1 << 30;
const standard = (identifier: number): number => identifier * 2 ** 21;

/** As RM0090 32.7 says: initialisation mode, bit timing, filters, normal mode. */
function can(timing: number, filters: readonly (readonly [number, number])[]): DeviceBench {
  const bench = new DeviceBench([{ device: stm32Can, name: 'can' }]);
  bench.write('can', MCR, 1);
  expect(bench.read('can', MSR) & 3).toBe(1);
  bench.write('can', BTR, timing | 0x1c0003);
  for (const [offset, value] of filters) bench.write('can', offset, value);
  bench.write('can', FMR, 0x2a1c_0e00);
  bench.write('can', MCR, 0);
  expect(bench.read('can', MSR) & 3).toBe(0);
  return bench;
}

function send(bench: DeviceBench, mailbox: number, identifier: number, length = 8): void {
  const at = TI0R + 16 * mailbox;
  bench.write('can', at + 4, length);
  bench.write('can', at + 8, 0x0403_0201);
  bench.write('can', at + 12, 0x0807_0605 + identifier);
  bench.write('can', at, standard(identifier) + 1);
}

const all = [
  [FS1R, 1],
  [FA1R, 1],
] as const;

describe('bxCAN', () => {
  it('sleeps after reset, and acknowledges sleep and initialisation', () => {
    const bench = new DeviceBench([{ device: stm32Can, name: 'can' }]);
    expect([MCR, MSR, TSR, BTR].map((offset) => bench.read('can', offset))).toEqual([0x1_0002, 0xc02, 0x1c00_0000, 0x123_0000]);
    bench.write('can', MCR, 3);
    expect(bench.read('can', MSR) & 3).toBe(1);
    bench.write('can', MCR, 2);
    expect(bench.read('can', MSR) & 3).toBe(2);
    bench.write('can', BTR, 5);
    expect(bench.read('can', BTR)).toBe(0x123_0000);
  });

  it('in loop-back mode receives what it sends, three messages deep, and tells of one that is lost', () => {
    const bench = can(loopBack, all);
    bench.write('can', IER, 3);
    send(bench, 0, 0x123);
    expect([bench.read('can', TSR), bench.read('can', RF0R)]).toEqual([0x1c00_0003, 1]);
    expect([bench.interrupt('can.tx'), bench.interrupt('can.rx0')]).toEqual([true, true]);
    expect([0, 4, 8, 12].map((offset) => bench.read('can', RI0R + offset))).toEqual([standard(0x123), 8, 0x0403_0201, 0x0807_0605 + 0x123]);
    bench.write('can', TSR, 1);
    for (const identifier of [1, 2]) send(bench, identifier, identifier);
    expect(bench.read('can', RF0R)).toBe(0xb);
    send(bench, 0, 7);
    expect(bench.read('can', RF0R)).toBe(0x1b);
    bench.write('can', RF0R, 0x38);
    expect([bench.read('can', RF0R), bench.read('can', RI0R)]).toEqual([2, standard(1)]);
    // The last took the place of the one before.
    bench.write('can', RF0R, 0x20);
    expect(bench.read('can', RI0R)).toBe(standard(7));
    bench.write('can', RF0R, 0x20);
    expect([bench.read('can', RF0R), bench.interrupt('can.rx0')]).toEqual([0, false]);
  });

  it('lets through what a filter lets through, into its FIFO, with its number', () => {
    // Filters are numbered within their FIFO, those of banks that are off too. Bank 0: list of four 16-bit identifiers, FIFO 0; bank 1: 32-bit mask, FIFO 1; bank 3: 32-bit list, FIFO 1.
    const bench = can(loopBack, [
      [FM1R, 0b1001],
      [FS1R, 0b1010],
      [FFA1R, 0b1010],
      [FA1R, 0b1011],
      [FR, 0x0010 << 5],
      [FR + 4, ((0x20 << 5) << 16) | (0x30 << 5)],
      [FR + 8, standard(0x400)],
      [FR + 12, standard(0x700)],
      [FR + 24, standard(0x7ff)],
      [FR + 28, standard(0x7fe)],
    ]);
    const received = (identifier: number): unknown => {
      send(bench, 0, identifier);
      const fifos = [RF0R, RF1R].map((register) => bench.read('can', register) & 3);
      const fifo = fifos.indexOf(1);
      const match = fifo < 0 ? undefined : bench.read('can', (fifo === 0 ? RI0R : RI1R) + 4) >>> 8;
      for (const register of [RF0R, RF1R]) bench.write('can', register, 0x20);
      return [fifo, match];
    };
    expect([0x10, 0x30, 0x20, 0x4ab, 0x7fe, 0x7ff, 0x300].map(received)).toEqual([
      [0, 0],
      [0, 2],
      [0, 3],
      [1, 0],
      [1, 2],
      [1, 1],
      [-1, undefined],
    ]);
  });

  it('waits for somebody who acknowledges, and can be told not to', () => {
    const bench = can(0, all);
    send(bench, 1, 5);
    expect(bench.read('can', TSR)).toBe(0x1400_0000);
    bench.write('can', TSR, 1 << 15);
    expect([bench.read('can', TSR), bench.read('can', RF0R)]).toEqual([0x1c00_0100, 0]);
  });
});
