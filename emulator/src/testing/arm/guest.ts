import { Machine } from '../../machine/machine.js';
import type { Board, BoardDevice } from '../../machine/board.js';
import type { UnmappedListener } from '../../machine/background.js';
import type { DeviceClass } from '../../machine/device.js';
import { createProcessor } from '../../machine/cores.js';

/** Where the code of test programs is, and their data. */
const codeBase = 0;
export const dataBase = 0x2000_0000;
const codeSize = 0x1_0000;
const dataSize = 0x1_0000;

export interface GuestOptions {
  readonly core: string;
  /** Little-endian machine code, with the vector table at its beginning. */
  readonly program: Uint8Array;
  readonly mpuRegions?: number;
  readonly priorityBits?: number;
  readonly devices?: readonly BoardDevice[];
  readonly deviceClasses?: readonly DeviceClass[];
  readonly onUnmapped?: UnmappedListener | undefined;
}

/** A board with a core, 64 KiB of ROM at 0 and 64 KiB of RAM at 0x20000000, and what a test adds. */
export function guestBoard({
  core,
  mpuRegions = 8,
  priorityBits = core === 'cortex-m0' || core === 'cortex-m0plus' ? 2 : 8,
  devices = [],
}: GuestOptions): Board {
  return {
    name: `test-${core}`,
    summary: 'a board for tests',
    processor: { core, interrupts: 32, priorityBits, resetVector: 0, mpuRegions, systickReference: 'reference', bitBand: true },
    clocks: { cpu: 1_000_000, reference: 100_000 },
    memory: [
      { name: 'flash', kind: 'rom', base: codeBase, size: codeSize, of: undefined, fill: 0xff },
      { name: 'ram', kind: 'ram', base: dataBase, size: dataSize, of: undefined, fill: 0 },
    ],
    devices,
    console: undefined,
  };
}

/** A machine at the beginning of a program. */
export function guest(options: GuestOptions): Machine {
  const classes = new Map(options.deviceClasses?.map((kind) => [kind.name, kind]));
  const machine = new Machine({
    board: guestBoard(options),
    createProcessor,
    deviceClass: (name) => {
      const kind = classes.get(name);
      if (kind === undefined) throw new RangeError(`no device class ${name}`);
      return kind;
    },
    onUnmapped: options.onUnmapped,
  });
  machine.memory('flash').set(options.program);
  machine.reset();
  return machine;
}

/** A word of the test's RAM. */
export function word(machine: Machine, address: number): number {
  const ram = machine.memory('ram');
  return new DataView(ram.buffer, ram.byteOffset, ram.length).getUint32(address - dataBase, true);
}
