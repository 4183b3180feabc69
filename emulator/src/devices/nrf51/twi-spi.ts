import type { DeviceClass } from '../../machine/device.js';
import { Peripheral } from './peripheral.js';
import { SpiMaster } from './spi-master.js';
import { TwiMaster } from './twi-master.js';

/** Values of ENABLE. */
const SPI = 1;
const TWI = 5;
const LSB_FIRST = 1 << 0;
const disconnectedPin = 0xffff_ffff;
/** FREQUENCY is a fraction of 16 MHz in 2^-32, which is the CPU's clock too; less than this is no frequency of the manual. */
const slowest = 2 ** 20;

/**
 * TWI and SPI masters of nRF51, which share an instance and its addresses (nRF51 Reference Manual 3.0, chapters 28 and 26): ENABLE says which
 * one it is. Chips hang at the I2C bus or the SPI bus of its name. SPI slave and SPI master with DMA are not modelled.
 */
export const nrf51TwiSpi: DeviceClass = {
  name: 'nrf51-twi-spi',
  summary: 'nRF51 TWI or SPI master (RM 3.0 chapters 28, 26)',
  size: 0x1000,
  interrupts: ['irq'],
  create(environment) {
    const bitTime = (): number => 2 ** 32 / Math.max(block.get('FREQUENCY'), slowest);
    const is = (kind: number): boolean => block.get('ENABLE') === kind;
    const twi: TwiMaster = new TwiMaster(environment, {
      bitTime,
      address: () => block.get('ADDRESS'),
      event: (name) => {
        peripheral.event(name);
      },
      setErrors: (bits) => {
        block.set('ERRORSRC', block.get('ERRORSRC') | bits);
      },
      setReceived: (byte) => {
        block.set('RXD', byte);
      },
    });
    const spi: SpiMaster = new SpiMaster(environment, {
      bitTime,
      leastSignificantFirst: () => (block.get('CONFIG') & LSB_FIRST) !== 0,
      // SPI calls it READY.
      ready: () => {
        peripheral.event('RXDREADY');
      },
    });
    const task = (offset: number, action: () => void): { readonly offset: number; readonly run: () => void } => ({
      offset,
      run: () => {
        if (is(TWI)) action();
        else environment.warn('a task of TWI while ENABLE is not 5');
      },
    });
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        STARTRX: task(0x000, () => {
          twi.start(true);
        }),
        STARTTX: task(0x008, () => {
          twi.start(false);
        }),
        STOP: task(0x014, () => {
          twi.stop();
        }),
        SUSPEND: task(0x01c, () => {
          twi.suspend();
        }),
        RESUME: task(0x020, () => {
          twi.resume();
        }),
      },
      events: { STOPPED: 0x104, RXDREADY: 0x108, TXDSENT: 0x11c, ERROR: 0x124, BB: 0x138, SUSPENDED: 0x148 },
      shorts: [
        [0, 'BB', 'SUSPEND'],
        [1, 'BB', 'STOP'],
      ],
      registers: [
        { name: 'ERRORSRC', offset: 0x4c4, access: 'w1c', writable: 0x7, fields: { OVERRUN: [0, 0], ANACK: [1, 1], DNACK: [2, 2] } },
        {
          name: 'ENABLE',
          offset: 0x500,
          writable: 0x7,
          write: (stored, before) => {
            if (stored === before) return;
            twi.reset();
            spi.reset();
            if (![0, SPI, TWI].includes(stored)) environment.warn(`ENABLE is ${stored}: only TWI (5) and SPI master (1) are modelled`);
          },
        },
        // SCL and SDA, or SCK, MOSI and MISO.
        { name: 'PSEL', offset: 0x508, count: 3, reset: disconnectedPin },
        {
          name: 'RXD',
          offset: 0x518,
          access: 'ro',
          read: (stored) => {
            if (is(SPI)) return spi.take();
            twi.taken();
            return stored;
          },
        },
        {
          name: 'TXD',
          offset: 0x51c,
          writable: 0xff,
          write: (stored) => {
            if (is(SPI)) spi.transmit(stored);
            else if (is(TWI)) twi.transmit(stored);
          },
        },
        { name: 'FREQUENCY', offset: 0x524, reset: 0x0400_0000 },
        { name: 'CONFIG', offset: 0x554, writable: 7, fields: { ORDER: [0, 0], CPHA: [1, 1], CPOL: [2, 2] } },
        { name: 'ADDRESS', offset: 0x588, writable: 0x7f },
      ],
      extra: { twi: twi.state, spi: spi.state },
      reset: () => {
        twi.reset();
        spi.reset();
      },
    });
    const { block } = peripheral;
    return block;
  },
};
