import type { Isa } from '@fireball/contracts';
import { openAssembler } from '@fireball/testkit';
import { decodeModule, validateModule, type ValidatedModule } from '@fireball/wasm';
import { createVsoc, type VsocInstance, type VsocOptions } from '../index.js';

export const targets: readonly Isa[] = ['thumb2', 'rv32'];

const bytesOfText = await openAssembler();

/** Assembles and validates a module in the text format. */
export function moduleOfText(text: string): ValidatedModule {
  return validateModule(decodeModule(bytesOfText(text)));
}

/** Runs `use` with an instance of the module on a virtual SoC of its own. */
export function withInstance<T>(options: VsocOptions, text: string, use: (instance: VsocInstance, module: ValidatedModule) => T): T {
  const module = moduleOfText(text);
  const vsoc = createVsoc(options);
  try {
    return use(vsoc.instantiate(module), module);
  } finally {
    vsoc.close();
  }
}
