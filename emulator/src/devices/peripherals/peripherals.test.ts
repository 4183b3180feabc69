import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { rp2040I2c } from '../rp2040/i2c.js';
import { stm32I2c } from '../stm32/i2c.js';
import { stm32Spi } from '../stm32/spi.js';
import { lm75 } from './lm75.js';
import { i2cEeprom, spiEeprom } from './serial-eeprom.js';
import { Ssd1306, ssd1306 } from './ssd1306.js';

/** A driver of an I2C master: writes bytes to an address, then reads some after a repeated START. Undefined: no acknowledge. */
interface Driver {
  readonly bench: DeviceBench;
  transfer(address: number, write: readonly number[], read: number): number[] | undefined;
}

const peripherals = [
  { device: i2cEeprom, name: 'eeprom', parameters: { bus: 'i2c', address: 0x50, kilobits: 16 } },
  { device: { ...i2cEeprom, name: 'large' }, name: 'large', parameters: { bus: 'i2c', address: 0x58, kilobits: 256 } },
  { device: lm75, name: 'thermometer', parameters: { bus: 'i2c', millidegrees: -12_500 } },
  { device: ssd1306, name: 'display', parameters: { bus: 'i2c' } },
];

/** By the sequences of RM0008, figures 271 to 273 and 279: EV5, EV6, EV8, EV8_2, EV7, EV7_1. */
function stm32(): Driver {
  const bench = new DeviceBench([{ device: stm32I2c, name: 'i2c' }, ...peripherals]);
  const until = (mask: number): boolean => {
    for (let cycle = 0; cycle < 10_000; cycle++) {
      const status = bench.read('i2c', 0x14);
      if ((status & 0x400) !== 0) return false;
      if ((status & mask) !== 0) return true;
      bench.pass(1);
    }
    throw new Error(`SR1 never had 0x${mask.toString(16)}`);
  };
  bench.write('i2c', 0x1c, 40);
  bench.write('i2c', 0x00, 1);
  const address = (byte: number): boolean => {
    bench.write('i2c', 0x00, 0x501);
    until(1);
    bench.write('i2c', 0x10, byte);
    return until(2);
  };
  const stop = (): void => {
    bench.write('i2c', 0x14, 0);
    bench.write('i2c', 0x00, 0x201);
    bench.pass(1000);
    expect([bench.read('i2c', 0), bench.read('i2c', 0x18)]).toEqual([1, 0]);
  };
  const refused = (): number[] | undefined => {
    stop();
    return undefined;
  };
  return {
    bench,
    transfer(target, write, read) {
      if (write.length > 0) {
        if (!address(target << 1)) return refused();
        bench.read('i2c', 0x18);
        for (const byte of write) {
          if (!until(0x80)) return refused();
          bench.write('i2c', 0x10, byte);
        }
        if (!until(4)) return refused();
      }
      const received: number[] = [];
      if (read > 0) {
        if (!address((target << 1) | 1)) return refused();
        // Of a single byte, ACK is cleared before ADDR is.
        if (read === 1) bench.write('i2c', 0x00, 1);
        bench.read('i2c', 0x18);
        for (let left = read; left > 0; left--) {
          if (left === 1) bench.write('i2c', 0x00, 0x201);
          until(0x40);
          received.push(bench.read('i2c', 0x10));
          if (left === 2) bench.write('i2c', 0x00, 0x201);
        }
      }
      stop();
      return received;
    },
  };
}

function rp2040(): Driver {
  const bench = new DeviceBench([{ device: rp2040I2c, name: 'i2c' }, ...peripherals]);
  bench.write('i2c', 0x6c, 1);
  return {
    bench,
    transfer(target, write, read) {
      bench.write('i2c', 0x6c, 0);
      bench.write('i2c', 0x04, target);
      bench.write('i2c', 0x6c, 1);
      const commands = [...write, ...Array.from({ length: read }, (_, index) => 0x100 | (index === 0 && write.length > 0 ? 0x400 : 0))];
      const received: number[] = [];
      commands.forEach((command, index) => {
        bench.write('i2c', 0x10, command | (index === commands.length - 1 ? 0x200 : 0));
        bench.pass(5000);
        if ((command & 0x100) !== 0 && (bench.read('i2c', 0x70) & 8) !== 0) received.push(bench.read('i2c', 0x10));
      });
      const aborted = (bench.read('i2c', 0x34) & 0x40) !== 0;
      bench.read('i2c', 0x40);
      return aborted ? undefined : received;
    },
  };
}

describe.each([
  ['STM32', stm32],
  ['RP2040', rp2040],
])('behind the I2C master of %s', (_name, make) => {
  it('nobody answers at an address without a chip', () => {
    const driver = make();
    expect(driver.transfer(0x33, [1, 2], 0)).toBeUndefined();
    expect(driver.transfer(0x50, [0], 1)).toEqual([0xff]);
  });

  it('an EEPROM keeps what is written, page by page, block by block', () => {
    const driver = make();
    driver.transfer(0x50, [0x0e, 1, 2, 3, 4], 0);
    // Pages of 16 bytes: the third byte is at the page's beginning.
    expect(driver.transfer(0x50, [0x0e], 2)).toEqual([1, 2]);
    expect(driver.transfer(0x50, [0x00], 3)).toEqual([3, 4, 0xff]);
    driver.transfer(0x57, [0xff, 0x77], 0);
    expect(driver.transfer(0x57, [0xff], 1)).toEqual([0x77]);
    // Behind the end comes the beginning; a read without an address goes on.
    expect(driver.transfer(0x50, [], 2)).toEqual([3, 4]);
  });

  it('a larger EEPROM has two address bytes', () => {
    const driver = make();
    driver.transfer(0x58, [0x12, 0x34, 9, 8, 7], 0);
    expect(driver.transfer(0x58, [0x12, 0x34], 3)).toEqual([9, 8, 7]);
    expect(driver.transfer(0x58, [0x12, 0x36], 1)).toEqual([7]);
  });

  it('a thermometer tells its temperature, and compares it', () => {
    const driver = make();
    expect(driver.transfer(0x48, [0], 2)).toEqual([0xf3, 0x80]);
    expect(driver.transfer(0x48, [3], 2)).toEqual([0x50, 0x00]);
    expect(driver.bench.machine.pin('thermometer.os').level).toBe(true);
    driver.transfer(0x48, [3, 0xf0, 0x00], 0);
    expect(driver.bench.machine.pin('thermometer.os').level).toBe(false);
    expect(driver.transfer(0x48, [1], 1)).toEqual([0]);
  });

  it('a display shows what is written to it', () => {
    const driver = make();
    const display = driver.bench.machine.device('display');
    if (!(display instanceof Ssd1306)) throw new TypeError();
    driver.transfer(0x3c, [0x00, 0x20, 0x00, 0x21, 2, 4, 0x22, 1, 2], 0);
    driver.transfer(0x3c, [0x40, 1, 2, 4, 0x80], 0);
    expect(display.picture().join('').trim()).toBe('');
    driver.transfer(0x3c, [0x80, 0xaf, 0x00, 0xa4], 0);
    const rows = display.picture();
    expect([8, 9, 10, 23].map((row) => rows[row]?.trimEnd())).toEqual(['  #', '   #', '    #', '  #']);
    expect(rows.join('').replaceAll(' ', '')).toBe('####');
  });
});

describe('bytes that are read late from the I2C master of STM32', () => {
  /** By the method of ST's HAL (AN2824): with BTF, the clock stands still while a byte waits in DR and one in the shift register. */
  it.each([2, 3, 5])('%i of them, and none more', (count) => {
    const driver = stm32();
    const { bench } = driver;
    driver.transfer(0x50, [0x20, 11, 12, 13, 14, 15, 16], 0);
    driver.transfer(0x50, [0x20], 0);
    const until = (mask: number): void => {
      for (let cycle = 0; cycle < 5000 && (bench.read('i2c', 0x14) & mask) === 0; cycle++) bench.pass(1);
      expect(bench.read('i2c', 0x14) & mask).toBe(mask);
    };
    const late = (): number => {
      bench.pass(3000);
      return bench.read('i2c', 0x10);
    };
    bench.write('i2c', 0x00, count === 2 ? 0xd01 : 0x501);
    until(1);
    bench.write('i2c', 0x10, 0xa1);
    until(2);
    bench.read('i2c', 0x18);
    if (count === 2) bench.write('i2c', 0x00, 0x801);
    const received: number[] = [];
    for (let left = count; left > 3; left--) {
      until(4);
      received.push(late());
    }
    if (count > 2) {
      until(4);
      bench.write('i2c', 0x00, 1);
      received.push(late());
    }
    until(4);
    bench.write('i2c', 0x00, 0x201);
    received.push(late(), late());
    expect(received).toEqual([11, 12, 13, 14, 15].slice(0, count));
    expect([bench.read('i2c', 0x00), bench.read('i2c', 0x18)]).toEqual([1, 0]);
    // The EEPROM was asked for no more than that.
    expect(driver.transfer(0x50, [], 1)).toEqual([11 + count]);
  });
});

describe('behind the SPI master of STM32', () => {
  it('an EEPROM is written and read, in its time, with its chip select', () => {
    const bench = new DeviceBench([
      { device: stm32Spi, name: 'spi1' },
      { device: spiEeprom, name: 'eeprom', parameters: { bus: 'spi1', select: 'spi1.nss' } },
    ]);
    const exchange = (...bytes: readonly number[]): number[] => {
      bench.write('spi1', 4, 4);
      bench.write('spi1', 0, 0x344);
      const received = bytes.map((byte) => {
        bench.write('spi1', 0xc, byte);
        expect(bench.read('spi1', 8) & 0x83).toBe(0x82);
        bench.pass(15);
        expect(bench.read('spi1', 8) & 1).toBe(0);
        bench.pass(1);
        expect(bench.read('spi1', 8) & 0x81).toBe(1);
        return bench.read('spi1', 0xc);
      });
      bench.write('spi1', 0, 0x304);
      return received;
    };
    expect(exchange(5, 0)[1]).toBe(0);
    exchange(2, 0, 0x10, 1);
    expect(exchange(3, 0, 0x10, 0).at(-1)).toBe(0xff);
    exchange(6);
    expect(exchange(5, 0)[1]).toBe(2);
    exchange(2, 0, 0x3f, 0xaa, 0xbb);
    expect(exchange(5, 0)[1]).toBe(0);
    expect(exchange(3, 0, 0x3f, 0, 0).slice(3)).toEqual([0xaa, 0xff]);
    expect(exchange(3, 0, 0, 0).slice(3)).toEqual([0xbb]);
  });

  it('frames have 16 bits where DFF says so, and overruns are told', () => {
    const bench = new DeviceBench([
      { device: stm32Spi, name: 'spi1' },
      { device: spiEeprom, name: 'eeprom', parameters: { bus: 'spi1', select: 'cs.0' } },
    ]);
    bench.write('spi1', 0, 0xb44);
    bench.write('spi1', 4, 0xc0);
    expect(bench.interrupt('spi1.irq')).toBe(true);
    bench.write('spi1', 0xc, 0x0500);
    bench.pass(32);
    expect(bench.read('spi1', 0xc)).toBe(0xff00);
    bench.write('spi1', 0xc, 0);
    bench.write('spi1', 0xc, 0);
    bench.pass(64);
    expect(bench.read('spi1', 8) & 0x43).toBe(0x43);
    bench.read('spi1', 0xc);
    expect([bench.read('spi1', 8) & 0x40, bench.read('spi1', 8) & 0x40]).toEqual([0x40, 0]);
  });
});
