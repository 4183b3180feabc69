import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { boardNames, createProcessor, loadBoard, Machine, type MachineEnd } from '@fireball/emulator';
import { readImage } from '@fireball/image';
import { fetchImages, readPackaged, type PackagedImage } from './foreign/images.js';

// Firmware of products, on boards that a user would write for it: chips of which nothing is modelled but their memories (e2e/firmware/foreign), or those of
// ours with another chip's memories. It gets to where it waits for hardware that is not there.

/** A long run fetches what is not installed. */
const isLongRun = process.env['FOREIGN_FIRMWARE'] === 'all';

/** Cycles: what sleeps for so long waits for nothing. */
const longest = 20_000_000_000;

interface Point {
  readonly exceptions: ReadonlyMap<string, number>;
  readonly resets: readonly string[];
  readonly writes: ReadonlyMap<number, number>;
  readonly hertz: number;
}

interface Case {
  readonly name: string;
  readonly board: string;
  readonly images: readonly PackagedImage[];
  readonly instructions: number;
  /** Every look at PC behind half of them is between these. */
  readonly loop?: readonly [first: number, last: number];
  /** What has happened. */
  readonly reached?: (point: Point) => void;
}

const debian = (name: string, path: string, base?: number): PackagedImage => ({ package: { debian: name }, path, ...(base === undefined ? {} : { base }) });
const ubertooth = (file: string, base: number): PackagedImage => debian('ubertooth-firmware', `/usr/share/ubertooth/firmware/${file}`, base);
const tomu = (file: string, base?: number): PackagedImage => debian('firmware-tomu', `/usr/lib/firmware-tomu/${file}`, base);
const snek = (file: string, base?: number): PackagedImage => debian('snek', `/usr/share/snek/${file}`, base);
const pybricks = (hub: string, base: number): PackagedImage => ({
  package: { npm: '@pybricks/firmware@7.28.0' },
  path: `build/${hub}.zip`,
  entry: 'firmware-base.bin',
  base,
});
const altos = (board: string): PackagedImage => debian('altos', `/usr/share/altos/${board}-1.9.16.ihx`);
const makeCode = (hash: string): PackagedImage => ({ package: { npm: 'pxt-microbit@9.1.1' }, path: `built/hexcache/${hash}.hex` });
const tinker: PackagedImage = { package: { npm: 'particle-cli@3.43.1' }, path: 'assets/knownApps/core/tinker/core_tinker.bin', base: 0x0800_5000 };

/** The system tick runs, and nothing has gone wrong. */
const ticks =
  (least: number) =>
  ({ exceptions, resets }: Point): void => {
    expect(exceptions.get('SysTick') ?? 0).toBeGreaterThan(least);
    expect([...exceptions.keys()].filter((name) => /Fault|MemManage/.test(name))).toEqual([]);
    expect(resets).toEqual([]);
  };
const quiet = ({ exceptions, resets }: Point): void => {
  expect({ exceptions: [...exceptions], resets }).toEqual({ exceptions: [], resets: [] });
};

const cases: readonly Case[] = [
  { name: 'snek on Metro M0', board: 'samd21', images: [snek('snek-metrom0-1.9.uf2')], instructions: 400_000, reached: ticks(1000) },
  { name: 'snek on its own board', board: 'samd21', images: [snek('snek-board-1.9.uf2')], instructions: 400_000, reached: ticks(1000) },
  { name: "snekboard's boot loader", board: 'samd21-boot', images: [snek('bootloader-snekboard.bin', 0)], instructions: 300_000, reached: ticks(100) },
  // It polls the pin at which the radio answers.
  {
    name: "Ubertooth's boot loader and receiver",
    board: 'lpc1756',
    images: [ubertooth('bootloader.bin', 0), ubertooth('bluetooth_rxtx.dfu', 0x4000)],
    instructions: 1_000_000,
    loop: [0x8e80, 0x8ec0],
    reached: quiet,
  },
  {
    name: "Ubertooth's blinky",
    board: 'lpc1756-app',
    images: [ubertooth('blinky.dfu', 0x4000)],
    instructions: 300_000,
    loop: [0x42ee, 0x42f6],
    reached: quiet,
  },
  {
    name: "Ubertooth's boot loader with nothing behind it",
    board: 'lpc1756',
    images: [ubertooth('bootloader.bin', 0)],
    instructions: 300_000,
    loop: [0x484, 0x484],
    reached: ({ exceptions }) => {
      expect([...exceptions]).toEqual([['HardFault', 1]]);
    },
  },
  {
    name: "Tomu's boot loader, which feeds its watchdog",
    board: 'efm32hg',
    images: [tomu('toboot.elf')],
    instructions: 1_000_000,
    loop: [0x2000_0780, 0x2000_0d00],
    reached: (point) => {
      quiet(point);
      expect(point.writes.get(0x4008_8004)).toBeGreaterThan(1000);
    },
  },
  {
    name: "Tomu's new boot loader, which copies itself and resets",
    board: 'efm32hg-booster',
    images: [tomu('toboot-booster.bin', 0x4000)],
    instructions: 160_000,
    reached: ({ resets, writes }) => {
      expect(resets).toEqual(['AIRCR.SYSRESETREQ']);
      expect(writes.get(0x400c_0018)).toBeGreaterThan(1000);
    },
  },
  // It does not know the revision of its board.
  {
    name: "HackRF's",
    board: 'lpc4320',
    images: [debian('hackrf-firmware', '/usr/share/hackrf/hackrf_one_usb.bin', 0x1400_0000)],
    instructions: 600_000,
    loop: [0x43c8, 0x43d6],
    reached: quiet,
  },
  {
    name: "the Spark Core's tinker",
    board: 'stm32f103',
    images: [tinker],
    instructions: 3_000_000,
    reached: (point) => {
      ticks(20)(point);
      expect(point.hertz).toBe(72_000_000);
    },
  },
  { name: 'Pybricks on a move hub', board: 'stm32f0', images: [pybricks('movehub', 0x0800_5000)], instructions: 2_000_000, reached: ticks(1000) },
  { name: 'Pybricks on a city hub', board: 'stm32f0', images: [pybricks('cityhub', 0x0800_5000)], instructions: 2_000_000, reached: ticks(1000) },
  { name: 'Pybricks on a technic hub', board: 'stm32l431', images: [pybricks('technichub', 0x0800_8000)], instructions: 2_000_000, reached: ticks(1000) },
  // With nobody at its button they switch off and start again; LEDs and motors are driven by PWM of many megahertz meanwhile.
  { name: 'Pybricks on a prime hub', board: 'stm32f413', images: [pybricks('primehub', 0x0800_8000)], instructions: 500_000, reached: ticks(500) },
  { name: 'Pybricks on an essential hub', board: 'stm32f413', images: [pybricks('essentialhub', 0x0800_8000)], instructions: 500_000, reached: ticks(500) },
  // The runtime of MakeCode, of two versions each, with no program behind it.
  ...['4cc31a5b0ac4adb3d5f3ad2b5b0b6910e433f8916877817a868a9fac43374baf', '949fbd03bf2de1d4bf409bb1e68613a9d8745ca0bbafef44aa472a60ef9c0f73'].map((hash) => ({
    name: `MakeCode on a micro:bit 1 (${hash.slice(0, 6)})`,
    board: 'microbit',
    images: [makeCode(hash)],
    instructions: 3_000_000,
    reached: ({ exceptions, resets }: Point): void => {
      expect([...exceptions.keys()].sort()).toEqual(['SVCall', 'interrupt 0', 'interrupt 13', 'interrupt 9']);
      // TIMER1 is its tick.
      expect(exceptions.get('interrupt 9')).toBeGreaterThan(40);
      expect(resets).toEqual([]);
    },
  })),
  ...['354b97da4696027afdaa3977420ec181bfc88a2faa2d2c0174842767718551e7', '8b83cd59cf0f3a3492a7dae238295225690d07132e61396c74a600de815e5dc2'].map((hash) => ({
    name: `MakeCode on a micro:bit 2 (${hash.slice(0, 6)})`,
    board: 'nrf52833',
    images: [makeCode(hash)],
    instructions: 3_000_000,
    // Its boot loader writes UICR and starts again, twice.
    reached: ({ exceptions, resets }: Point): void => {
      expect({ exceptions: [...exceptions], resets }).toEqual({ exceptions: [['SVCall', 3]], resets: ['AIRCR.SYSRESETREQ', 'AIRCR.SYSRESETREQ'] });
    },
  })),
  // Their HEX files have symbols behind the end-of-file record.
  { name: "AltOS's ChaosKey", board: 'stm32f042', images: [altos('chaoskey-v1.0')], instructions: 400_000, reached: ticks(5) },
  { name: "AltOS's EasyMini 3", board: 'lpc11u14', images: [altos('easymini-v3.0')], instructions: 1_000_000, reached: ticks(0) },
  { name: "AltOS's EasyMini 1", board: 'lpc11u14', images: [altos('easymini-v1.0')], instructions: 1_000_000, reached: ticks(0) },
  { name: "AltOS's TeleDongle 3", board: 'lpc11u14', images: [altos('teledongle-v3.0')], instructions: 1_000_000, reached: ticks(0) },
  { name: "AltOS's TeleMega 4", board: 'stm32l151', images: [altos('telemega-v4.0')], instructions: 400_000, reached: ticks(5) },
  { name: "AltOS's TeleMetrum 3", board: 'stm32l151', images: [altos('telemetrum-v3.0')], instructions: 400_000, reached: ticks(5) },
  { name: "AltOS's EasyTimer", board: 'stm32l151', images: [altos('easytimer-v1')], instructions: 400_000, reached: ticks(5) },
];

async function run(
  { board: name, images, instructions, loop }: Case,
  slice: number,
  most = instructions,
): Promise<{ point: Point; end: MachineEnd; state: string; outside: readonly string[] }> {
  const { board, deviceClass } = await loadBoard(fileURLToPath(new URL(`../firmware/foreign/${name}.yaml`, import.meta.url)));
  const writes = new Map<number, number>();
  const machine = new Machine({
    board,
    createProcessor,
    deviceClass,
    onAccess: {
      hear: (_device, base, offset, _size, _value, write) => {
        if (write) writes.set(base + offset, (writes.get(base + offset) ?? 0) + 1);
        return write ? 0 : Infinity;
      },
      again: () => undefined,
    },
  });
  try {
    const exceptions = new Map<string, number>();
    const resets: string[] = [];
    machine.processor.onException = (exception) => exceptions.set(exception, (exceptions.get(exception) ?? 0) + 1);
    machine.onReset = (why) => resets.push(why);
    for (const image of images) machine.load(readImage(readPackaged(image) ?? new Uint8Array(), { base: image.base }));
    machine.reset();
    const outside: string[] = [];
    let end: MachineEnd = { kind: 'limit' };
    while (end.kind === 'limit' && machine.instructions < most) {
      end = machine.run({ instructions: Math.min(slice, most - machine.instructions), until: longest });
      if (machine.timeline.now >= longest) break;
      const { pc } = machine.processor;
      if (loop !== undefined && machine.instructions > most / 2 && (pc < loop[0] || pc > loop[1])) outside.push(`0x${pc.toString(16)}`);
    }
    const hash = createHash('sha256');
    for (const { kind, bytes } of machine.bus.memories) if (kind === 'ram') hash.update(bytes);
    return {
      point: { exceptions, resets, writes, hertz: machine.clocks.cpu.hertz },
      end,
      state: `${machine.instructions} ${machine.timeline.now} ${hash.digest('hex')}`,
      outside,
    };
  } finally {
    machine.close();
  }
}

// Jest cannot load several families of devices at once, as a board with a module has it.
beforeAll(async () => {
  for (const name of boardNames()) await loadBoard(name);
});

const problem = isLongRun ? fetchImages(cases.flatMap(({ images }) => images)) : null;
const isHere = ({ images }: Case): boolean => images.every((image) => readPackaged(image) !== undefined);

describe.each(cases)('$name', (one) => {
  const title = 'gets as far as its hardware allows, and slices change nothing';
  if (!isHere(one)) {
    // A long run that lacks one has not done its work.
    (isLongRun ? it : it.skip)(`${title} (${problem ?? 'its package is not here'})`, () => {
      expect(problem).toBe(null);
    });
    return;
  }
  it(
    title,
    async () => {
      const { point, end, outside } = await run(one, 5003);
      expect({ end, outside }).toEqual({ end: { kind: 'limit' }, outside: [] });
      one.reached?.(point);
      const most = Math.min(one.instructions, 300_000);
      const [whole, sliced] = [await run({ ...one, loop: [0, Infinity] }, 1_000_000, most), await run({ ...one, loop: [0, Infinity] }, 777, most)];
      expect(sliced.state).toBe(whole.state);
    },
    120_000,
  );
});
