import { InternalError } from '@fireball/contracts';
import type { FunctionSource } from '@fireball/jit';
import type { ValidatedFunction, ValidatedModule, ValueType } from '@fireball/wasm';

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

/** Offsets of the function's loops, those in unreachable code included. */
export function loopsOf({ controls }: ValidatedFunction): number[] {
  const loops: number[] = [];
  for (let row = 0; row < controls.count; row++) if (controls.kind(row) === 'loop') loops.push(controls.start(row));
  return loops;
}
