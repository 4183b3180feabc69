import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { stm32f1Gpio } from './gpio-f1.js';
import { stm32Pwr } from './pwr.js';
import { stm32f1Rcc } from './rcc-f1.js';
import { stm32f4Rcc } from './rcc-f4.js';

const clocks = {
  cpu: 8_000_000,
  systick: 1_000_000,
  pclk1: 8_000_000,
  pclk2: 8_000_000,
  adc: 4_000_000,
  timers1: 8_000_000,
  timers2: 8_000_000,
  rtc: 32_768,
  lsi: 40_000,
};

function frequencies(bench: DeviceBench): readonly number[] {
  return ['cpu', 'systick', 'pclk1', 'pclk2', 'timers1', 'timers2'].map((name) => bench.machine.clocks.named(name).hertz / 1e6);
}

const f1 = (parameters: Record<string, number> = {}): DeviceBench =>
  new DeviceBench(
    [
      { device: stm32f1Rcc, name: 'rcc', parameters },
      { device: stm32Pwr, name: 'pwr' },
      { device: stm32f1Gpio, name: 'gpioa' },
    ],
    { clocks },
  );
const f4 = (): DeviceBench =>
  new DeviceBench(
    [
      { device: stm32f4Rcc, name: 'rcc' },
      { device: stm32Pwr, name: 'pwr', parameters: { series: 'f4' } },
    ],
    { clocks },
  );

describe('RCC of STM32F1', () => {
  it('has reset values', () => {
    const bench = f1();
    expect([0, 4, 8, 0x14, 0x18, 0x1c, 0x20, 0x24, 0x2c].map((offset) => bench.read('rcc', offset))).toEqual([0x83, 0, 0, 0x14, 0, 0, 0, 0x0c00_0000, 0]);
    expect(frequencies(bench)).toEqual([8, 1, 8, 8, 8, 8]);
  });

  it.each([
    // SystemInit of the value line: HSE, PLL x3, all buses at 24 MHz.
    { name: 'F100 at 24 MHz', parameters: {}, cfgr: 0x0005_0000, expected: [24, 3, 24, 24, 24, 24] },
    { name: 'F100 at 24 MHz, PREDIV1 by CFGR.PLLXTPRE', parameters: {}, cfgr: 0x0013_0000, expected: [24, 3, 24, 24, 24, 24] },
    { name: 'F103 at 72 MHz', parameters: { prediv: 0 }, cfgr: 0x001d_8400, expected: [72, 9, 36, 72, 72, 72] },
    { name: 'F103 from HSI / 2 at 64 MHz, AHB / 4', parameters: { prediv: 0 }, cfgr: 0x003c_2490, expected: [16, 2, 8, 8, 16, 16] },
  ])('$name', ({ parameters, cfgr, expected }) => {
    const bench = f1(parameters);
    bench.write('rcc', 0, bench.read('rcc', 0) | 0x1_0000);
    expect(bench.read('rcc', 0) & 0x2_0000).toBe(0x2_0000);
    bench.write('rcc', 4, cfgr);
    bench.write('rcc', 0, bench.read('rcc', 0) | 0x0100_0000);
    expect(bench.read('rcc', 0) & 0x0200_0000).toBe(0x0200_0000);
    bench.write('rcc', 4, cfgr | 2);
    expect(bench.read('rcc', 4) & 0xc).toBe(8);
    expect(frequencies(bench)).toEqual(expected);
    expect(bench.machine.clocks.named('adc').hertz).toBe((expected[3] ?? 0) * (1e6 / (2 * (((cfgr >>> 14) & 3) + 1))));
    // PLL and what feeds it cannot be switched off under the CPU, nor the PLL be changed while it is on.
    bench.write('rcc', 0, 0x80);
    expect(bench.read('rcc', 0) & 0x0101_0001).toBe((cfgr & 0x1_0000) === 0 ? 0x0100_0001 : 0x0101_0000);
    bench.write('rcc', 4, 2);
    expect(bench.read('rcc', 4) & 0x003f_000c).toBe((cfgr & 0x003f_0000) | 8);
  });

  it('does not switch to a source that is off, and follows when it is on', () => {
    const bench = f1();
    bench.write('rcc', 4, 1);
    expect(bench.read('rcc', 4) & 0xf).toBe(1);
    bench.write('rcc', 0, 0x1_0083);
    expect(bench.read('rcc', 4) & 0xf).toBe(5);
    bench.write('rcc', 0, 0x1_0000);
    expect(bench.read('rcc', 0)).toBe(0x3_0000);
  });

  it('tells of a ready PLL by interrupt where that is enabled', () => {
    const bench = f1();
    bench.write('rcc', 8, 0x1000);
    expect(bench.interrupt('rcc.irq')).toBe(false);
    bench.write('rcc', 0, 0x0100_0083);
    expect(bench.interrupt('rcc.irq')).toBe(true);
    expect(bench.read('rcc', 8)).toBe(0x1010);
    bench.write('rcc', 8, 0x0010_1000);
    expect(bench.interrupt('rcc.irq')).toBe(false);
  });

  it('resets a device by its bit', () => {
    const bench = f1();
    bench.write('gpioa', 0xc, 0x1234);
    bench.write('rcc', 0xc, 8);
    expect(bench.read('gpioa', 0xc)).toBe(0x1234);
    bench.write('rcc', 0xc, 4);
    expect(bench.read('gpioa', 0xc)).toBe(0);
  });

  it('guards the backup domain, which only its own reset clears', () => {
    const bench = f1();
    bench.write('rcc', 0x20, 1);
    expect(bench.read('rcc', 0x20)).toBe(0);
    bench.write('pwr', 0, 0x100);
    bench.write('rcc', 0x20, 0x8101);
    expect(bench.read('rcc', 0x20)).toBe(0x8103);
    expect(bench.machine.clocks.named('rtc').hertz).toBe(32_768);
    expect(bench.machine.pin('rtc.enable').level).toBe(true);
    bench.write('rcc', 0x20, 0x8201);
    expect(bench.read('rcc', 0x20) & 0x300).toBe(0x100);
    bench.machine.reset({ kind: 'software', source: 'cpu' });
    expect(bench.read('rcc', 0x20)).toBe(0x8103);
    bench.write('pwr', 0, 0x100);
    bench.write('rcc', 0x20, 0x1_0000);
    expect(bench.read('rcc', 0x20)).toBe(0x1_0000);
  });

  it.each([
    [{ kind: 'software', source: 'cpu' }, 0x1000_0000],
    [{ kind: 'watchdog', source: 'iwdg' }, 0x2000_0000],
    [{ kind: 'watchdog', source: 'wwdg' }, 0x4000_0000],
  ] as const)('says why it was reset: %j', (cause, flag) => {
    const bench = f1();
    bench.write('rcc', 0x24, 0x0100_0001);
    expect(bench.read('rcc', 0x24)).toBe(3);
    bench.machine.reset(cause);
    expect(bench.read('rcc', 0x24)).toBe((0x0400_0000 | flag) >>> 0);
    expect(frequencies(bench)[0]).toBe(8);
  });
});

describe('RCC of STM32F2 and F4', () => {
  it('has reset values', () => {
    const bench = f4();
    const offsets = [0, 4, 8, 0xc, 0x30, 0x40, 0x50, 0x60, 0x64, 0x70, 0x74, 0x84];
    expect(offsets.map((offset) => bench.read('rcc', offset))).toEqual([
      0x83, 0x2400_3010, 0, 0, 0x0010_0000, 0, 0x7e67_91ff, 0x36fe_c9ff, 0x0007_5f33, 0, 0x0e00_0000, 0x2000_3000,
    ]);
    expect(frequencies(bench)).toEqual([16, 2, 16, 16, 16, 16]);
  });

  it.each([
    { name: 'F405 at 168 MHz', pllcfgr: 0x0740_5408, cfgr: 0x9400, expected: [168, 21, 42, 84, 84, 168] },
    { name: 'F205 at 120 MHz', pllcfgr: 0x0540_3c08, cfgr: 0x9400, expected: [120, 15, 30, 60, 60, 120] },
    { name: 'F405 from HSI at 84 MHz, P = 4', pllcfgr: 0x0701_5410, cfgr: 0x1000, expected: [84, 10.5, 42, 84, 84, 84] },
  ])('$name', ({ pllcfgr, cfgr, expected }) => {
    const bench = f4();
    bench.write('rcc', 0, bench.read('rcc', 0) | 0x1_0000);
    bench.write('rcc', 4, pllcfgr);
    bench.write('rcc', 8, cfgr);
    bench.write('rcc', 0, bench.read('rcc', 0) | 0x0100_0000);
    expect(bench.read('rcc', 0) & 0x0202_0000).toBe(0x0202_0000);
    bench.write('rcc', 8, cfgr | 2);
    expect(bench.read('rcc', 8)).toBe(cfgr | 10);
    expect(frequencies(bench)).toEqual(expected);
    bench.write('rcc', 4, 0x2400_3010);
    // Bit 29 is reserved and keeps its reset value.
    expect(bench.read('rcc', 4)).toBe(0x2000_0000 | pllcfgr);
    expect(bench.warnings).toHaveLength(1);
  });
});

describe('PWR', () => {
  it('of F4 has its regulator ready', () => {
    const bench = f4();
    expect(bench.read('pwr', 0)).toBe(0x4000);
    expect(bench.read('pwr', 4)).toBe(0x4000);
    bench.write('pwr', 4, 0x200);
    expect(bench.read('pwr', 4)).toBe(0x4208);
  });
});
