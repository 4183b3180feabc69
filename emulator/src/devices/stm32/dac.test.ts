import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { stm32Adc } from './adc.js';
import { stm32Dac } from './dac.js';
import { stm32Sdio } from './sdio.js';
import { stm32Tim } from './tim.js';

const [DOR1, DOR2] = [0x2c, 0x30] as const;

describe('DAC', () => {
  it('puts out what it is given, in every form', () => {
    const bench = new DeviceBench([{ device: stm32Dac, name: 'dac' }]);
    const outputs = (): number[] => [DOR1, DOR2].map((offset) => bench.read('dac', offset));
    bench.write('dac', 0, 0x0001_0001);
    bench.write('dac', 0x08, 0x123);
    bench.write('dac', 0x18, 0x4560);
    expect(outputs()).toEqual([0x123, 0x456]);
    bench.write('dac', 0x10, 0x7f);
    bench.write('dac', 0x14, 0xabc);
    expect(outputs()).toEqual([0x7f0, 0xabc]);
    bench.write('dac', 0x20, 0x0fff_0001);
    expect(outputs()).toEqual([1, 0xfff]);
    bench.write('dac', 0x24, 0x8000_7ff0);
    expect(outputs()).toEqual([0x7ff, 0x800]);
    bench.write('dac', 0x28, 0x1234);
    expect(outputs()).toEqual([0x340, 0x120]);
  });

  it('waits for its trigger: software, or the update of a timer', () => {
    const bench = new DeviceBench([
      { device: stm32Dac, name: 'dac' },
      { device: stm32Tim, name: 'tim6', parameters: { channels: 0 } },
    ]);
    // Channel 1 by software, channel 2 by TIM6.
    bench.write('dac', 0, 0x0005_003d);
    bench.write('dac', 0x08, 0x111);
    bench.write('dac', 0x14, 0x222);
    expect([DOR1, DOR2].map((offset) => bench.read('dac', offset))).toEqual([0, 0]);
    bench.write('dac', 4, 3);
    expect([DOR1, DOR2].map((offset) => bench.read('dac', offset))).toEqual([0x111, 0]);
    bench.write('tim6', 0x04, 2 << 4);
    bench.write('tim6', 0x2c, 99);
    bench.write('tim6', 0, 1);
    bench.pass(99);
    expect(bench.read('dac', DOR2)).toBe(0);
    bench.pass(1);
    expect(bench.read('dac', DOR2)).toBe(0x222);
  });
});

describe('ADC', () => {
  const [SR, CR2, SQR3, JSQR, DR] = [0x00, 0x08, 0x34, 0x38, 0x4c] as const;
  it('converts at every update of a timer', () => {
    const bench = new DeviceBench([
      { device: stm32Adc, name: 'adc1', parameters: { inputs: '5=1234' } },
      { device: stm32Tim, name: 'tim3' },
    ]);
    bench.write('adc1', SQR3, 5);
    // EXTEN rising, EXTSEL TIM3_TRGO, ADON.
    bench.write('adc1', CR2, (1 << 28) | (8 << 24) | 1);
    bench.write('tim3', 0x04, 2 << 4);
    bench.write('tim3', 0x2c, 999);
    bench.write('tim3', 0, 1);
    bench.pass(999);
    expect(bench.read('adc1', SR)).toBe(0);
    for (let time = 0; time < 3; time++) {
      bench.pass(100);
      expect([bench.read('adc1', SR) & 2, bench.read('adc1', DR), bench.read('adc1', SR) & 2]).toEqual([2, 1234, 0]);
      bench.pass(900);
    }
  });

  it('does regular conversions after injected ones, and those that were asked for meanwhile', () => {
    const bench = new DeviceBench([{ device: stm32Adc, name: 'adc1', parameters: { inputs: '5=1234 7=77' } }]);
    bench.write('adc1', SQR3, 5);
    bench.write('adc1', JSQR, 7 << 15);
    bench.write('adc1', CR2, 1);
    bench.write('adc1', CR2, (1 << 22) | 1);
    bench.write('adc1', CR2, (1 << 30) | 1);
    bench.pass(1000);
    expect([bench.read('adc1', 0x3c), bench.read('adc1', DR)]).toEqual([77, 1234]);
    bench.write('adc1', SR, 0);
    bench.write('adc1', CR2, (1 << 30) | 1);
    bench.pass(1000);
    expect(bench.read('adc1', SR) & 2).toBe(2);
  });
});

describe('SDIO without a card', () => {
  it('sends commands, and waits for answers in vain', () => {
    const bench = new DeviceBench([{ device: stm32Sdio, name: 'sdio' }]);
    const [CMD, DCTRL, STA, ICR, MASK] = [0x0c, 0x2c, 0x34, 0x38, 0x3c] as const;
    const flags = (): number => bench.read('sdio', STA) & 0xfff;
    bench.write('sdio', CMD, 0x400);
    expect(flags()).toBe(0x80);
    bench.write('sdio', ICR, 0x5ff);
    bench.write('sdio', MASK, 4);
    bench.write('sdio', CMD, 0x448);
    expect([flags(), bench.interrupt('sdio.irq')]).toEqual([4, true]);
    bench.write('sdio', ICR, 4);
    bench.write('sdio', DCTRL, 3);
    expect([flags(), bench.interrupt('sdio.irq')]).toEqual([8, false]);
  });
});
