import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { stm32AdcCommon } from './adc-common.js';
import { stm32Adc } from './adc.js';
import { stm32f1Bkp } from './bkp.js';
import { stm32Crc } from './crc.js';
import { stm32Dbgmcu } from './dbgmcu.js';
import { stm32OtgFs } from './otg-fs.js';
import { stm32Pwr } from './pwr.js';
import { stm32Rng } from './rng.js';
import { stm32f1Rtc } from './rtc-f1.js';
import { stm32f4Rtc } from './rtc-f4.js';
import { stm32f4Signature } from './signature-f4.js';

describe('CRC unit', () => {
  it.each([
    [0x1234_5678, 0xdf8a_8a2b],
    [0, 0xc704_dd7b],
  ])('makes CRC-32 of words, until it is reset: %i', (word, crc) => {
    const bench = new DeviceBench([{ device: stm32Crc, name: 'crc' }]);
    expect(bench.read('crc', 0)).toBe(0xffff_ffff);
    bench.write('crc', 0, word);
    expect(bench.read('crc', 0)).toBe(crc);
    bench.write('crc', 8, 1);
    expect(bench.read('crc', 0)).toBe(0xffff_ffff);
  });
});

describe('calibration values of STM32F4', () => {
  it('are those of the ADC: 3.3 V and 25 degrees by the formulas of the data sheet', () => {
    const bench = new DeviceBench([
      { device: stm32f4Signature, name: 'signature', parameters: { series: 'f4' } },
      { device: stm32Adc, name: 'adc' },
    ]);
    const convert = (channel: number): number => {
      bench.write('adc', 0x34, channel);
      bench.write('adc', 8, 0x4000_0001);
      bench.pass(1000);
      return bench.read('adc', 0x4c);
    };
    const [reference, at30, at110] = [0x22a, 0x22c, 0x22e].map((offset) => bench.read('signature', offset, 2)) as [number, number, number];
    expect((3.3 * reference) / convert(17)).toBeCloseTo(3.3, 2);
    expect(30 + ((convert(16) - at30) * 80) / (at110 - at30)).toBeCloseTo(25, 0);
  });

  it('are not on F2', () => {
    expect(new DeviceBench([{ device: stm32f4Signature, name: 'signature' }]).read('signature', 0x22c, 2)).toBe(0xffff);
  });
});

describe('USB OTG_FS', () => {
  it('ends resets and flushes at once, and keeps the speed that was chosen', () => {
    const bench = new DeviceBench([{ device: stm32OtgFs, name: 'usb' }]);
    const [intsts, rstctl, usbcfg, dcfg, dctl] = [0x14, 0x10, 0x0c, 0x800, 0x804] as const;
    bench.write('usb', usbcfg, 0x4000_0040);
    bench.write('usb', dcfg, 3);
    bench.write('usb', dctl, 2);
    bench.write('usb', rstctl, 1);
    expect([rstctl, usbcfg, dcfg, dctl].map((offset) => bench.read('usb', offset))).toEqual([0x8000_0000, 0xa00, 0x0220_0003, 0]);
    bench.write('usb', rstctl, 0x420);
    expect(bench.read('usb', rstctl)).toBe(0x8000_0400);
    bench.write('usb', intsts, 0xbfff_ffff);
    expect(bench.read('usb', intsts)).toBe(0x0400_0020);
  });
  it('enables and disables endpoints', () => {
    const bench = new DeviceBench([{ device: stm32OtgFs, name: 'usb' }]);
    const [control, interrupt] = [0xb20, 0xb28] as const;
    bench.write('usb', control, 0x8800_8040);
    expect(bench.read('usb', control)).toBe(0x8002_8040);
    bench.write('usb', control, 0x4400_8040);
    expect([bench.read('usb', control), bench.read('usb', interrupt)]).toEqual([0x8040, 0x82]);
    bench.write('usb', interrupt, 2);
    expect(bench.read('usb', interrupt)).toBe(0x80);
  });
});

describe('random numbers', () => {
  it('are ready while it is on, and the same in every run', () => {
    const numbers = (): number[] => {
      const bench = new DeviceBench([{ device: stm32Rng, name: 'rng' }]);
      expect([bench.read('rng', 4), bench.read('rng', 8)]).toEqual([0, 0]);
      bench.write('rng', 0, 0xc);
      expect([bench.read('rng', 4), bench.interrupt('rng.irq')]).toEqual([1, true]);
      return Array.from({ length: 100 }, () => bench.read('rng', 8));
    };
    expect(new Set(numbers()).size).toBe(100);
    expect(numbers()).toEqual(numbers());
  });
});

describe('identification', () => {
  it('of chip, unique ID and flash size', () => {
    const bench = new DeviceBench([
      { device: stm32f4Signature, name: 'signature', parameters: { flash: 512 } },
      { device: stm32Dbgmcu, name: 'dbgmcu', parameters: { idcode: 0x1007_6413 } },
    ]);
    expect([bench.read('signature', 0x222, 2), bench.read('signature', 0x210), bench.read('dbgmcu', 0)]).toEqual([512, 0x0039_0030, 0x1007_6413]);
  });
});

describe('backup registers', () => {
  it('keep their value over resets, and are written with DBP only', () => {
    const bench = new DeviceBench([
      { device: stm32f1Bkp, name: 'bkp' },
      { device: stm32Pwr, name: 'pwr' },
    ]);
    bench.write('bkp', 4, 0x1234);
    expect(bench.read('bkp', 4)).toBe(0);
    bench.write('pwr', 0, 0x100);
    bench.write('bkp', 4, 0x1234);
    bench.machine.reset({ kind: 'software', source: 'cpu' });
    expect(bench.read('bkp', 4)).toBe(0x1234);
    bench.machine.device('bkp').reset({ kind: 'module', source: 'rcc' });
    expect(bench.read('bkp', 4)).toBe(0);
  });
});

describe('RTC of STM32F1', () => {
  const start = (): DeviceBench => {
    const bench = new DeviceBench(
      [
        { device: stm32f1Rtc, name: 'rtc', clocks: { rtc: 'rtc' } },
        { device: stm32Pwr, name: 'pwr' },
      ],
      { clocks: { cpu: 65_536, rtc: 32_768 } },
    );
    bench.write('pwr', 0, 0x100);
    bench.machine.pin('rtc.enable').set(true);
    bench.write('rtc', 4, 0x10);
    bench.write('rtc', 0xc, 0x7fff);
    bench.write('rtc', 0x18, 1);
    bench.write('rtc', 0x1c, 0xfffe);
    bench.write('rtc', 0x20, 2);
    bench.write('rtc', 0x24, 1);
    bench.write('rtc', 4, 0);
    return bench;
  };

  it('counts seconds, and alarms', () => {
    const bench = start();
    bench.write('rtc', 0, 2);
    expect(bench.read('rtc', 4) & 0x28).toBe(0x28);
    const count = (): number => (bench.read('rtc', 0x18) << 16) | bench.read('rtc', 0x1c);
    bench.pass(65_535);
    expect([count(), bench.read('rtc', 4) & 3]).toEqual([0x1_fffe, 0]);
    bench.pass(1);
    expect([count(), bench.read('rtc', 4) & 3]).toEqual([0x1_ffff, 1]);
    bench.pass(2 * 65_536 - 1);
    expect(bench.interrupt('rtc.irq')).toBe(false);
    bench.pass(1);
    expect([count(), bench.interrupt('rtc.irq'), bench.machine.pin('exti.17').level]).toEqual([0x2_0001, true, true]);
    bench.write('rtc', 4, 0);
    expect(bench.interrupt('rtc.irq')).toBe(false);
  });

  it('goes on over resets, and cannot be written outside of configuration mode', () => {
    const bench = start();
    bench.pass(65_536);
    bench.machine.reset({ kind: 'software', source: 'cpu' });
    expect(bench.read('rtc', 0x1c)).toBe(0xffff);
    bench.write('rtc', 0x1c, 5);
    expect(bench.read('rtc', 0x1c)).toBe(0xffff);
    expect(bench.warnings).toHaveLength(1);
  });
});

describe('RTC of STM32F2 and F4', () => {
  const start = (): DeviceBench => {
    const bench = new DeviceBench(
      [
        { device: stm32f4Rtc, name: 'rtc', clocks: { rtc: 'rtc' } },
        { device: stm32Pwr, name: 'pwr', parameters: { series: 'f4' } },
      ],
      { clocks: { cpu: 65_536, rtc: 32_768 } },
    );
    bench.write('pwr', 0, 0x100);
    bench.machine.pin('rtc.enable').set(true);
    bench.write('rtc', 0x24, 0xca);
    bench.write('rtc', 0x24, 0x53);
    bench.write('rtc', 0xc, 0x80);
    expect(bench.read('rtc', 0xc) & 0x40).toBe(0x40);
    bench.write('rtc', 0, 0x23_59_58);
    bench.write('rtc', 4, 0x24_02_28);
    bench.write('rtc', 0xc, 0);
    return bench;
  };

  it('keeps a calendar with leap years and weekdays', () => {
    const bench = start();
    expect([bench.read('rtc', 0), bench.read('rtc', 4)]).toEqual([0x23_59_58, 0x24_62_28]);
    bench.pass(2 * 65_536);
    expect([bench.read('rtc', 0), bench.read('rtc', 4)]).toEqual([0, 0x24_82_29]);
    bench.pass(65_536 / 2);
    expect(bench.read('rtc', 0x28)).toBe(127);
    bench.pass(86_400 * 65_536);
    expect(bench.read('rtc', 4)).toBe(0x24_a3_01);
  });

  it('alarm A, by seconds', () => {
    const bench = start();
    bench.write('rtc', 0x1c, 0x8080_8001);
    bench.write('rtc', 8, 0x1100);
    bench.pass(3 * 65_536 - 1);
    expect(bench.machine.pin('exti.17').level).toBe(false);
    bench.pass(1);
    expect([bench.machine.pin('exti.17').level, bench.read('rtc', 0xc) & 0x100]).toEqual([true, 0x100]);
    bench.write('rtc', 0xc, 0xffff_fe7f);
    expect(bench.machine.pin('exti.17').level).toBe(false);
  });

  it('the wake-up timer', () => {
    const bench = start();
    bench.write('rtc', 0x14, 2047);
    bench.write('rtc', 8, 0x4400);
    bench.pass(65_535);
    expect(bench.machine.pin('exti.22').level).toBe(false);
    bench.pass(1);
    expect(bench.machine.pin('exti.22').level).toBe(true);
  });

  it('is write-protected without its keys', () => {
    const bench = start();
    bench.write('rtc', 0x24, 0);
    bench.write('rtc', 8, 0x100);
    expect(bench.read('rtc', 8)).toBe(0);
  });
});

describe('ADC', () => {
  it('of F4 converts a sequence in its time', () => {
    const bench = new DeviceBench(
      [
        { device: stm32Adc, name: 'adc1', base: 0x4001_2000, clocks: { adc: 'adc' }, parameters: { inputs: '3=1000 7=4095' } },
        { device: stm32AdcCommon, name: 'common' },
      ],
      { clocks: { adc: 500_000 } },
    );
    bench.write('adc1', 4, 0x120);
    bench.write('adc1', 0x2c, 1 << 20);
    bench.write('adc1', 0x34, 3 | (7 << 5));
    bench.write('adc1', 8, 0x401);
    bench.write('adc1', 8, 0x4000_0401);
    bench.pass(29);
    expect(bench.read('adc1', 0)).toBe(0x10);
    bench.pass(1);
    expect([bench.read('adc1', 0), bench.interrupt('adc1.irq'), bench.read('common', 0), bench.read('adc1', 0x4c), bench.read('adc1', 0)]).toEqual([
      0x12,
      true,
      0x12,
      1000,
      0x10,
    ]);
    bench.pass(30);
    expect(bench.read('adc1', 0x4c)).toBe(4095);
    bench.write('adc1', 4, 0x0200_0000);
    bench.write('adc1', 8, 0x4000_0001);
    bench.pass(100);
    expect(bench.read('adc1', 0x4c)).toBe(1000 >> 4);
    // ADCPRE: one of eight.
    bench.write('common', 4, 3 << 16);
    expect(bench.machine.clocks.named('adc').hertz).toBe(125_000);
  });

  it('of F1 calibrates, and starts by a second ADON', () => {
    const bench = new DeviceBench([{ device: stm32Adc, name: 'adc1', parameters: { series: 'f1', inputs: '1=77' } }]);
    bench.write('adc1', 0x34, 1);
    bench.write('adc1', 8, 1);
    bench.write('adc1', 8, 5);
    expect(bench.read('adc1', 8)).toBe(1);
    bench.pass(100);
    expect(bench.read('adc1', 0)).toBe(0);
    bench.write('adc1', 8, 1);
    bench.pass(100);
    expect([bench.read('adc1', 0), bench.read('adc1', 0x4c)]).toEqual([0x12, 77]);
  });
});
