import { InternalError } from '@fireball/contracts';
import { decodeModule, validateModule, type ValidatedFunction, type ValidatedModule, type ValueType } from '@fireball/wasm';
import initWabt from 'wabt';
import type { FunctionSource } from '../plan/body.js';

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

/** A validated function as the compiler wants it. */
export function sourceOf({ module }: ValidatedModule, entry: ValidatedFunction): FunctionSource {
  const locals: ValueType[] = [];
  for (const run of entry.locals.runs) for (let count = 0; count < run.count; count++) locals.push(run.type);
  return {
    bytes: module.bytes,
    start: entry.code.start,
    end: entry.code.end,
    index: entry.index,
    type: entry.type,
    locals,
    frameSlots: entry.locals.count + entry.maxOperandHeight,
    types: module.types,
    functionType: (index) => known(module.types[module.functionTypes[index] ?? -1], `type of function ${index}`),
    globalType: (index) => known(module.globals[index], `global ${index}`).type,
  };
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new InternalError(`no ${what}`);
  return value;
}

/** The only function of a module whose one function has this text, and its source. */
export function sourceOfText(text: string): FunctionSource {
  const validated = moduleOfText(text);
  return sourceOf(validated, known(validated.functions.at(-1), 'function'));
}
