import { LinkError, type Import, type ImportDescription, type Limits, type WasmModule } from '@fireball/wasm';
import type { DataMemory } from '../../chip/data-memory.js';
import type { VsocExtern } from '../externs.js';

/** Gives the thing behind an import, or undefined where there is none. */
export type VsocResolver = (module: string, name: string) => VsocExtern | undefined;

/** Resolves one import and checks its type (core spec 4.5.4, "Import Matching"). */
export function resolveImport(module: WasmModule, entry: Import, resolve: VsocResolver, data: DataMemory): VsocExtern {
  const given = resolve(entry.module, entry.name);
  if (given === undefined) throw new LinkError('unknown import', entry);
  if (!matches(module, entry.description, given, data)) throw new LinkError('incompatible import type', entry);
  return given;
}

function matches(module: WasmModule, wanted: ImportDescription, given: VsocExtern, data: DataMemory): boolean {
  switch (given.kind) {
    case 'function': {
      const type = wanted.kind === 'function' ? module.types[wanted.typeIndex] : undefined;
      if (type === undefined) return false;
      return sameTypes(type.params, given.type.params) && sameTypes(type.results, given.type.results);
    }
    case 'table':
      if (wanted.kind !== 'table' || wanted.type.element !== given.type.element) return false;
      return fits(data.readWord(given.record) >>> 0, given.type.limits.max, wanted.type.limits);
    case 'memory':
      if (wanted.kind !== 'memory' || wanted.type.pageSize !== given.type.pageSize) return false;
      return fits(given.byteLength / given.type.pageSize, given.type.limits.max, wanted.type.limits);
    case 'global':
      return wanted.kind === 'global' && wanted.type.type === given.type.type && wanted.type.mutable === given.type.mutable;
  }
}

function sameTypes(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((type, index) => type === b[index]);
}

function fits(size: number, max: number | undefined, wanted: Limits): boolean {
  if (size < wanted.min) return false;
  return wanted.max === undefined || (max !== undefined && max <= wanted.max);
}
