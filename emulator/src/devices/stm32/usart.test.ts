import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { stm32Usart } from './usart.js';

const SR = 0;
const DR = 4;
const BRR = 8;
const CR1 = 0xc;
const CR3 = 0x14;

/** 16 clocks of 8 MHz are a bit, and 4 CPU cycles a clock: 640 cycles for 10 bits. */
function usart(parameters: Record<string, number> = {}): DeviceBench {
  const bench = new DeviceBench([{ device: stm32Usart, name: 'usart1', clocks: { pclk: 'pclk2' }, parameters }], {
    clocks: { cpu: 32_000_000, pclk2: 8_000_000 },
  });
  bench.write('usart1', BRR, 16);
  bench.write('usart1', CR1, 0x200c);
  return bench;
}

describe('USART of STM32', () => {
  it('has reset values', () => {
    const bench = new DeviceBench([{ device: stm32Usart }]);
    expect([SR, DR, BRR, CR1, 0x10, CR3, 0x18].map((offset) => bench.read('stm32-usart', offset))).toEqual([0xc0, 0, 0, 0, 0, 0, 0]);
  });

  it('holds one character beside the one on the line: TXE, then TC', () => {
    const bench = usart();
    const heard = bench.listen('usart1');
    bench.write('usart1', DR, 0x41);
    expect(bench.read('usart1', SR)).toBe(0x80);
    bench.write('usart1', DR, 0x42);
    expect(bench.read('usart1', SR)).toBe(0);
    bench.pass(639);
    expect(heard).toEqual([]);
    bench.pass(1);
    expect([heard, bench.read('usart1', SR)]).toEqual([[0x41], 0x80]);
    bench.pass(640);
    expect([heard, bench.read('usart1', SR)]).toEqual([[0x41, 0x42], 0xc0]);
    expect(bench.warnings).toEqual([]);
  });

  it.each([
    { name: 'stop bits', register: 0x10, value: 0x2000, time: 704 },
    { name: 'nine bits', register: CR1, value: 0x300c, time: 704 },
    { name: 'oversampling by 8', register: CR1, value: 0xa00c, time: 320 },
  ])('a character takes its time: $name', ({ register, value, time }) => {
    const bench = usart();
    const heard = bench.listen('usart1');
    bench.write('usart1', register, value);
    bench.write('usart1', DR, 1);
    bench.pass(time - 1);
    expect(heard).toEqual([]);
    bench.pass(1);
    expect(heard).toEqual([1]);
  });

  it('TC is cleared by a read of SR and a write of DR, or by writing 0', () => {
    const bench = usart();
    bench.write('usart1', CR1, 0x204c);
    expect(bench.interrupt('usart1.irq')).toBe(true);
    bench.write('usart1', SR, 0xffff_ffbf);
    expect([bench.interrupt('usart1.irq'), bench.read('usart1', SR)]).toEqual([false, 0x80]);
  });

  it('receives in character time, waits until a byte is taken, then says that the line is idle', () => {
    const bench = usart();
    bench.write('usart1', CR1, 0x202c);
    bench.machine.serial('usart1').type('xy');
    bench.pass(639);
    expect(bench.interrupt('usart1.irq')).toBe(false);
    bench.pass(1);
    expect(bench.interrupt('usart1.irq')).toBe(true);
    bench.pass(10_000);
    expect(bench.read('usart1', SR)).toBe(0xe0);
    expect(bench.read('usart1', DR)).toBe(0x78);
    expect([bench.interrupt('usart1.irq'), bench.read('usart1', SR)]).toEqual([false, 0xc0]);
    bench.pass(640);
    expect(bench.read('usart1', DR)).toBe(0x79);
    bench.pass(640);
    expect(bench.read('usart1', SR)).toBe(0xd0);
    expect(bench.read('usart1', DR)).toBe(0x79);
    expect(bench.read('usart1', SR)).toBe(0xc0);
  });

  it('loses bytes and sets ORE where the other side does not wait', () => {
    const bench = usart({ overrun: 1 });
    bench.write('usart1', CR1, 0x202c);
    bench.machine.serial('usart1').type('abc');
    bench.pass(3 * 640);
    expect(bench.read('usart1', SR)).toBe(0xe8);
    expect(bench.read('usart1', DR)).toBe(0x61);
    expect(bench.read('usart1', SR) & 0x28).toBe(0);
    expect(bench.interrupt('usart1.irq')).toBe(false);
  });

  it('hears nothing while the receiver is off; a transmitter that is off sends with a warning', () => {
    const bench = usart();
    const heard = bench.listen('usart1');
    bench.write('usart1', CR1, 0);
    bench.machine.serial('usart1').type('a');
    bench.write('usart1', DR, 0x21);
    bench.pass(10_000);
    expect([heard, bench.read('usart1', SR), bench.warnings.length]).toEqual([[0x21], 0xc0, 1]);
  });
});
