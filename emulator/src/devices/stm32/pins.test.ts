import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { stm32f1Afio } from './afio.js';
import { stm32Exti } from './exti.js';
import { stm32f1Gpio } from './gpio-f1.js';
import { stm32f4Gpio } from './gpio-f4.js';
import { stm32f4Syscfg } from './syscfg.js';

describe('GPIO of STM32F1', () => {
  const port = (): DeviceBench => new DeviceBench([{ device: stm32f1Gpio, name: 'gpioa' }]);

  it('drives push-pull and open-drain outputs, and reads pins', () => {
    const bench = port();
    const pins = Array.from({ length: 16 }, (_, pin) => bench.machine.pin(`gpioa.${pin}`));
    expect([0, 4].map((offset) => bench.read('gpioa', offset))).toEqual([0x4444_4444, 0x4444_4444]);
    bench.write('gpioa', 0, 0x4444_4472);
    bench.write('gpioa', 0x10, 0x0003);
    expect(pins.map(({ level }) => level).slice(0, 3)).toEqual([true, false, false]);
    pins[1]?.set(true);
    expect(bench.read('gpioa', 8)).toBe(3);
    bench.write('gpioa', 0x14, 2);
    expect(bench.read('gpioa', 8)).toBe(1);
    bench.write('gpioa', 0x10, 0x0001_0002);
    expect(bench.read('gpioa', 0xc)).toBe(2);
    expect(bench.read('gpioa', 8)).toBe(2);
  });

  it('pulls inputs up or down as ODR says, until somebody drives them', () => {
    const bench = port();
    bench.write('gpioa', 4, 0x4444_4488);
    bench.write('gpioa', 0xc, 0x100);
    expect(bench.read('gpioa', 8)).toBe(0x100);
    bench.machine.pin('gpioa.8').set(false);
    bench.machine.pin('gpioa.9').set(true);
    expect(bench.read('gpioa', 8)).toBe(0x200);
    bench.write('gpioa', 4, 0x4444_4408);
    expect(bench.read('gpioa', 8)).toBe(0);
  });

  it('freezes pins by the lock sequence only', () => {
    const bench = port();
    for (const value of [0x1_0001, 0x0001, 0x1_0003]) bench.write('gpioa', 0x18, value);
    expect(bench.read('gpioa', 0x18)).toBe(3);
    for (const value of [0x1_0001, 0x0001, 0x1_0001]) bench.write('gpioa', 0x18, value);
    expect(bench.read('gpioa', 0x18)).toBe(0x1_0001);
    bench.write('gpioa', 0, 0x3333_3333);
    expect(bench.read('gpioa', 0)).toBe(0x3333_3334);
  });
});

describe('GPIO of STM32F2 and F4', () => {
  it.each([
    ['a', [0xa800_0000, 0, 0x0c00_0000, 0x6400_0000]],
    ['b', [0x280, 0, 0xc0, 0x100]],
    ['c', [0, 0, 0, 0]],
  ])('port %s has reset values', (letter, values) => {
    const bench = new DeviceBench([{ device: stm32f4Gpio, name: 'gpio', parameters: { port: letter } }]);
    expect([0, 4, 8, 0xc].map((offset) => bench.read('gpio', offset))).toEqual(values);
  });

  it('drives, pulls, reads and freezes', () => {
    const bench = new DeviceBench([{ device: stm32f4Gpio, name: 'gpio' }]);
    bench.write('gpio', 0, 0x5);
    bench.write('gpio', 4, 2);
    bench.write('gpio', 0xc, 0x40);
    bench.write('gpio', 0x18, 3);
    expect(bench.read('gpio', 0x10)).toBe(0x9);
    bench.write('gpio', 0x18, 0x0003_0001);
    expect(bench.read('gpio', 0x14)).toBe(1);
    bench.machine.pin('gpio.1').set(true);
    expect(bench.read('gpio', 0x10)).toBe(9);
    for (const value of [0x1_0100, 0x100, 0x1_0100]) bench.write('gpio', 0x1c, value);
    bench.read('gpio', 0x1c);
    bench.write('gpio', 0x24, 0x77);
    expect(bench.read('gpio', 0x24)).toBe(0x70);
  });
});

describe('EXTI', () => {
  const bench = (): DeviceBench =>
    new DeviceBench([
      { device: stm32Exti, name: 'exti' },
      { device: stm32f1Afio, name: 'afio' },
      { device: stm32f1Gpio, name: 'gpioa' },
      { device: stm32f1Gpio, name: 'gpiob' },
    ]);

  it.each([
    ['rising', 0x08, [true, false]],
    ['falling', 0x0c, [false, true]],
  ])('sets pending on a %s edge of the port that AFIO chooses', (_name, register, [onRise, onFall]) => {
    const it = bench();
    it.write('afio', 0xc, 0x10);
    it.write('exti', 0, 1 << 5);
    it.write('exti', register, 1 << 5);
    it.machine.pin('gpioa.5').set(true);
    it.machine.pin('gpioa.5').set(false);
    expect(it.interrupt('exti.exti9_5')).toBe(false);
    it.machine.pin('gpiob.5').set(true);
    expect(it.interrupt('exti.exti9_5')).toBe(onRise);
    it.write('exti', 0x14, 1 << 5);
    it.machine.pin('gpiob.5').set(false);
    expect(it.interrupt('exti.exti9_5')).toBe(onFall);
    expect(it.read('exti', 0x14)).toBe(onFall === true ? 1 << 5 : 0);
  });

  it('is pended by software, once', () => {
    const it = bench();
    it.write('exti', 0x10, 1);
    expect(it.read('exti', 0x14)).toBe(0);
    it.write('exti', 0x14, 1);
    it.write('exti', 0, 1);
    it.write('exti', 0x10, 1);
    expect(it.interrupt('exti.exti0')).toBe(true);
    it.write('exti', 0x14, 1);
    expect([it.read('exti', 0x10), it.read('exti', 0x14), it.interrupt('exti.exti0')]).toEqual([0, 0, false]);
  });

  it('SYSCFG has the same selection, and a compensation cell', () => {
    const it = new DeviceBench([{ device: stm32f4Syscfg, name: 'syscfg' }]);
    it.write('syscfg', 0x14, 0x3);
    it.machine.pin('gpiod.12').set(true);
    expect(it.machine.pin('exti.12').level).toBe(true);
    it.write('syscfg', 0x20, 1);
    expect(it.read('syscfg', 0x20)).toBe(0x101);
  });
});
