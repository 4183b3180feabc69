import type { DeviceClass } from '../../machine/device.js';
import { Peripheral } from './peripheral.js';

/** Values of ENABLE. */
const SPI = 1;
const TWI = 5;
/** Bits of TWI's ERRORSRC: address, or data, not acknowledged. */
const ADDRESS_NACK = 1 << 1;
const DATA_NACK = 1 << 2;
const LSB_FIRST = 1 << 0;
const disconnectedPin = 0xffff_ffff;

/**
 * TWI and SPI masters of nRF51, which share an instance and its addresses (nRF51 Reference Manual 3.0, chapters 27 and 25): ENABLE says which
 * one it is. Chips hang at the I2C bus or SPI bus of its name. Bytes take nine or eight bits of FREQUENCY.
 */
export const nrf51TwiSpi: DeviceClass = {
  name: 'nrf51-twi-spi',
  summary: 'nRF51 TWI or SPI master (RM 3.0 chapters 27, 25)',
  size: 0x1000,
  interrupts: ['irq'],
  create(environment) {
    const i2c = environment.i2cBus(environment.name);
    const spi = environment.spiBus(environment.name);
    const extra = { phase: 'idle' as 'idle' | 'write' | 'read', suspended: false, byte: 0, spiWaiting: [] as number[], spiReceived: [] as number[], spiBusy: false };
    /** FREQUENCY is a fraction of 16 MHz in 2^-32. */
    const after = (bits: number): number => environment.timeline.now + bits * (2 ** 32 / Math.max(block.get('FREQUENCY'), 2 ** 20));
    const isTwi = (): boolean => block.get('ENABLE') === TWI;

    const written = environment.timer(() => {
      if (i2c.write(extra.byte)) peripheral.event('TXDSENT');
      else fail(DATA_NACK);
    });
    const received = environment.timer(() => {
      block.set('RXD', i2c.read());
      // Shortcuts of the byte boundary come first: they decide whether another byte is read.
      peripheral.event('BB');
      peripheral.event('RXDREADY');
      if (extra.phase === 'read' && !extra.suspended) extra.suspended = true;
    });
    const addressed = environment.timer(() => {
      const read = extra.phase === 'read';
      if (!i2c.start(block.get('ADDRESS'), read)) fail(ADDRESS_NACK);
      else if (read) received.set(after(9));
      else if (extra.byte >= 0) written.set(after(9));
      extra.suspended = false;
    });
    const stopped = environment.timer(() => {
      i2c.stop();
      peripheral.event('STOPPED');
    });
    const exchanged = environment.timer(() => {
      extra.spiBusy = false;
      extra.spiReceived.push(reversed(spi.transfer(reversed(extra.byte))));
      exchangeNext();
      // SPI calls this READY.
      peripheral.event('RXDREADY');
    });
    const begin = (phase: 'read' | 'write'): void => {
      if (!isTwi()) return;
      Object.assign(extra, { phase, byte: -1 });
      addressed.set(after(10));
    };
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        STARTRX: {
          offset: 0x000,
          run: () => {
            begin('read');
          },
        },
        STARTTX: {
          offset: 0x008,
          run: () => {
            begin('write');
          },
        },
        STOP: {
          offset: 0x014,
          run: () => {
            if (!isTwi()) return;
            extra.phase = 'idle';
            received.clear();
            stopped.set(after(1));
          },
        },
        SUSPEND: {
          offset: 0x01c,
          run: () => {
            extra.suspended = true;
          },
        },
        RESUME: {
          offset: 0x020,
          run: () => {
            if (extra.phase === 'read' && extra.suspended) received.set(after(9));
            extra.suspended = false;
          },
        },
      },
      events: { STOPPED: 0x104, RXDREADY: 0x108, TXDSENT: 0x11c, ERROR: 0x124, BB: 0x138, SUSPENDED: 0x148 },
      shorts: [
        [0, 'BB', 'SUSPEND'],
        [1, 'BB', 'STOP'],
      ],
      registers: [
        { name: 'ERRORSRC', offset: 0x4c4, access: 'w1c', writable: 0x7 },
        { name: 'ENABLE', offset: 0x500, writable: 0x7 },
        { name: 'PSEL', offset: 0x508, count: 3, reset: disconnectedPin },
        {
          name: 'RXD',
          offset: 0x518,
          access: 'ro',
          read: (stored) => {
            if (!isTwi()) return extra.spiReceived.shift() ?? 0;
            // Reading takes the byte and lets the next one come.
            if (extra.phase === 'read' && extra.suspended && (block.get('SHORTS') & 1) === 0) {
              extra.suspended = false;
              received.set(after(9));
            }
            return stored;
          },
        },
        {
          name: 'TXD',
          offset: 0x51c,
          writable: 0xff,
          write: (stored) => {
            if (block.get('ENABLE') === SPI) {
              extra.spiWaiting.push(stored);
              exchangeNext();
            } else if (isTwi() && extra.phase === 'write') {
              extra.byte = stored;
              if (addressed.at === Infinity) written.set(after(9));
            }
          },
        },
        { name: 'FREQUENCY', offset: 0x524, reset: 0x0400_0000 },
        { name: 'CONFIG', offset: 0x554, writable: 7 },
        { name: 'ADDRESS', offset: 0x588, writable: 0x7f },
      ],
      extra,
      reset: () => {
        Object.assign(extra, { phase: 'idle', suspended: false, byte: 0, spiBusy: false });
        extra.spiWaiting.length = 0;
        extra.spiReceived.length = 0;
        for (const timer of [written, received, addressed, stopped, exchanged]) timer.clear();
      },
    });
    const { block } = peripheral;
    function fail(reason: number): void {
      block.set('ERRORSRC', block.get('ERRORSRC') | reason);
      peripheral.event('ERROR');
    }
    function exchangeNext(): void {
      const next = extra.spiWaiting[0];
      if (extra.spiBusy || next === undefined) return;
      extra.spiWaiting.shift();
      Object.assign(extra, { spiBusy: true, byte: next });
      exchanged.set(after(8));
    }
    function reversed(byte: number): number {
      if ((block.get('CONFIG') & LSB_FIRST) === 0) return byte;
      return Array.from({ length: 8 }, (_, bit) => ((byte >>> bit) & 1) << (7 - bit)).reduce((all, bit) => all | bit, 0);
    }
    return block;
  },
};
