import { describe, expect, it } from '@jest/globals';
import type { DeviceClass } from '../../machine/device.js';
import type { I2cBus } from '../../machine/peripheral-bus.js';
import { DeviceBench } from '../../testing/device-bench.js';
import { mag3110 } from './mag3110.js';
import { mma8653 } from './mma8653.js';

/** Sensors behind a bus that the test itself is the master of. */
function bench(
  sensor: DeviceClass,
  address: number,
  parameters: Readonly<Record<string, number | string>>,
): {
  readonly poke: DeviceBench;
  readonly write: (...bytes: number[]) => void;
  readonly read: (register: number, count: number) => number[];
  readonly interrupt: () => boolean;
} {
  const buses: I2cBus[] = [];
  const master: DeviceClass = {
    name: 'master',
    summary: '',
    size: 0,
    create(environment) {
      buses.push(environment.i2cBus('bus'));
      return { state: {}, reset: () => undefined, read: () => 0, write: () => undefined };
    },
  };
  const poke = new DeviceBench([{ device: master }, { device: sensor, parameters: { bus: 'bus', int1: 'cpu.1', ...parameters } }]);
  const [bus] = buses;
  if (bus === undefined) throw new Error('no bus');
  const write = (...bytes: number[]): void => {
    expect(bus.start(address, false)).toBe(true);
    for (const byte of bytes) expect(bus.write(byte)).toBe(true);
    bus.stop();
  };
  return {
    poke,
    write,
    read: (register, count) => {
      write(register);
      bus.start(address, true);
      const bytes = Array.from({ length: count }, () => bus.read());
      bus.stop();
      return bytes;
    },
    interrupt: () => poke.machine.pin('cpu.1').level,
  };
}

describe('MMA8653', () => {
  const flat = { x: -500, y: 0, z: -1000 };
  it('is itself, at rest, and pulls nothing', () => {
    const { poke, read, interrupt } = bench(mma8653, 0x1d, flat);
    expect(read(0x0d, 1)).toEqual([0x5a]);
    poke.pass(1_000_000);
    expect([read(0x00, 7), interrupt()]).toEqual([[0, 0, 0, 0, 0, 0, 0], true]);
  });

  it('samples at its rate, and interrupts until samples are read', () => {
    const { poke, write, read, interrupt } = bench(mma8653, 0x1d, flat);
    write(0x2d, 0x01);
    write(0x2e, 0x01);
    write(0x2a, 0x21);
    // 50 Hz, active low.
    poke.pass(19_999);
    expect(interrupt()).toBe(true);
    poke.pass(1);
    expect(interrupt()).toBe(false);
    expect(read(0x0c, 1)).toEqual([1]);
    // Bursts go round and round: STATUS comes after Z.
    expect(read(0x00, 8)).toEqual([0x0f, 0xe0, 0x00, 0, 0, 0xc0, 0, 0x00]);
    expect(interrupt()).toBe(true);
    poke.pass(40_000);
    expect(read(0x00, 1)).toEqual([0xff]);
    // Upper bytes alone.
    write(0x2a, 0x23);
    expect(read(0x01, 4)).toEqual([0xe0, 0, 0xc0, 0x00]);
  });

  it('takes settings at rest only, scales, and resets', () => {
    const { poke, write, read } = bench(mma8653, 0x1d, flat);
    write(0x0e, 0x01, 0xff);
    write(0x2a, 0x01);
    write(0x0e, 0x02);
    expect(read(0x0e, 1)).toEqual([1]);
    poke.pass(1_250);
    // 4 g.
    expect(read(0x01, 6)).toEqual([0xf0, 0, 0, 0, 0xe0, 0]);
    write(0x2b, 0x40);
    expect([read(0x0e, 1), read(0x2a, 1), read(0x11, 1)]).toEqual([[0], [0], [0x80]]);
  });
});

describe('MAG3110', () => {
  it('is itself, and measures once where asked to', () => {
    const { poke, write, read, interrupt } = bench(mag3110, 0x0e, { x: 258, y: -1, z: 0, celsius: -3 });
    expect(read(0x07, 2)).toEqual([0xc4, 0]);
    expect(read(0x0f, 1)).toEqual([0xfd]);
    write(0x10, 0x02);
    poke.pass(12_499);
    expect(interrupt()).toBe(false);
    poke.pass(1);
    expect(interrupt()).toBe(true);
    expect(read(0x00, 7)).toEqual([0x0f, 1, 2, 0xff, 0xff, 0, 0]);
    expect(interrupt()).toBe(false);
    poke.pass(1_000_000);
    expect(interrupt()).toBe(false);
  });

  it('measures again and again, with offsets or raw', () => {
    const { poke, write, read } = bench(mag3110, 0x0e, { x: 258, y: 0, z: 0 });
    // An offset of 2, and of -1.
    write(0x09, 0x00, 0x04, 0xff, 0xfe);
    // 20 Hz: DR 1, OS 1.
    write(0x10, 0x29);
    poke.pass(50_000);
    expect([read(0x08, 1), read(0x01, 4)]).toEqual([[2], [1, 0, 0, 1]]);
    write(0x11, 0x20);
    poke.pass(50_000);
    expect([read(0x08, 1), read(0x01, 4)]).toEqual([[1], [1, 2, 0, 0]]);
    write(0x10, 0x2d);
    expect(read(0x01, 4)).toEqual([1, 0, 0, 0xc4]);
  });
});
