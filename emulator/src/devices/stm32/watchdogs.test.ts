import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { stm32Iwdg } from './iwdg.js';
import { stm32Wwdg } from './wwdg.js';

describe('independent watchdog', () => {
  const bench = (): DeviceBench => new DeviceBench([{ device: stm32Iwdg, name: 'iwdg', clocks: { lsi: 'lsi' } }], { clocks: { cpu: 320_000, lsi: 32_000 } });

  it('resets the chip when RLR + 1 ticks of LSI / 4 have passed, unless it is fed', () => {
    const it = bench();
    expect([4, 8, 12].map((offset) => it.read('iwdg', offset))).toEqual([0, 0xfff, 0]);
    it.write('iwdg', 8, 9);
    expect(it.read('iwdg', 8)).toBe(0xfff);
    it.write('iwdg', 0, 0x5555);
    it.write('iwdg', 8, 9);
    it.write('iwdg', 4, 1);
    it.write('iwdg', 0, 0xcccc);
    for (let feeding = 0; feeding < 3; feeding++) {
      it.pass(799);
      it.write('iwdg', 0, 0xaaaa);
    }
    it.pass(799);
    expect(it.resets).toEqual([]);
    it.pass(2);
    expect(it.resets).toHaveLength(1);
    it.pass(100_000);
    expect(it.resets).toHaveLength(1);
  });
});

describe('window watchdog', () => {
  const bench = (): DeviceBench => new DeviceBench([{ device: stm32Wwdg, name: 'wwdg' }]);

  it('interrupts at 0x40, and resets behind it', () => {
    const it = bench();
    it.write('wwdg', 4, 0x27f);
    it.write('wwdg', 0, 0xc2);
    it.pass(2 * 4096 - 1);
    expect([it.read('wwdg', 0), it.interrupt('wwdg.irq')]).toEqual([0xc1, false]);
    it.pass(1);
    expect([it.read('wwdg', 0), it.read('wwdg', 8), it.interrupt('wwdg.irq')]).toEqual([0xc0, 1, true]);
    it.write('wwdg', 8, 0);
    it.pass(4095);
    expect([it.interrupt('wwdg.irq'), it.resets.length]).toEqual([false, 0]);
    it.pass(2);
    expect(it.resets).toHaveLength(1);
  });

  it('resets when it is fed before the window', () => {
    const it = bench();
    it.write('wwdg', 4, 0x50);
    it.write('wwdg', 0, 0xff);
    it.write('wwdg', 0, 0xff);
    it.pass(2);
    expect(it.resets).toHaveLength(1);
  });
});
