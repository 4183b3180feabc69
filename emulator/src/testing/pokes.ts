import fc from 'fast-check';
import type { LoadedBoard } from '../board-file.js';
import { DeviceBench } from './device-bench.js';

/** One access to a device of a board, and time that passes behind it. */
interface Poke {
  /** 0: the run's own device; else any. */
  readonly device: number;
  readonly offset: number;
  readonly alias: number;
  readonly size: 1 | 2 | 4;
  readonly value: number;
  readonly read: boolean;
  readonly pass: number;
}

/** Accesses, most of them at the registers that matter. */
export const pokes: fc.Arbitrary<Poke[]> = fc.array(
  fc.record({
    device: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat() }),
    offset: fc.oneof(fc.integer({ min: 0, max: 0x40 }), fc.integer({ min: 0, max: 0x400 }), fc.nat({ max: 0xf_ffff })),
    alias: fc.constantFrom(0, 0, 0x2000, 0x3000),
    size: fc.constantFrom<1 | 2 | 4>(1, 2, 4, 4, 4, 4),
    value: fc.oneof(
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.integer({ min: 0, max: 31 }).map((bit) => 2 ** bit),
      fc.constantFrom(0, 1, 0xffff_ffff),
    ),
    read: fc.boolean(),
    pass: fc.constantFrom(0, 0, 1, 100, 10_000),
  }),
  { minLength: 1, maxLength: 200, size: 'max' },
);

/** Every device of a board, without its CPU. */
export function benchOf({ board, deviceClass }: LoadedBoard): DeviceBench {
  return new DeviceBench(
    board.devices.map((device) => ({ ...device, device: { ...deviceClass(device.device), name: device.device } })),
    { clocks: board.clocks, memory: board.memory.filter(({ kind }) => kind !== 'alias') },
  );
}

/** The device that a poke is to, and the offset in it. */
export function accessOf({ board }: LoadedBoard, own: number, { device, offset, alias, size }: Poke): { readonly device: string; readonly offset: number } {
  const placed = board.devices.filter((one) => one.size > 0);
  const target = placed[(own + device) % placed.length];
  if (target === undefined) throw new RangeError(`${board.name} has no devices`);
  return { device: target.name, offset: ((alias + offset) & -size) % target.size };
}

/** @returns what was read; undefined for a write */
export function doPoke(bench: DeviceBench, loaded: LoadedBoard, own: number, poke: Poke): number | undefined {
  const { size, value, read, pass } = poke;
  const { device, offset } = accessOf(loaded, own, poke);
  let got: number | undefined;
  if (read) got = bench.read(device, offset, size);
  else bench.write(device, offset, value % 2 ** (size * 8), size);
  if (pass > 0) bench.pass(pass);
  return got;
}
