import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadBoard } from '../../board-file.js';
import { createProcessor } from '../../machine/cores.js';
import { Machine } from '../../machine/machine.js';

/** Where Debian's package openocd has the sources and bytes of its flash loaders, which nobody here wrote. */
const folder = process.env['OPENOCD_LOADERS'] ?? '/usr/share/doc/openocd/loaders';
const isThere = existsSync(join(folder, 'flash/stm32/stm32f1x.inc'));

const sram = 0x2000_0000;
const flashBase = 0x0800_0000;
/** Loader, where its breakpoint leads, and its ring buffer: write and read pointer, then the data. */
const loader = sram + 0x100;
const stopped = sram + 0x80;
const workArea = sram + 0x400;
const data = workArea + 8;

function loaderBytes(name: string): Uint8Array {
  const text = readFileSync(join(folder, `flash/stm32/${name}.inc`), 'utf8').replace(/\/\*[^]*?\*\//g, '');
  return Uint8Array.from(text.match(/0x[0-9a-f]{2}/g) ?? [], Number);
}

const rows = [
  {
    board: 'stm32vldiscovery',
    name: 'stm32f1x',
    controller: 0x4002_2000,
    unlock: { KEYR: 0x04, CR: 1 },
    target: flashBase + 0x4000,
    registers: (count: number, end: number) => ({ r0: 0x4002_2000, r1: count, r2: workArea, r3: end, r4: flashBase + 0x4000 }),
  },
  {
    board: 'netduino2',
    name: 'stm32f2x',
    controller: 0x4002_3c00,
    unlock: { KEYR: 0x04, CR: 0x101 },
    target: flashBase + 0x8000,
    registers: (count: number, end: number) => ({ r0: workArea, r1: end, r2: flashBase + 0x8000, r3: count, r4: 0x4002_3c00 }),
  },
  {
    board: 'netduinoplus2',
    name: 'stm32f2x',
    controller: 0x4002_3c00,
    unlock: { KEYR: 0x04, CR: 0x101 },
    target: flashBase + 0x8000,
    registers: (count: number, end: number) => ({ r0: workArea, r1: end, r2: flashBase + 0x8000, r3: count, r4: 0x4002_3c00 }),
  },
] as const;

(isThere ? describe : describe.skip)('flash loaders of OpenOCD (Debian package openocd)', () => {
  it.each(rows)('$name programs $board', async ({ board: boardName, name, controller, unlock, target, registers }) => {
    const { board, deviceClass } = await loadBoard(boardName);
    const machine = new Machine({ board, createProcessor, deviceClass });
    const { bus, processor } = machine;
    const content = Uint8Array.from({ length: 600 }, (_, index) => (index * 7 + 3) & 0xff);
    const vectors = new Uint32Array(16).fill(stopped | 1);
    vectors[0] = sram + 0x1000;
    vectors[1] = loader | 1;
    machine.memory('flash').set(new Uint8Array(vectors.buffer));
    const memory = machine.memory('sram');
    memory.set([0xfe, 0xe7], stopped - sram);
    memory.set(loaderBytes(name), loader - sram);
    memory.set(content, data - sram);
    const end = data + content.length;
    // The debugger has filled the buffer but for nothing: the write pointer stands behind the data, one half-word of room at the end.
    memory.set(new Uint8Array(Uint32Array.of(end, data).buffer), workArea - sram);
    machine.reset();
    bus.write(controller + unlock.KEYR, 4, 0x4567_0123);
    bus.write(controller + unlock.KEYR, 4, 0xcdef_89ab);
    bus.write(controller + 0x10, 4, unlock.CR);
    for (const [register, value] of Object.entries(registers(content.length / 2, end + 2))) processor.writeRegister(register, value);
    machine.run({ instructions: 2_000_000 });
    expect(processor.readRegister('pc') & ~1).toBe(stopped);
    // The status that it returns has no error.
    expect(processor.readRegister('r0') & 0xd4).toBe(0);
    const at = target - flashBase;
    expect(machine.memory('flash').slice(at, at + content.length)).toEqual(content);
    expect(machine.memory('flash').slice(at + content.length, at + content.length + 4)).toEqual(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    machine.close();
  });
});
