import { describe, expect, it } from '@jest/globals';
import { createProcessor, loadBoard, Machine } from '@fireball/emulator';
import { targets } from '../testing/module.js';
import { defaultStackBytes } from '../vsoc.js';
import { memoryMap } from './memory-map.js';

/** Ordinary firmware runs on boards with the memories of the virtual SoC. */
describe.each(targets)('the board fireball-%s', (isa) => {
  it("has the virtual SoC's memories where it has them", async () => {
    const { board } = await loadBoard(`fireball-${isa}`);
    const { rom, lowData, stackReserve, stack, firmware } = memoryMap;
    expect(stack.base).toBe(lowData.base + lowData.size + stackReserve.size);
    expect(board.memory.map(({ name, kind, base, size }) => ({ name, kind, base, size }))).toEqual([
      { name: 'rom', kind: 'rom', ...rom },
      { name: 'flash', kind: 'rom', ...firmware.flash },
      { name: 'sram', kind: 'ram', base: lowData.base, size: stack.base + defaultStackBytes - lowData.base },
      { name: 'ram', kind: 'ram', ...firmware.ram },
    ]);
    expect(board.processor.resetVector).toBe(firmware.flash.base);
  });

  it('has its devices where the virtual SoC has nothing', async () => {
    const { board, deviceClass } = await loadBoard(`fireball-${isa}`);
    const { dma, resultBuffer } = memoryMap;
    for (const { name, base, size } of board.devices) expect([name, base >= dma.base + dma.size && base + size <= resultBuffer.base]).toEqual([name, true]);
    new Machine({ board, createProcessor, deviceClass }).close();
  });

  it('has the same devices as the other', async () => {
    const devicesOf = async (name: string): Promise<unknown> => {
      const { board } = await loadBoard(name);
      return board.devices.filter((device) => device.name !== 'clint' && device.name !== 'plic').map(({ name: own, device, base }) => [own, device, base]);
    };
    expect(await devicesOf(`fireball-${isa}`)).toEqual(await devicesOf('fireball-thumb2'));
  });
});
