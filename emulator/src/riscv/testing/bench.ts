import { Machine } from '../../machine/machine.js';
import type { MachineEnd } from '../../machine/machine-end.js';
import type { BoardDevice } from '../../machine/board.js';
import type { UnmappedListener } from '../../machine/background.js';
import type { DeviceClass } from '../../machine/device.js';
import type { HartOf } from '../hart.js';
import { createRiscvProcessor } from '../processor.js';
import { Program } from './assemble.js';

export const ramBase = 0x8000_0000;

export interface BenchOptions {
  readonly devices?: readonly BoardDevice[];
  readonly classes?: readonly DeviceClass[];
  readonly clocks?: Readonly<Record<string, number>>;
  /** How the processor gets at its hart; as on machines where nothing is said. */
  readonly hartOf?: HartOf;
  readonly onUnmapped?: UnmappedListener | undefined;
}

/** A machine with 1 MiB of memory at 0x80000000 that holds a program. */
export function machineWith(
  core: string,
  write: (program: Program) => void,
  { devices = [], classes = [], clocks = {}, hartOf, onUnmapped }: BenchOptions = {},
): Machine {
  const machine = new Machine({
    board: {
      name: 'bench',
      summary: '',
      processor: {
        core,
        interrupts: 0,
        priorityBits: 8,
        resetVector: ramBase,
        mpuRegions: 0,
        systickReference: undefined,
        bitBand: false,
      },
      clocks: { cpu: 10_000_000, ...clocks },
      memory: [{ name: 'ram', kind: 'ram', base: ramBase, size: 0x10_0000, of: undefined, fill: 0 }],
      devices,
      console: undefined,
    },
    createProcessor: (environment) => createRiscvProcessor(environment, hartOf),
    deviceClass: (name) => {
      const found = classes.find((one) => one.name === name);
      if (found === undefined) throw new RangeError(name);
      return found;
    },
    onUnmapped,
  });
  const program = new Program(ramBase);
  write(program);
  machine.memory('ram').set(program.bytes);
  machine.reset();
  return machine;
}

export interface Ran {
  readonly end: MachineEnd;
  readonly machine: Machine;
  readonly reg: (name: string) => number;
}

/** Runs it until it waits for ever, or for a million instructions. */
export function run(core: string, write: (program: Program) => void, options: BenchOptions = {}): Ran {
  const machine = machineWith(core, write, options);
  const end = machine.run({ instructions: 1_000_000 });
  return { end, machine, reg: (name) => machine.processor.readRegister(name) };
}
