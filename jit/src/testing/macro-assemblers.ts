import type { Isa } from '@fireball/contracts';
import type { Assembly } from '../expand/assembly.js';
import { noFeatures } from '../features.js';
import { createMacroAssembler, newAssembly } from '../target/create.js';
import type { MacroAssembler } from '../target/macro-assembler.js';
import { loadTemplates } from '../templates/index.js';

export const targets: readonly Isa[] = ['thumb2', 'rv32'];

/** A macro assembler on an empty assembly. */
export function newMacroAssembler(isa: Isa): { readonly masm: MacroAssembler; readonly assembly: Assembly } {
  const templates = loadTemplates(isa);
  const assembly = newAssembly(templates);
  return { assembly, masm: createMacroAssembler(templates, assembly, noFeatures) };
}

/** Places traps of two bytes each, the smallest instruction of both targets. */
export function placeTraps(masm: MacroAssembler, count: number): void {
  for (let index = 0; index < count; index++) masm.trap('unreachable');
}
export const trapBytes = 2;
