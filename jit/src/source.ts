import { InternalError } from '@fireball/contracts';
import type { ValidatedFunction, ValidatedModule, ValueType } from '@fireball/wasm';
import type { FunctionSource } from './plan/body.js';

/** A validated function as the compiler wants it. */
export function functionSource({ module }: ValidatedModule, entry: ValidatedFunction): FunctionSource {
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
    counts: { functions: module.functionTypes.length, globals: module.globals.length, tables: module.tables.length },
    functionType: (index) => {
      const type = module.types[module.functionTypes[index] ?? -1];
      if (type === undefined) throw new InternalError(`function ${index} has no type`);
      return type;
    },
    globalType: (index) => {
      const global = module.globals[index];
      if (global === undefined) throw new InternalError(`no global ${index}`);
      return global.type;
    },
  };
}
