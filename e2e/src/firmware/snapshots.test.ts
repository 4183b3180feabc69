import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { boardNames, createProcessor, loadBoard, Machine, type LoadedBoard, type MachineSnapshot } from '@fireball/emulator';
import { Random } from '@fireball/engines';
import { readImage, type FirmwareImage } from '@fireball/image';
import { boards, programs } from '../../firmware/boards.mjs';
import { connectSemihosting } from '../testing/machines.js';
import { pokeProgram } from './poke-program.js';

// A snapshot taken anywhere, restored where it was taken or in a machine that has just been made: both go on as the machine did that was never
// stopped. Everything that a machine has is compared: memory, registers, states of all devices, time.

const images = fileURLToPath(new URL('../../../e2e/firmware/images/', import.meta.url));
const cases = Number(process.env['SNAPSHOT_CASES'] ?? 4);
const firstSeed = Number(process.env['SNAPSHOT_SEED'] ?? 1);

/** Points of an image's run, and instructions of it that are looked at. */
const points = Math.ceil(cases / 4);
const longest = 1_000_000;

interface Firmware {
  readonly image: FirmwareImage;
  readonly registers?: Readonly<Record<string, number>>;
  readonly input?: string;
}

function create({ board, deviceClass }: LoadedBoard): Machine {
  const machine = new Machine({ board, deviceClass, createProcessor });
  machine.addPart('semihosting', connectSemihosting(machine));
  return machine;
}

function start(loaded: LoadedBoard, { image, registers = {}, input }: Firmware): Machine {
  const machine = create(loaded);
  machine.load(image);
  machine.reset();
  for (const [name, value] of Object.entries(registers)) machine.processor.writeRegister(name, value);
  if (input !== undefined && loaded.board.console !== undefined) machine.serial(loaded.board.console).type(input);
  return machine;
}

/** As far as it comes: it may sleep for ever, or end. */
function advance(machine: Machine, instructions: number): void {
  machine.run({ instructions, until: machine.timeline.now + 100 * instructions });
}

/** All of a machine, the contents of its memories by hash. */
function everything(machine: Machine): Record<string, string> {
  return digest(machine.save());
}

const zeros = new Uint8Array(4096);

/** In texts, which are quick to compare. */
function digest({ memories, storages, registers, instructions, state }: MachineSnapshot): Record<string, string> {
  const texts: Record<string, string> = { instructions: `${instructions}`, registers: Buffer.from(registers).toString('hex') };
  for (const [name, pages] of Object.entries({ ...memories, ...storages })) {
    const hash = createHash('sha1');
    for (const [index, page] of pages.entries()) if (Buffer.compare(page, zeros) !== 0) hash.update(`${index}`).update(page);
    texts[`memory ${name}`] = hash.digest('hex');
  }
  for (const [part, value] of Object.entries({ ...state, images: state.images.length })) {
    if (part !== 'devices') texts[part] = inspect(value, unlimited);
  }
  for (const [name, value] of Object.entries(state.devices)) texts[`device ${name}`] = inspect(value, unlimited);
  return texts;
}

const unlimited = { depth: null, maxArrayLength: null, maxStringLength: null, breakLength: Infinity };

/** Two points of one run; from the first one the second is reached in three ways. */
function check(loaded: LoadedBoard, firmware: Firmware, first: number, second: number): void {
  const [whole, machine, fresh] = [start(loaded, firmware), start(loaded, firmware), create(loaded)];
  try {
    advance(whole, first);
    advance(whole, second);
    const expected = everything(whole);
    advance(machine, first);
    const snapshot = machine.save();
    const kept = digest(snapshot);
    advance(machine, second);
    expect(everything(machine)).toEqual(expected);
    machine.restore(snapshot);
    expect(machine.save(snapshot).ownBytes).toBe(0);
    expect(everything(machine)).toEqual(kept);
    advance(machine, second);
    expect(everything(machine)).toEqual(expected);
    fresh.restore(snapshot);
    advance(fresh, second);
    expect(everything(fresh)).toEqual(expected);
    expect(digest(snapshot)).toEqual(kept);
  } finally {
    for (const one of [whole, machine, fresh]) one.close();
  }
}

/** With the seed that repeats it. */
function checkSeeds(seeds: number, run: (random: Random) => void): void {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    try {
      run(new Random(seed));
    } catch (error) {
      throw new Error(`SNAPSHOT_SEED=${seed}: ${String(error)}`, { cause: error });
    }
  }
}

describe.each(boardNames())('snapshots of %s', (name) => {
  it(
    `are whole, under ${cases} firmwares that poke devices`,
    async () => {
      const loaded = await loadBoard(name);
      checkSeeds(cases, (random) => {
        check(loaded, pokeProgram(loaded.board, random, 400), random.between(1, 3000), random.between(1, 3000));
      });
    },
    60_000 + cases * 2000,
  );
});

/** Real images, and programs of ours: board, image, and what is typed. */
const rows = [
  ...boardNames().flatMap((board) =>
    board in boards ? Object.keys(programs).map((program) => ({ board, image: join(images, board, `${program}.elf`), input: '' })) : [],
  ),
  { board: 'microbit', image: '/usr/share/firmware-microbit-micropython/firmware.hex', input: 'print(2**100)\rsum(range(9))\r' },
  { board: 'mps2-an385', image: '/usr/share/snek/snek-qemu-arm-1.9.elf', input: '' },
  { board: 'virt-rv32', image: '/usr/share/snek/snek-qemu-riscv-1.9.elf', input: '' },
  { board: 'virt-rv64', image: '/usr/lib/u-boot/qemu-riscv64/u-boot.bin', input: 'crc32 80000000 100\rprintenv board\r' },
].filter(({ image }) => existsSync(image));

describe.each(rows)('snapshots of $board with $image', ({ board, image, input }) => {
  it(
    'are whole, wherever they are taken',
    async () => {
      const loaded = await loadBoard(board);
      const ram = loaded.board.memory.find(({ kind }) => kind === 'ram')!;
      const firmware = { image: readImage(readFileSync(image), image.endsWith('.bin') ? { base: ram.base, format: 'raw' } : {}), input };
      const machine = start(loaded, firmware);
      advance(machine, longest);
      const length = machine.instructions;
      machine.close();
      checkSeeds(points, (random) => {
        const first = random.below(length);
        check(loaded, firmware, first, random.between(1, Math.min(length - first, 100_000)));
      });
    },
    60_000 + cases * 2000,
  );
});
