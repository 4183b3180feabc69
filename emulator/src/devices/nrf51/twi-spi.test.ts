import { describe, expect, it } from '@jest/globals';
import type { DeviceClass } from '../../machine/device.js';
import { DeviceBench } from '../../testing/device-bench.js';
import { nrf51TwiSpi } from './twi-spi.js';

const STARTRX = 0x000;
const STARTTX = 0x008;
const STOP = 0x014;
const SUSPEND = 0x01c;
const RESUME = 0x020;
const STOPPED = 0x104;
const RXDREADY = 0x108;
const TXDSENT = 0x11c;
const ERROR = 0x124;
const SUSPENDED = 0x148;
const SHORTS = 0x200;
const INTENSET = 0x304;
const ERRORSRC = 0x4c4;
const ENABLE = 0x500;
const RXD = 0x518;
const TXD = 0x51c;
const FREQUENCY = 0x524;
const CONFIG = 0x554;
const ADDRESS = 0x588;
/** CPU cycles of a bit at 100 kHz. */
const bit = 160.6;
const byte = Math.ceil(9 * bit);

/** A chip at 0x50 that takes three bytes of a write, counts up in reads, and keeps a diary. */
function chip(diary: string[]): DeviceClass {
  return {
    name: 'chip',
    summary: '',
    size: 0,
    create(environment) {
      let count = 0;
      let taken = 0;
      environment.i2cBus('twi').attach([0x50], {
        start: (read) => {
          taken = 0;
          diary.push(read ? 'read' : 'write');
          return true;
        },
        write: (value) => {
          diary.push(`>${value}`);
          return ++taken < 4;
        },
        read: () => {
          diary.push(`<${++count}`);
          return count;
        },
        stop: () => {
          diary.push('stop');
        },
      });
      environment.spiBus('twi').attach({ select: () => undefined, transfer: (value) => value ^ 0xff }, environment.wire('gpio.3'));
      return { state: {}, reset: () => undefined, read: () => 0, write: () => undefined };
    },
  };
}

function bench(): {
  readonly poke: DeviceBench;
  readonly diary: string[];
  readonly write: (offset: number, value: number) => void;
  readonly read: (offset: number) => number;
  readonly happened: (event: number) => boolean;
} {
  const diary: string[] = [];
  const poke = new DeviceBench([{ device: nrf51TwiSpi, name: 'twi' }, { device: chip(diary) }], { clocks: { cpu: 16_000_000 } });
  const write = (offset: number, value: number): void => {
    poke.write('twi', offset, value);
  };
  const read = (offset: number): number => poke.read('twi', offset);
  write(ENABLE, 5);
  write(FREQUENCY, 0x0198_0000);
  write(ADDRESS, 0x50);
  return {
    poke,
    diary,
    write,
    read,
    happened: (event) => {
      const was = read(event) === 1;
      write(event, 0);
      return was;
    },
  };
}

describe('nRF51 TWI master', () => {
  it('writes bytes as they are given, with the clock standing in between', () => {
    const { poke, diary, write, happened } = bench();
    write(STARTTX, 1);
    poke.pass(10 * byte);
    expect(diary).toEqual(['write']);
    for (const value of [7, 8]) {
      write(TXD, value);
      poke.pass(byte - 2);
      expect(happened(TXDSENT)).toBe(false);
      poke.pass(2);
      expect(happened(TXDSENT)).toBe(true);
    }
    write(STOP, 1);
    poke.pass(2 * byte);
    expect(happened(STOPPED)).toBe(true);
    expect(diary).toEqual(['write', '>7', '>8', 'stop']);
  });

  it('stops only behind the address, and tells that nobody was there', () => {
    const { poke, write, read, happened } = bench();
    for (const [address, errors] of [
      [0x51, 2],
      [0x50, 0],
    ] as const) {
      write(ADDRESS, address);
      write(STARTTX, 1);
      write(STOP, 1);
      poke.pass(byte);
      expect(happened(STOPPED)).toBe(false);
      poke.pass(byte);
      expect([happened(STOPPED), happened(ERROR), read(ERRORSRC)]).toEqual([true, errors !== 0, errors]);
      write(ERRORSRC, 7);
    }
  });

  it('tells of a byte that is not acknowledged, and waits for STOP', () => {
    const { poke, diary, write, read, happened } = bench();
    write(STARTTX, 1);
    for (const value of [1, 2, 3, 4, 5]) {
      write(TXD, value);
      poke.pass(3 * byte);
    }
    expect(diary).toEqual(['write', '>1', '>2', '>3', '>4']);
    expect([happened(ERROR), read(ERRORSRC)]).toEqual([true, 4]);
    write(STOP, 1);
    poke.pass(byte);
    expect(happened(STOPPED)).toBe(true);
  });

  it('reads until STOP, which comes before the last byte is taken from RXD', () => {
    const { poke, diary, write, read, happened } = bench();
    write(STARTRX, 1);
    poke.pass(3 * byte);
    expect(happened(RXDREADY)).toBe(true);
    // The next one waits until this one has been read.
    poke.pass(10 * byte);
    expect(happened(RXDREADY)).toBe(false);
    expect(read(RXD)).toBe(1);
    poke.pass(byte + 1);
    expect(happened(RXDREADY)).toBe(true);
    write(STOP, 1);
    expect(read(RXD)).toBe(2);
    poke.pass(10 * byte);
    expect([happened(RXDREADY), happened(STOPPED)]).toEqual([false, true]);
    expect(diary).toEqual(['read', '<1', '<2', 'stop']);
  });

  it('suspends behind each byte by shortcut, and stops behind the last one', () => {
    const { poke, diary, write, read, happened } = bench();
    write(SHORTS, 1);
    write(STARTRX, 1);
    // Too early to mean anything: mbed's driver does it.
    write(RESUME, 1);
    poke.pass(3 * byte);
    expect([happened(RXDREADY), happened(SUSPENDED), read(RXD)]).toEqual([true, true, 1]);
    poke.pass(10 * byte);
    expect(happened(RXDREADY)).toBe(false);
    write(SHORTS, 2);
    write(RESUME, 1);
    poke.pass(3 * byte);
    expect([happened(RXDREADY), happened(STOPPED), read(RXD)]).toEqual([true, true, 2]);
    expect(diary).toEqual(['read', '<1', '<2', 'stop']);
  });

  it('starts again without a stop', () => {
    const { poke, diary, write, happened } = bench();
    write(STARTTX, 1);
    write(TXD, 9);
    poke.pass(3 * byte);
    write(SUSPEND, 1);
    write(SHORTS, 2);
    write(STARTRX, 1);
    write(RESUME, 1);
    poke.pass(4 * byte);
    expect(happened(STOPPED)).toBe(true);
    expect(diary).toEqual(['write', '>9', 'read', '<1', 'stop']);
  });

  it('interrupts, and does nothing while it is off', () => {
    const { poke, diary, write } = bench();
    write(INTENSET, 1 << 1);
    write(STOP, 1);
    poke.pass(byte);
    expect(poke.interrupt('twi.irq')).toBe(true);
    write(STOPPED, 0);
    expect(poke.interrupt('twi.irq')).toBe(false);
    write(ENABLE, 0);
    write(STARTTX, 1);
    poke.pass(10 * byte);
    expect(diary).toEqual([]);
    expect(poke.warnings).toEqual(['twi: a task of TWI while ENABLE is not 5']);
  });
});

describe('nRF51 SPI master', () => {
  it('has two buffers each way, and stands still while those of RXD are full', () => {
    const { poke, write, read, happened } = bench();
    const READY = RXDREADY;
    write(ENABLE, 1);
    write(FREQUENCY, 0x1000_0000);
    poke.machine.pin('gpio.3').set(false);
    write(TXD, 0x01);
    write(TXD, 0x02);
    poke.pass(8 * 16);
    expect(happened(READY)).toBe(true);
    poke.pass(8 * 16);
    // It is behind the first one, which nobody has read.
    expect(happened(READY)).toBe(false);
    write(TXD, 0x03);
    poke.pass(100 * 16);
    expect([read(RXD), happened(READY), read(RXD), happened(READY)]).toEqual([0xfe, true, 0xfd, false]);
    poke.pass(8 * 16);
    expect([happened(READY), read(RXD)]).toEqual([true, 0xfc]);
  });

  it('sends the least significant bit first where CONFIG says so, and reads ones from nobody', () => {
    const { poke, write, read } = bench();
    write(ENABLE, 1);
    write(FREQUENCY, 0x8000_0000);
    const exchange = (value: number): number => {
      write(TXD, value);
      poke.pass(16);
      return read(RXD);
    };
    poke.machine.pin('gpio.3').set(true);
    expect(exchange(0x12)).toBe(0xff);
    poke.machine.pin('gpio.3').set(false);
    write(CONFIG, 1);
    expect(exchange(0x01)).toBe(0xfe);
  });
});
