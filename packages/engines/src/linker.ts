import { InvalidInputError, UsageError } from '@fireball/contracts';
import type { ExternalKind, FunctionType, GlobalType, MemoryType, TableType, Value, WasmModule, Work } from '@fireball/wasm';
import type { TierStatistics } from '@fireball/vsoc';
import type { HostCall } from './imports/host-calls.js';
import type { EngineInstance } from './instance.js';

/** Something that instances import and export. It belongs to the linker that made it. */
export interface Extern {
  readonly kind: ExternalKind;
}

/** Gives what stands behind an import, or undefined where there is nothing. */
export type ImportResolver = (module: string, name: string) => Extern | undefined;

/** Makes things of the host that instances can import. Each may throw UnsupportedError. */
export interface HostExterns {
  function(type: FunctionType, call: HostCall): Extern;
  /** `value` must have the global's type. */
  global(type: GlobalType, value: Value): Extern;
  /** Filled with null. */
  table(type: TableType): Extern;
  memory(type: MemoryType): Extern;
}

/** An instance among others. */
export interface LinkedInstance extends EngineInstance {
  readonly exports: ReadonlyMap<string, Extern>;
  /** Value of an exported global. */
  exportedGlobal(name: string): Value;
}

/** An engine's instance with what others can import from it. */
export function linkedInstance(module: WasmModule, instance: EngineInstance, exports: ReadonlyMap<string, Extern>): LinkedInstance {
  return {
    ...instance,
    exports,
    exportedGlobal(name) {
      const found = module.exports.find((entry) => entry.kind === 'global' && entry.name === name);
      if (found === undefined) throw new UsageError(`no exported global '${name}'`);
      return instance.global(found.index);
    },
  };
}

/** A module that the engine has found valid. */
export interface LinkableModule {
  /**
   * @param reference what instantiation took in the reference, as for `EngineInstance.invoke`
   * @throws UnlinkableError where an import is missing or of another type
   * @throws ModuleTrapError where a segment does not fit or the start function traps; what it left in shared tables and
   *   memories stays
   * @throws UnsupportedError where the engine cannot do what the module wants
   */
  instantiate(resolve: ImportResolver, reference?: Work): Promise<LinkedInstance>;
}

/**
 * Several instances of one engine that import from one another: a store, in the spec's terms. Two linkers share nothing.
 */
export interface Linker {
  readonly host: HostExterns;
  /**
   * Decodes and validates, with what the engine has for that.
   * @param file appears in errors
   * @throws InvalidInputError where the module is malformed or invalid
   */
  load(file: string, bytes: Uint8Array): LinkableModule;
  /** What the last call or instantiation took; of the reference only. */
  lastWork?(): Work;
  /** What mixed mode has done so far; undefined for other engines. */
  readonly tierStatistics?: TierStatistics | undefined;
  /** Frees emulated CPUs and their memory, and so all instances. */
  close(): void;
}

/** An import is missing or of another type. */
export class UnlinkableError extends InvalidInputError {}
