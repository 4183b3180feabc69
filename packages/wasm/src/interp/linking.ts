import { InvalidInputError } from '@fireball/contracts';
import type { Import, ImportDescription, WasmModule } from '../module.js';
import { formatFunctionType, sameFunctionType, type Limits } from '../types.js';
import type { Extern } from './structure.js';

/** Gives the thing behind an import, or undefined where there is none. */
export type ImportResolver = (module: string, name: string) => Extern | undefined;

/** An import is missing or of another type. */
export class LinkError extends InvalidInputError {
  constructor(
    problem: string,
    readonly entry: Import,
    hint?: string,
  ) {
    super(`${problem} "${entry.module}" "${entry.name}"`, {
      offset: entry.offset,
      section: 'import',
      hint,
    });
  }
}

/** Limits of the thing must lie within the limits that the import asks for (core spec 4.5.3). */
function limitsFit(size: number, max: number | undefined, wanted: Limits): boolean {
  if (size < wanted.min) return false;
  return wanted.max === undefined || (max !== undefined && max <= wanted.max);
}

function mismatch(module: WasmModule, wanted: ImportDescription, given: Extern): string | undefined {
  if (wanted.kind !== given.kind) return `it is a ${given.kind}, not a ${wanted.kind}`;
  switch (given.kind) {
    case 'function': {
      const type = wanted.kind === 'function' ? module.types[wanted.typeIndex] : undefined;
      if (type !== undefined && sameFunctionType(type, given.type)) return undefined;
      return `its type is ${formatFunctionType(given.type)}`;
    }
    case 'table': {
      if (wanted.kind !== 'table') return undefined;
      if (wanted.type.element !== given.type.element) return `it holds ${given.type.element}`;
      const fits = limitsFit(given.size, given.type.limits.max, wanted.type.limits);
      return fits ? undefined : `its size is ${given.size}, its limit ${given.type.limits.max ?? 'none'}`;
    }
    case 'memory': {
      if (wanted.kind !== 'memory') return undefined;
      if (wanted.type.pageSize !== given.pageSize) return `its pages have ${given.pageSize} bytes`;
      const fits = limitsFit(given.pages, given.type.limits.max, wanted.type.limits);
      return fits ? undefined : `its size is ${given.pages}, its limit ${given.type.limits.max ?? 'none'}`;
    }
    case 'global': {
      if (wanted.kind !== 'global') return undefined;
      const { type, mutable } = given.type;
      const fits = wanted.type.type === type && wanted.type.mutable === mutable;
      return fits ? undefined : `it is ${mutable ? 'a mutable' : 'an immutable'} ${type}`;
    }
  }
}

/** Resolves one import and checks its type. */
export function resolveImport(module: WasmModule, entry: Import, resolve: ImportResolver): Extern {
  const given = resolve(entry.module, entry.name);
  if (given === undefined) throw new LinkError('unknown import', entry);
  const problem = mismatch(module, entry.description, given);
  if (problem !== undefined) throw new LinkError('incompatible import type', entry, problem);
  return given;
}
