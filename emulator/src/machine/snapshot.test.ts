import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { UsageError } from '@fireball/contracts';
import { loadBoard } from '../board-file.js';
import { Semihosting } from '../semihosting/semihosting.js';
import { guest } from '../testing/arm/guest.js';
import { createProcessor } from './cores.js';
import type { DeviceClass } from './device.js';
import { Machine } from './machine.js';
import { machineWith } from '../riscv/testing/bench.js';
import { csrNumbers } from '../riscv/csr.js';

const machines: Machine[] = [];
const kept = (machine: Machine): Machine => {
  machines.push(machine);
  return machine;
};
afterEach(() => {
  for (const machine of machines.splice(0)) machine.close();
});

async function boardMachine(name: string): Promise<Machine> {
  const { board, deviceClass } = await loadBoard(name);
  const machine = kept(new Machine({ board, deviceClass, createProcessor }));
  machine.reset();
  return machine;
}

/** Halfwords behind a vector table with room for 16. */
function armProgram(...halfwords: number[]): Uint8Array {
  const bytes = new Uint8Array(0x100);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x2000_8000, true);
  for (let vector = 1; vector < 16; vector++) view.setUint32(4 * vector, (vector === 1 ? 0x40 : 0xc0) | 1, true);
  halfwords.forEach((halfword, index) => {
    view.setUint16(0x40 + 2 * index, halfword, true);
  });
  return bytes;
}

describe('a snapshot', () => {
  it('shares the pages that are as they were', async () => {
    const machine = await boardMachine('mps2-an385');
    machine.memory('psram').fill(7, 0, 0x3000);
    const first = machine.save();
    expect(first.ownBytes).toBe(0x3000);
    machine.memory('psram')[0x1001] = 8;
    const second = machine.save(first);
    expect(second.ownBytes).toBe(0x1000);
    expect(second.memories['psram']?.[0]).toBe(first.memories['psram']?.[0]);
    machine.restore(first);
    expect(machine.memory('psram')[0x1001]).toBe(7);
    machine.restore(second);
    expect(machine.memory('psram')[0x1001]).toBe(8);
  });

  it('is not taken within a run, and is of one board', async () => {
    const errors: unknown[] = [];
    const noisy: DeviceClass = {
      name: 'noisy',
      summary: '',
      size: 0x1000,
      create: () => ({
        state: {},
        reset: () => undefined,
        read: () => {
          for (const use of [
            () => machine.save(),
            () => {
              machine.restore(before);
            },
          ]) {
            try {
              use();
            } catch (error) {
              errors.push(error);
            }
          }
          return 0;
        },
        write: () => undefined,
      }),
    };
    // movs r0, #1; lsls r0, #30; ldr r0, [r0]; b .
    const device = { name: 'noisy', device: 'noisy', base: 0x4000_0000, size: 0x1000, interrupts: {}, clocks: {}, parameters: {} };
    const machine = kept(guest({ core: 'cortex-m3', program: armProgram(0x2001, 0x0780, 0x6800, 0xe7fe), devices: [device], deviceClasses: [noisy] }));
    const before = machine.save();
    machine.run({ instructions: 10 });
    expect(errors).toEqual([expect.any(UsageError), expect.any(UsageError)]);
    const other = await boardMachine('microbit');
    expect(() => {
      other.restore(before);
    }).toThrow('the snapshot is of the board test-cortex-m3, and this is microbit');
  });

  it('has code that was rewritten meanwhile run as it was', () => {
    const machine = kept(guest({ core: 'cortex-m4', program: armProgram(0xe7fe) }));
    const ram = machine.memory('ram');
    // adds r0, #1; b .-2
    ram.set([0x01, 0x30, 0xfd, 0xe7]);
    machine.processor.writeRegister('pc', 0x2000_0000);
    machine.run({ instructions: 10 });
    const snapshot = machine.save();
    ram[0] = 2;
    machine.processor.invalidate(0x2000_0000, 4);
    machine.run({ instructions: 10 });
    expect(machine.processor.readRegister('r0')).toBe(15);
    machine.restore(snapshot);
    machine.run({ instructions: 10 });
    expect(machine.processor.readRegister('r0')).toBe(10);
  });

  it.each(['cortex-m3', 'cortex-m4', 'cortex-m7', 'cortex-m33'])('has the exclusive monitor of a %s', (core) => {
    // ldrex r0, [r1]; adds r0, #1; strex r2, r0, [r1]; b .
    const machine = kept(guest({ core, program: armProgram(0xe851, 0x0f00, 0x3001, 0xe841, 0x0200, 0xe7fe) }));
    machine.processor.writeRegister('r1', 0x2000_0100);
    machine.processor.writeRegister('r2', 5);
    const open = machine.save();
    machine.run({ instructions: 2 });
    const loaded = machine.save();
    machine.run({ instructions: 3 });
    expect(machine.processor.readRegister('r2')).toBe(0);
    const fresh = kept(guest({ core, program: armProgram() }));
    for (const restored of [machine, fresh]) {
      restored.restore(loaded);
      restored.run({ instructions: 3 });
      expect(restored.processor.readRegister('r2')).toBe(0);
      // Without a load the store fails.
      restored.restore(open);
      restored.processor.writeRegister('pc', 0x46);
      restored.run({ instructions: 1 });
      expect(restored.processor.readRegister('r2')).toBe(1);
    }
  });

  it.each(['rv32imac', 'rv64imac', 'rv32gc', 'rv64gc'])('has the locked entries of PMP of %s, and a reset takes them away', (core) => {
    const machine = kept(machineWith(core, (program) => program.label('here').j('here')));
    const read = (csr: number): bigint | undefined => hartOf(machine).readCsr(csr);
    const clear = machine.save();
    hartOf(machine).writeCsr(csrNumbers.pmpaddr0, 0x2000_0000n);
    hartOf(machine).writeCsr(csrNumbers.pmpcfg0, 0x9fn);
    const locked = machine.save();
    hartOf(machine).writeCsr(csrNumbers.pmpcfg0, 0n);
    expect(read(csrNumbers.pmpcfg0)).toBe(0x9fn);
    machine.restore(clear);
    expect(read(csrNumbers.pmpcfg0)).toBe(0n);
    machine.restore(locked);
    expect([read(csrNumbers.pmpcfg0), read(csrNumbers.pmpaddr0)]).toEqual([0x9fn, 0x2000_0000n]);
    machine.reset();
    expect([read(csrNumbers.pmpcfg0), read(csrNumbers.pmpaddr0)]).toEqual([0n, 0n]);
  });

  it('has frequencies, wires and what was typed', async () => {
    const [machine, fresh] = [await boardMachine('netduinoplus2'), await boardMachine('netduinoplus2')];
    machine.pin('gpioa.0').set(true);
    machine.clocks.cpu.hertz = 168_000_000;
    machine.serial('usart1').type('abc');
    fresh.restore(machine.save());
    expect([fresh.pin('gpioa.0').level, fresh.clocks.cpu.hertz, fresh.serial('usart1').waiting]).toEqual([true, 168_000_000, 3]);
    // Listeners hear the next change, and not the restored level.
    const heard: boolean[] = [];
    fresh.pin('gpioa.0').onChange((level) => heard.push(level));
    fresh.pin('gpioa.0').set(true);
    fresh.pin('gpioa.0').set(false);
    expect(heard).toEqual([false]);
  });

  it('has a core that is locked up stay so', () => {
    const machine = kept(guest({ core: 'cortex-m0', program: new Uint8Array(8).fill(0xff) }));
    const end = machine.run({ instructions: 10 });
    expect(end).toMatchObject({ kind: 'fault' });
    const fresh = kept(guest({ core: 'cortex-m0', program: armProgram(0xe7fe) }));
    fresh.restore(machine.save());
    expect(fresh.run({ instructions: 10 })).toEqual(end);
  });

  it('has the files of semihosting open where they were, as often as it is restored', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fireball-snapshot-'));
    try {
      writeFileSync(join(folder, 'in.txt'), 'abcdef');
      const machine = await boardMachine('mps2-an385');
      const ram = machine.memory('psram');
      const view = new DataView(ram.buffer, ram.byteOffset);
      const base = 0x2100_0000;
      const semihosting = new Semihosting({
        bus: machine.bus,
        wordSize: 4,
        folder,
        write: () => undefined,
        read: () => undefined,
        waiting: () => 0,
        commandLine: '',
        seconds: () => 0,
        heap: () => ({ base: 0, limit: 0 }),
        warn: () => undefined,
      });
      machine.addPart('semihosting', semihosting);
      const call = (operation: number, ...words: number[]): unknown => {
        words.forEach((word, index) => {
          view.setUint32(4 * index, word, true);
        });
        return semihosting.handle(operation, base);
      };
      ram.set(Buffer.from('in.txt\0out.txt\0'), 0x100);
      const read = (): string => {
        call(6, 1, base + 0x200, 2);
        return Buffer.from(ram.subarray(0x200, 0x202)).toString();
      };
      expect([call(1, base + 0x100, 0, 6), call(1, base + 0x107, 4, 7)]).toEqual([{ result: 1 }, { result: 2 }]);
      expect(read()).toBe('ab');
      const snapshot = machine.save();
      for (let time = 0; time < 2; time++) {
        expect(read()).toBe('cd');
        expect([call(5, 2, base + 0x200, 2), call(2, 1), call(2, 2)]).toEqual([{ result: 0 }, { result: 0 }, { result: 0 }]);
        machine.restore(snapshot);
      }
      expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toBe('cd');
      rmSync(join(folder, 'in.txt'));
      expect(() => {
        machine.restore(snapshot);
      }).toThrow("the snapshot has the file 'in.txt' of the semihosting folder open, which cannot be opened: ENOENT");
      semihosting.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

interface WithHart {
  readonly hart: { readCsr(number: number): bigint | undefined; writeCsr(number: number, value: bigint): boolean };
}

function hartOf(machine: Machine): WithHart['hart'] {
  return (machine.processor as unknown as WithHart).hart;
}
