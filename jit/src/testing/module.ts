import { InternalError } from '@fireball/contracts';
import { openAssembler } from '@fireball/testkit';
import { decodeModule, validateModule, type ValidatedModule } from '@fireball/wasm';
import type { FunctionSource } from '../plan/body.js';
import { functionSource } from '../source.js';

const bytesOfText = await openAssembler();

/** Assembles and validates a module in the text format. */
export function moduleOfText(text: string): ValidatedModule {
  return validateModule(decodeModule(bytesOfText(text)));
}

/** The only function of a module whose one function has this text, and its source. */
export function sourceOfText(text: string): FunctionSource {
  const validated = moduleOfText(text);
  const entry = validated.functions.at(-1);
  if (entry === undefined) throw new InternalError('no function');
  return functionSource(validated, entry);
}
