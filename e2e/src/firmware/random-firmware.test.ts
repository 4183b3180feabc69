import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { FireballError } from '@fireball/contracts';
import { boardNames, createProcessor, loadBoard, Machine, type LoadedBoard, type MachineEnd, type MachineSnapshot } from '@fireball/emulator';
import { Random } from '@fireball/engines';
import { readImage, type FirmwareImage } from '@fireball/image';
import { pokeProgram } from './poke-program.js';

// Whatever is put into a machine: it ends, it says how, and it does the same again.

const names = boardNames();
const cases = Number(process.env['FIRMWARE_CASES'] ?? 10_000);
const firstSeed = Number(process.env['FIRMWARE_SEED'] ?? 1);
const casesOfBoard = Math.ceil(cases / names.length);
const mostInstructions = 6000;
const rows = 200;

const ends = ['limit', 'asleep', 'power-off', 'exit', 'fault'];

interface Firmware {
  readonly image: FirmwareImage;
  readonly registers?: Readonly<Record<string, number>>;
}

/** A real image, where it is installed. */
const realImages: Readonly<Record<string, string>> = { microbit: '/usr/share/firmware-microbit-micropython/firmware.hex' };

/** Bytes anywhere: behind a vector table that leads to them, or without one. */
function randomBytes({ board }: LoadedBoard, random: Random): Firmware {
  const ram = board.memory.find(({ kind }) => kind === 'ram')!;
  const isArm = board.processor.core.startsWith('cortex-m');
  const address = isArm ? board.processor.resetVector : ram.base;
  const data = Uint8Array.from({ length: 512 }, () => random.below(256));
  const view = new DataView(data.buffer);
  if (isArm && random.chance(90)) {
    view.setUint32(0, ram.base + 0x800, true);
    for (let vector = 1; vector < 16; vector++) view.setUint32(4 * vector, (address + 64 + 2 * random.below(200)) | 1, true);
  }
  return { image: { ...readImage(data, { base: address, format: 'raw' }), entry: address } };
}

/** Some bytes of it are others. */
function mutated(image: FirmwareImage, random: Random): FirmwareImage {
  const segments = image.segments.map((segment) => ({ ...segment, data: segment.data.slice() }));
  for (let count = random.between(1, 60); count > 0; count--) {
    const { data } = random.pick(segments);
    data[random.below(Math.min(data.length, random.chance(50) ? 0x1000 : data.length))] = random.below(256);
  }
  return { ...image, segments };
}

interface Run {
  readonly end: MachineEnd;
  readonly instructions: number;
  readonly cycles: number;
  readonly memory: string;
}

/** A machine that is new for every firmware: going back to its beginning takes a small part of the time that making one does. */
class Reused {
  readonly #machine: Machine;
  readonly #beginning: MachineSnapshot;
  #hash = createHash('sha256');

  constructor({ board, deviceClass }: LoadedBoard, unmapped: boolean) {
    const onUnmapped = (...access: readonly (number | boolean)[]): void => {
      this.#hash.update(`${access.join()} ${this.#machine.timeline.now} `);
    };
    this.#machine = new Machine({ board, deviceClass, createProcessor, onUnmapped: unmapped ? onUnmapped : undefined });
    this.#beginning = this.#machine.save();
  }

  run({ image, registers = {} }: Firmware, slice: number): Run {
    const machine = this.#machine;
    this.#hash = createHash('sha256');
    machine.restore(this.#beginning);
    machine.load(image);
    machine.reset();
    for (const [name, value] of Object.entries(registers)) machine.processor.writeRegister(name, value);
    let end: MachineEnd = { kind: 'limit' };
    while (end.kind === 'limit' && machine.instructions < mostInstructions) {
      const before = machine.timeline.now;
      end = machine.run({ instructions: Math.min(slice, mostInstructions - machine.instructions), until: 1e9 });
      if (machine.timeline.now === before) break;
    }
    for (const { name, kind, size } of machine.board.memory) if (kind === 'ram') this.#hash.update(machine.memory(name).subarray(0, Math.min(size, 0x2000)));
    return { end, instructions: machine.instructions, cycles: machine.timeline.now, memory: this.#hash.digest('hex') };
  }

  close(): void {
    this.#machine.close();
  }
}

describe.each(names)('%s', (name) => {
  let loaded: LoadedBoard;
  beforeAll(async () => {
    loaded = await loadBoard(name);
  });

  it(
    `survives ${casesOfBoard} firmwares from seed ${firstSeed} on`,
    () => {
      const { board } = loaded;
      const file = realImages[name];
      const real = file !== undefined && existsSync(file) ? readImage(readFileSync(file)) : undefined;
      const failures: string[] = [];
      // With bus faults where nothing is, and without.
      const machines = [false, true].map((unmapped) => new Reused(loaded, unmapped));
      const seen = new Set<string>();
      for (let seed = firstSeed; seed < firstSeed + casesOfBoard; seed++) {
        const random = new Random(seed);
        const kind = random.below(10);
        const firmware: Firmware =
          kind < 2 ? randomBytes(loaded, random) : kind < 5 && real !== undefined ? { image: mutated(real, random) } : pokeProgram(board, random, rows);
        // Every third firmware finds nothing, instead of bus faults, where nothing is.
        const unmapped = seed % 3 === 0;
        try {
          const whole = machines[unmapped ? 1 : 0]!.run(firmware, mostInstructions);
          seen.add(whole.end.kind);
          if (!ends.includes(whole.end.kind)) failures.push(`${seed}: ended by ${whole.end.kind}`);
          if (seed % 10 === 0) {
            const other = new Reused(loaded, unmapped);
            const again = other.run(firmware, random.between(1, 700));
            other.close();
            expect(again).toEqual(whole);
          }
        } catch (error) {
          if (!(error instanceof FireballError) || error.exitStatus === 70) failures.push(`${seed}: ${String(error)}`);
        }
        if (failures.length > 5) break;
      }
      for (const machine of machines) machine.close();
      expect(failures).toEqual([]);
      // Firmware that ends at once would test nothing.
      expect(seen.size).toBeGreaterThan(1);
    },
    60_000 + casesOfBoard * 100,
  );
});
