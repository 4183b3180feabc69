import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boardNames, loadBoard, type LoadedBoard } from '../board-file.js';
import { DeviceBench } from '../testing/device-bench.js';

/** Every device of a board, without its CPU. */
function benchOf({ board, deviceClass }: LoadedBoard): DeviceBench {
  return new DeviceBench(
    board.devices.map((device) => ({ ...device, device: { ...deviceClass(device.device), name: device.device } })),
    { clocks: board.clocks, memory: board.memory.filter(({ kind }) => kind !== 'alias') },
  );
}

const poke = fc.record({
  /** 0: the run's own device; else any. */
  device: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat() }),
  offset: fc.oneof(fc.integer({ min: 0, max: 0x40 }), fc.integer({ min: 0, max: 0x400 }), fc.nat({ max: 0xf_ffff })),
  alias: fc.constantFrom(0, 0, 0x2000, 0x3000),
  size: fc.constantFrom(1, 2, 4, 4, 4, 4),
  value: fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 31 }).map((bit) => 2 ** bit), fc.constantFrom(0, 1, 0xffff_ffff)),
  read: fc.boolean(),
  pass: fc.constantFrom(0, 0, 1, 100, 100_000),
});

describe.each(boardNames())('%s', (name) => {
  it('has no register whose value breaks a device, or makes it go on for ever', async () => {
    const loaded = await loadBoard(name);
    fc.assert(
      fc.property(fc.nat(), fc.array(poke, { minLength: 1, maxLength: 200 }), (own, pokes) => {
        const bench = benchOf(loaded);
        const placed = loaded.board.devices.filter(({ size }) => size > 0);
        for (const { device, offset, alias, size, value, read, pass } of pokes) {
          const target = placed[(own + device) % placed.length];
          if (target === undefined) continue;
          const at = ((alias + offset) & -size) % target.size;
          if (read) {
            const got = bench.read(target.name, at, size);
            expect(Number.isInteger(got) && got >= 0 && got < 2 ** (size * 8)).toBe(true);
          } else {
            bench.write(target.name, at, value % 2 ** (size * 8), size);
          }
          if (pass > 0) bench.pass(pass);
        }
      }),
      { numRuns: Number(process.env['DEVICE_POKES'] ?? 40) },
    );
  });
});
