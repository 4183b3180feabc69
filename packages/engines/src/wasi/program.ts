import { FireballError, InvalidInputError } from '@fireball/contracts';
import { linkWasi, ProgramExit, type Import, type Value, type WasiFunction, type WasiHost, type WasmModule, WasiError } from '@fireball/wasm';
import type { Engine, EngineOptions } from '../engine.js';
import { noStatistics, type CallStatistics, type Outcome } from '../instance.js';
import type { HostExterns, ImportResolver, LinkedInstance } from '../linker.js';
import { exportedFunctions, type LoadedModule } from '../inputs/module.js';

/** How a program ended. */
export type ProgramEnd =
  /** `_start` returned, or trapped. */
  | { readonly kind: 'returned'; readonly outcome: Outcome }
  /** The program called `proc_exit`. A start function that does so costs nothing, as one that returns: only `_start` is counted. */
  | { readonly kind: 'exit'; readonly code: number; readonly statistics: CallStatistics };

const entryName = '_start';
const noMemory = new Uint8Array(0);

/** Whether a module is a program: it exports `_start`, without parameters and results. */
export function isProgram(module: WasmModule): boolean {
  return exportedFunctions(module).some(({ name, type }) => name === entryName && type.params.length === 0 && type.results.length === 0);
}

/**
 * Runs a program to its end, and closes the host's folders.
 * @throws InvalidInputError where it imports anything besides WASI functions
 * @throws UnsupportedError where the engine has no functions of the host
 * @throws FolderError
 */
export async function runProgram(engine: Engine, { file, module }: LoadedModule, host: WasiHost, options: EngineOptions): Promise<ProgramEnd> {
  const linker = engine.createLinker(options);
  let instance: LinkedInstance | undefined;
  try {
    const resolve = wasiImports({ file, module }, host, linker.host, (index) => instance?.memory(index));
    instance = await linker.load(file, module.bytes).instantiate(resolve);
    return { kind: 'returned', outcome: instance.invoke(entryName, []) };
  } catch (error) {
    if (error instanceof ProgramExit) return { kind: 'exit', code: error.code, statistics: instance?.lastStatistics() ?? noStatistics };
    throw error;
  } finally {
    linker.close();
    closeFolders(host);
  }
}

/**
 * The program's imports, as an engine's functions.
 * @param memoryAt a memory of the instance; undefined while there is none, as when a start function runs
 * @throws InvalidInputError where it imports anything besides WASI functions
 */
export function wasiImports(
  { file, module }: Pick<LoadedModule, 'file' | 'module'>,
  host: WasiHost,
  externs: HostExterns,
  memoryAt: (index: number) => Uint8Array | undefined,
): ImportResolver {
  const functions = linkFunctions(file, module, host);
  const memoryIndex = module.exports.find(({ name, kind }) => name === 'memory' && kind === 'memory')?.index;
  const memory = (): Uint8Array => (memoryIndex === undefined ? undefined : memoryAt(memoryIndex)) ?? noMemory;
  const made = new Map(
    [...functions].map(([entry, callee]) => [`${entry.module} ${entry.name}`, externs.function(callee.type, (args) => perform(callee, memory(), args))]),
  );
  return (from, name) => made.get(`${from} ${name}`);
}

/** A folder could not keep what a program had written, which the system tells when a file is closed. Exit status 69. */
class FolderError extends FireballError {
  readonly exitStatus = 69;
}

function closeFolders({ folders }: WasiHost): void {
  for (const { name, volume } of folders) {
    try {
      volume.close();
    } catch (error) {
      if (!(error instanceof WasiError)) throw error;
      throw new FolderError(`${name}: what the program wrote could not be kept: E${error.errno.toUpperCase()}`, { cause: error });
    }
  }
}

function linkFunctions(file: string, module: WasmModule, host: WasiHost): ReadonlyMap<Import, WasiFunction> {
  try {
    return linkWasi(module, host);
  } catch (error) {
    throw error instanceof InvalidInputError ? error.inFile(file) : error;
  }
}

function perform(callee: WasiFunction, memory: Uint8Array, args: readonly Value[]): Value[] {
  // The interface has only integers.
  const result = callee.call(
    memory,
    args.map(({ value }) => value as number | bigint),
  );
  return result === undefined ? [] : [{ type: 'i32', value: result }];
}
