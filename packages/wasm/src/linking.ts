import { InvalidInputError } from '@fireball/contracts';
import type { Extern } from './interp/structure.js';
import type { Import, ImportDescription, WasmModule } from './module.js';
import { formatFunctionType, sameFunctionType, type FunctionType, type GlobalType, type Limits, type ReferenceType } from './types.js';

/** Gives the thing behind an import, or undefined where there is none. */
export type ImportResolver<T = Extern> = (module: string, name: string) => T | undefined;

/** What import matching has to know of a thing, as it is now: tables and memories may have grown. Sizes in elements and pages. */
export type ProvidedType =
  | { readonly kind: 'function'; readonly type: FunctionType }
  | { readonly kind: 'table'; readonly element: ReferenceType; readonly size: number; readonly max: number | undefined }
  | { readonly kind: 'memory'; readonly pageSize: number; readonly size: number; readonly max: number | undefined }
  | { readonly kind: 'global'; readonly type: GlobalType };

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

/** Limits of the thing must lie within the limits that the import asks for (core spec 4.5.3); what is wrong where they do not. */
function limitsProblem(size: number, max: number | undefined, wanted: Limits): string | undefined {
  const fits = size >= wanted.min && (wanted.max === undefined || (max !== undefined && max <= wanted.max));
  return fits ? undefined : `its size is ${size}, its limit ${max ?? 'none'}`;
}

function mismatch(module: WasmModule, wanted: ImportDescription, given: ProvidedType): string | undefined {
  if (wanted.kind === 'function' && given.kind === 'function') {
    const type = module.types[wanted.typeIndex];
    return type !== undefined && sameFunctionType(type, given.type) ? undefined : `its type is ${formatFunctionType(given.type)}`;
  }
  if (wanted.kind === 'table' && given.kind === 'table') {
    return wanted.type.element === given.element ? limitsProblem(given.size, given.max, wanted.type.limits) : `it holds ${given.element}`;
  }
  if (wanted.kind === 'memory' && given.kind === 'memory') {
    return wanted.type.pageSize === given.pageSize ? limitsProblem(given.size, given.max, wanted.type.limits) : `its pages have ${given.pageSize} bytes`;
  }
  if (wanted.kind === 'global' && given.kind === 'global') {
    const { type, mutable } = given.type;
    return wanted.type.type === type && wanted.type.mutable === mutable ? undefined : `it is ${mutable ? 'a mutable' : 'an immutable'} ${type}`;
  }
  return `it is a ${given.kind}, not a ${wanted.kind}`;
}

/**
 * Resolves one import and checks its type (core spec 4.5.4, "Import Matching"), on any engine.
 * @throws LinkError where there is nothing, or something of another type
 */
export function resolveImport<T>(module: WasmModule, entry: Import, resolve: ImportResolver<T>, typeOf: (given: T) => ProvidedType): T {
  const given = resolve(entry.module, entry.name);
  if (given === undefined) throw new LinkError('unknown import', entry);
  const problem = mismatch(module, entry.description, typeOf(given));
  if (problem !== undefined) throw new LinkError('incompatible import type', entry, problem);
  return given;
}
