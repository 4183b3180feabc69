import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boardNames, loadBoard } from '../board-file.js';
import { DeviceBench, type BenchDevice } from '../testing/device-bench.js';

/** What firmware may do to a device: any access, and let time pass. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), device: fc.nat(), word: fc.nat(), size: fc.constantFrom(1, 2, 4), value: fc.oneof(fc.constantFrom(0, 1, 3, 0xff, 0xffff_ffff), fc.integer({ min: 0, max: 0xffff_ffff })) }),
  fc.record({ kind: fc.constant('read' as const), device: fc.nat(), word: fc.nat(), size: fc.constantFrom(1, 2, 4), value: fc.constant(0) }),
  fc.record({ kind: fc.constant('pass' as const), device: fc.constant(0), word: fc.constant(0), size: fc.constant(1), value: fc.integer({ min: 1, max: 20_000 }) }),
);

/** Registers lie close together: most accesses shall hit one. */
const nearest = 0x200;

describe('devices under firmware that writes anything anywhere', () => {
  it.each(boardNames())('%s', async (name) => {
    const { board, deviceClass } = await loadBoard(name);
    const devices: BenchDevice[] = board.devices.map((device) => ({ ...device, device: deviceClass(device.device), interrupts: {} }));
    const placed = board.devices.filter(({ size }) => size > 0);
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
        const bench = new DeviceBench(devices, { clocks: board.clocks, memory: board.memory.filter(({ kind }) => kind !== 'alias').map((memory) => ({ ...memory, size: Math.min(memory.size, 0x1_0000) })) });
        for (const { kind, device, word, size, value } of steps) {
          const { base, size: bytes } = placed[device % placed.length] ?? { base: 0, size: 4 };
          const reach = word % 4 === 0 ? bytes : Math.min(bytes, nearest);
          const address = base + (word % Math.max(1, Math.floor(reach / 4))) * 4;
          if (kind === 'pass') bench.pass(value);
          else if (kind === 'read') expect(bench.machine.bus.read(address, size) ?? 0).toBeGreaterThanOrEqual(0);
          else bench.machine.bus.write(address, size, size === 4 ? value : value % 2 ** (8 * size));
        }
      }),
      { numRuns: 40 },
    );
  });
});
