import { UsageError } from '@fireball/contracts';
import { armCores } from '../arm/cores.js';
import { createArmProcessor } from '../arm/processor.js';
import { riscvCores } from '../riscv/hart.js';
import { createRiscvProcessor } from '../riscv/processor.js';
import type { Processor, ProcessorEnvironment } from './processor.js';

/** A core that boards may name. */
export interface MachineCore {
  readonly architecture: Processor['architecture'];
  readonly create: (environment: ProcessorEnvironment) => Processor;
}

/** By name, as board files use it. */
export const machineCores: ReadonlyMap<string, MachineCore> = new Map<string, MachineCore>([
  ...[...armCores.keys()].map((name): [string, MachineCore] => [name, { architecture: 'arm-m', create: createArmProcessor }]),
  ...[...riscvCores.values()].map(({ name, xlen }): [string, MachineCore] => [
    name,
    { architecture: xlen === 32 ? 'rv32' : 'rv64', create: createRiscvProcessor },
  ]),
]);

/**
 * The processor that a board names.
 * @throws UsageError naming the known cores, MissingPartError where libunicorn is missing
 */
export function createProcessor(environment: ProcessorEnvironment): Processor {
  const { core } = environment.processor;
  const known = machineCores.get(core);
  if (known === undefined) throw new UsageError(`no core is called '${core}'; known: ${[...machineCores.keys()].join(', ')}`);
  return known.create(environment);
}
