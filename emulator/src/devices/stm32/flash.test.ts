import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { stm32f1Flash } from './flash-f1.js';
import { stm32f4Flash } from './flash-f4.js';
import { stm32f1SystemArea } from './system-area-f1.js';

const KEYR = 4;
const OPTKEYR = 8;
const SR = 0xc;
const CR = 0x10;

function f1(): DeviceBench {
  return new DeviceBench(
    [
      { device: stm32f1Flash, name: 'flash' },
      { device: stm32f1SystemArea, name: 'system', base: 0x1fff_f000 },
    ],
    {
      clocks: { cpu: 8_000_000 },
      memory: [{ name: 'flash', kind: 'rom', base: 0x0800_0000, size: 128 * 1024, fill: 0xff }],
    },
  );
}

function f4(): DeviceBench {
  return new DeviceBench([{ device: stm32f4Flash, name: 'flash' }], {
    clocks: { cpu: 16_000_000 },
    memory: [{ name: 'flash', kind: 'rom', base: 0x0800_0000, size: 1024 * 1024, fill: 0xff }],
  });
}

function unlock(bench: DeviceBench): void {
  bench.write('flash', KEYR, 0x4567_0123);
  bench.write('flash', KEYR, 0xcdef_89ab);
}

describe('flash controller of STM32F1', () => {
  it('is locked until both keys are written, and jams on a wrong one', () => {
    const bench = f1();
    expect([0, SR, CR, 0x1c, 0x20].map((offset) => bench.read('flash', offset))).toEqual([0x30, 0, 0x80, 0x03ff_fffc, 0xffff_ffff]);
    bench.write('flash', CR, 1);
    expect(bench.read('flash', CR)).toBe(0x80);
    bench.write('flash', KEYR, 0x4567_0123);
    bench.write('flash', KEYR, 1);
    unlock(bench);
    expect(bench.read('flash', CR)).toBe(0x80);
    bench.machine.reset({ kind: 'software', source: 'cpu' });
    unlock(bench);
    expect(bench.read('flash', CR)).toBe(0);
    bench.write('flash', CR, 0x80);
    expect(bench.read('flash', CR)).toBe(0x80);
  });

  it('programs erased half-words, and 0 anywhere; other writes are bus faults', () => {
    const bench = f1();
    const { bus } = bench.machine;
    expect(bus.write(0x0800_0100, 2, 0x1234)).toBe(false);
    unlock(bench);
    bench.write('flash', CR, 1);
    expect(bus.write(0x0800_0100, 2, 0x1234)).toBe(true);
    expect(bench.read('flash', SR)).toBe(1);
    bench.pass(420);
    expect(bench.read('flash', SR)).toBe(0x20);
    bench.write('flash', SR, 0x20);
    expect(bus.read(0x0800_0100, 2)).toBe(0x1234);
    expect(bus.write(0x0800_0100, 2, 0x1200)).toBe(true);
    expect(bench.read('flash', SR)).toBe(4);
    bench.write('flash', SR, 4);
    expect(bus.write(0x0800_0100, 2, 0)).toBe(true);
    expect(bus.read(0x0800_0100, 2)).toBe(0);
    expect([bus.write(0x0800_0102, 4, 0), bus.write(0x0800_0102, 1, 0)]).toEqual([false, false]);
  });

  it('erases one page, or all', () => {
    const bench = f1();
    const flash = bench.machine.memory('flash');
    flash.fill(0);
    unlock(bench);
    bench.write('flash', CR, 2);
    bench.write('flash', 0x14, 0x0800_07ff);
    bench.write('flash', CR, 0x42);
    expect(bench.read('flash', SR)).toBe(1);
    bench.pass(160_000);
    expect([bench.read('flash', SR), bench.read('flash', CR)]).toEqual([0x20, 2]);
    expect([flash[0x3ff], flash[0x400], flash[0x7ff], flash[0x800]]).toEqual([0, 0xff, 0xff, 0]);
    bench.write('flash', CR, 4);
    bench.write('flash', CR, 0x1044);
    bench.pass(160_000);
    expect(flash.every((byte) => byte === 0xff)).toBe(true);
    expect(bench.interrupt('flash.irq')).toBe(true);
  });

  it('option bytes are erased and programmed, with their complement, and count after a reset', () => {
    const bench = f1();
    const { bus } = bench.machine;
    expect(bus.read(0x1fff_f7e0, 2)).toBe(128);
    expect(bus.read(0x1fff_f800, 4)).toBe(0x00ff_5aa5);
    unlock(bench);
    bench.write('flash', OPTKEYR, 0x4567_0123);
    bench.write('flash', OPTKEYR, 0xcdef_89ab);
    expect(bench.read('flash', CR)).toBe(0x200);
    bench.write('flash', CR, 0x220);
    bench.write('flash', CR, 0x260);
    bench.pass(160_000);
    expect(bus.read(0x1fff_f800, 4)).toBe(0xffff_ffff);
    bench.write('flash', CR, 0x210);
    bus.write(0x1fff_f800, 2, 0xa5);
    // Pages 0 to 3 are write-protected from now on.
    bus.write(0x1fff_f808, 2, 0xfe);
    expect(bus.read(0x1fff_f808, 2)).toBe(0x01fe);
    bench.machine.reset({ kind: 'software', source: 'cpu' });
    expect(bench.read('flash', 0x20)).toBe(0xffff_fffe);
    unlock(bench);
    bench.write('flash', CR, 1);
    bus.write(0x0800_0ffe, 2, 1);
    expect(bench.read('flash', SR)).toBe(0x10);
    bus.write(0x0800_1000, 2, 1);
    expect(bus.read(0x0800_1000, 2)).toBe(1);
  });
});

describe('flash controller of STM32F2 and F4', () => {
  it('clears bits with writes of the width of PSIZE, and says what is wrong with others', () => {
    const bench = f4();
    const { bus } = bench.machine;
    expect([0, SR, CR, 0x14].map((offset) => bench.read('flash', offset))).toEqual([0, 0, 0x8000_0000, 0x0fff_aaed]);
    bus.write(0x0800_0000, 4, 0);
    expect(bench.read('flash', SR)).toBe(0x80);
    bench.write('flash', SR, 0x80);
    unlock(bench);
    bench.write('flash', CR, 0x201);
    bus.write(0x0800_0010, 4, 0x1234_5678);
    expect(bench.read('flash', SR)).toBe(0x1_0000);
    bench.pass(256);
    expect(bench.read('flash', SR)).toBe(0);
    bus.write(0x0800_0010, 4, 0xffff_0000);
    expect(bus.read(0x0800_0010, 4)).toBe(0x1234_0000);
    bus.write(0x0800_0020, 2, 0);
    expect(bench.read('flash', SR) & 0xf0).toBe(0x40);
    expect(bus.read(0x0800_0020, 2)).toBe(0xffff);
  });

  it.each([
    { sector: 0, offset: 0, size: 0x4000 },
    { sector: 3, offset: 0xc000, size: 0x4000 },
    { sector: 4, offset: 0x1_0000, size: 0x1_0000 },
    { sector: 5, offset: 0x2_0000, size: 0x2_0000 },
    { sector: 11, offset: 0xe_0000, size: 0x2_0000 },
  ])('erases sector $sector', ({ sector, offset, size }) => {
    const bench = f4();
    const flash = bench.machine.memory('flash').fill(0);
    unlock(bench);
    bench.write('flash', CR, 0x0100_0002 | (sector << 3));
    bench.write('flash', CR, 0x0101_0002 | (sector << 3));
    bench.pass(256);
    expect(bench.interrupt('flash.irq')).toBe(true);
    expect(flash.findIndex((byte) => byte === 0xff)).toBe(offset);
    expect(flash.reduce((sum, byte) => sum + (byte === 0xff ? 1 : 0), 0)).toBe(size);
    bench.write('flash', SR, 1);
    expect(bench.interrupt('flash.irq')).toBe(false);
  });

  it('keeps protected sectors', () => {
    const bench = f4();
    bench.machine.memory('flash').fill(0);
    bench.write('flash', 0x14, 0x0ffe_aaec);
    expect(bench.read('flash', 0x14)).toBe(0x0fff_aaed);
    bench.write('flash', OPTKEYR, 0x0819_2a3b);
    bench.write('flash', OPTKEYR, 0x4c5d_6e7f);
    bench.write('flash', 0x14, 0x0ffe_aaee);
    unlock(bench);
    bench.write('flash', CR, 0x1_0002);
    expect(bench.read('flash', SR) & 0xf0).toBe(0x10);
    bench.write('flash', CR, 0x1_000a);
    expect(bench.machine.memory('flash')[0x4000]).toBe(0xff);
  });
});
