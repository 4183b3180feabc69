import { InternalError } from '@fireball/contracts';
import { decodeModule, validateModule, type ValidatedModule } from '@fireball/wasm';
import initWabt from 'wabt';
import type { FunctionSource } from '../plan/body.js';
import { functionSource } from '../source.js';

const wabt = await initWabt();

/** Assembles and validates a module in the text format. */
export function moduleOfText(text: string): ValidatedModule {
  const parsed = wabt.parseWat('test.wat', text, { tail_call: true });
  try {
    return validateModule(decodeModule(new Uint8Array(parsed.toBinary({}).buffer)));
  } finally {
    parsed.destroy();
  }
}

/** The only function of a module whose one function has this text, and its source. */
export function sourceOfText(text: string): FunctionSource {
  const validated = moduleOfText(text);
  const entry = validated.functions.at(-1);
  if (entry === undefined) throw new InternalError('no function');
  return functionSource(validated, entry);
}
