import { describe, expect, it } from '@jest/globals';
import { DeviceBench, type BenchDevice } from '../../testing/device-bench.js';
import { stm32f1Dma } from './dma-f1.js';
import { stm32f4Dma } from './dma-f4.js';
import { stm32Usart } from './usart.js';

const memory = [{ name: 'sram', kind: 'ram', base: 0x2000_0000, size: 4096 }] as const;

function bench(dma: BenchDevice): DeviceBench {
  const made = new DeviceBench(
    [
      { ...dma, name: 'dma' },
      { device: stm32Usart, name: 'usart1' },
    ],
    { memory },
  );
  made.machine.memory('sram').set([0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x21, 0x0a, 0x00]);
  return made;
}

describe('DMA of STM32F1', () => {
  const channel4 = 0x08 + 3 * 20;

  it.each([
    { name: 'words', ccr: 0x4ac1, count: 2, expected: [0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x21, 0x0a, 0] },
    { name: 'bytes into half-words', ccr: 0x44c1, count: 3, expected: [0x68, 0, 0x65, 0, 0x6c, 0] },
    { name: 'half-words into bytes', ccr: 0x41c1, count: 3, expected: [0x68, 0x6c, 0x6f] },
  ])('moves memory to memory: $name', ({ ccr, count, expected }) => {
    const it = bench({ device: stm32f1Dma });
    it.write('dma', 0x0c, count);
    it.write('dma', 0x10, 0x2000_0000);
    it.write('dma', 0x14, 0x2000_0100);
    it.write('dma', 0x08, ccr | 2);
    expect([...it.machine.memory('sram').subarray(0x100, 0x100 + expected.length)]).toEqual(expected);
    expect([it.read('dma', 0x00), it.read('dma', 0x0c), it.interrupt('dma.channel1')]).toEqual([7, 0, true]);
    it.write('dma', 0x04, 1);
    expect([it.read('dma', 0x00), it.interrupt('dma.channel1')]).toEqual([0, false]);
  });

  it('feeds a USART, item by item, and again where it is circular', () => {
    const it = bench({ device: stm32f1Dma });
    const heard = it.listen('usart1');
    it.write('usart1', 8, 16);
    it.write('usart1', 0xc, 0x2008);
    it.write('usart1', 0x14, 0x80);
    it.write('dma', channel4 + 4, 3);
    it.write('dma', channel4 + 8, 0x4001_0004);
    it.write('dma', channel4 + 12, 0x2000_0000);
    it.write('dma', channel4, 0xb1);
    expect(it.read('dma', channel4 + 4)).toBe(1);
    it.pass(160 * 7);
    expect(Buffer.from(heard).toString()).toBe('helhelh');
    it.write('dma', channel4, 0);
    it.pass(1000);
    expect(Buffer.from(heard).toString()).toBe('helhelhel');
  });

  it('an address with nothing behind it is an error that switches the channel off', () => {
    const it = bench({ device: stm32f1Dma });
    it.write('dma', 0x0c, 1);
    it.write('dma', 0x10, 0x9000_0000);
    it.write('dma', 0x14, 0x2000_0100);
    it.write('dma', 0x08, 0x4ac9);
    expect([it.read('dma', 0), it.read('dma', 8) & 1, it.interrupt('dma.channel1')]).toEqual([9, 0, true]);
  });
});

describe('DMA of STM32F2 and F4', () => {
  const stream = (number: number): number => 0x10 + number * 0x18;

  it('moves memory to memory', () => {
    const it = bench({ device: stm32f4Dma, parameters: { controller: 2 } });
    it.write('dma', stream(0) + 4, 8);
    it.write('dma', stream(0) + 8, 0x2000_0000);
    it.write('dma', stream(0) + 12, 0x2000_0100);
    it.write('dma', stream(0), 0x691);
    expect(Buffer.from(it.machine.memory('sram').subarray(0x100, 0x106)).toString()).toBe('hello!');
    expect([it.read('dma', 0), it.read('dma', stream(0)) & 1, it.interrupt('dma.stream0')]).toEqual([0x30, 0, true]);
    it.write('dma', 8, 0x3d);
    expect([it.read('dma', 0), it.interrupt('dma.stream0')]).toEqual([0, false]);
  });

  it('takes bytes from a USART, from the stream and channel that are its', () => {
    const it = bench({ device: stm32f4Dma, parameters: { controller: 2 } });
    it.write('dma', stream(5) + 4, 4);
    it.write('dma', stream(5) + 8, 0x4001_0004);
    it.write('dma', stream(5) + 12, 0x2000_0200);
    it.write('dma', stream(5), 0x0800_0411);
    it.write('usart1', 8, 16);
    it.write('usart1', 0xc, 0x2004);
    it.write('usart1', 0x14, 0x40);
    it.machine.serial('usart1').type('pong');
    it.pass(161);
    expect(it.read('dma', stream(5) + 4)).toBe(3);
    it.pass(1000);
    expect(Buffer.from(it.machine.memory('sram').subarray(0x200, 0x204)).toString()).toBe('pong');
    expect([it.read('dma', 4), it.interrupt('dma.stream5')]).toEqual([0xc00, true]);
  });

  it('changes between two buffers', () => {
    const it = bench({ device: stm32f4Dma, parameters: { controller: 2 } });
    it.write('dma', stream(5) + 4, 2);
    it.write('dma', stream(5) + 8, 0x4001_0004);
    it.write('dma', stream(5) + 12, 0x2000_0200);
    it.write('dma', stream(5) + 16, 0x2000_0300);
    it.write('dma', stream(5), 0x0804_0401);
    it.write('usart1', 8, 16);
    it.write('usart1', 0xc, 0x2004);
    it.write('usart1', 0x14, 0x40);
    it.machine.serial('usart1').type('abcdef');
    it.pass(1000);
    const sram = it.machine.memory('sram');
    expect(Buffer.from([...sram.subarray(0x200, 0x202), ...sram.subarray(0x300, 0x302)]).toString()).toBe('efcd');
    expect(it.read('dma', stream(5)) & 0x8_0000).toBe(0x8_0000);
  });
});
