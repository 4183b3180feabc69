import type { Isa } from '@fireball/contracts';
import { Assembly } from '../expand/assembly.js';
import { noFeatures } from '../features.js';
import type { Machine } from '../select/machine.js';
import { Rv32Machine } from '../select/rv32/machine.js';
import { Thumb2Machine } from '../select/thumb2/machine.js';
import { loadTemplates } from '../templates/index.js';

export const targets: readonly Isa[] = ['thumb2', 'rv32'];

/** A macro assembler on an empty assembly. */
export function newMachine(isa: Isa): { readonly machine: Machine; readonly assembly: Assembly } {
  const assembly = new Assembly();
  const templates = loadTemplates(isa);
  return { assembly, machine: isa === 'thumb2' ? new Thumb2Machine(templates, assembly, noFeatures) : new Rv32Machine(templates, assembly, noFeatures) };
}

/** Places traps of two bytes each, the smallest instruction of both targets. */
export function placeTraps(machine: Machine, count: number): void {
  for (let index = 0; index < count; index++) machine.trap('unreachable');
}
export const trapBytes = 2;
