import { formatFunctionType, sameFunctionType, type FunctionType } from '../types.js';
import { LinkError } from '../interp/linking.js';
import type { Import, WasmModule } from '../module.js';
import type { WasiArguments, WasiCall, WasiState } from './call.js';
import { consoleDescriptors, descriptorCalls } from './descriptors.js';
import { errno } from './errno.js';
import { GuestFault, GuestMemory } from './guest-memory.js';
import { ConsoleError, type WasiHost } from './host.js';
import { processCalls } from './process.js';
import { stringCalls } from './strings.js';

export const wasiModule = 'wasi_snapshot_preview1';

const calls: ReadonlyMap<string, WasiCall> = new Map(
  Object.entries({ ...stringCalls, ...descriptorCalls, ...processCalls }),
);

/** Names of the functions that exist; every other one of the namespace returns ENOSYS. */
export const wasiFunctionNames: readonly string[] = [...calls.keys()];

/** An import of a program, ready for any engine. */
export interface WasiFunction {
  readonly name: string;
  readonly type: FunctionType;
  /**
   * @param memory the program's memory as it is now
   * @param args i32 as number (signed or not), i64 as bigint
   * @returns the error number, undefined where the function's type has no result
   * @throws ProgramExit where the program ends itself
   */
  call(memory: Uint8Array, args: readonly (number | bigint)[]): number | undefined;
}

/**
 * Gives a program the functions that it imports from `wasi_snapshot_preview1`, by name. The program's own state (its open
 * descriptors) is new with every call of this.
 * @throws LinkError for an import from elsewhere, or one of another type than the interface's
 */
export function linkWasi(module: WasmModule, host: WasiHost): ReadonlyMap<string, WasiFunction> {
  const state: WasiState = { host, open: new Set(consoleDescriptors) };
  return new Map(module.imports.map((entry) => [entry.name, link(module, entry, state)]));
}

function link(module: WasmModule, entry: Import, state: WasiState): WasiFunction {
  if (entry.module !== wasiModule) {
    throw new LinkError('unknown import', entry, `a WASI program gets the functions of ${wasiModule}`);
  }
  if (entry.description.kind !== 'function') {
    throw new LinkError('incompatible import type', entry, `it is a function, not a ${entry.description.kind}`);
  }
  const { name } = entry;
  const type = module.types[entry.description.typeIndex]!;
  const found = calls.get(name);
  if (found === undefined) {
    if (!isWasiType(type)) {
      throw new LinkError('incompatible import type', entry, 'WASI functions take integers and return an error number');
    }
    return { name, type, call: missing(name, type, state) };
  }
  const expected = typeOf(name, found);
  if (!sameFunctionType(type, expected)) {
    throw new LinkError('incompatible import type', entry, `its type is ${formatFunctionType(expected)}`);
  }
  return { name, type, call: (memory, args) => perform(found, state, memory, args) };
}

/** Whether a function of the interface could have this type. */
function isWasiType({ params, results }: FunctionType): boolean {
  return (
    params.every((type) => type === 'i32' || type === 'i64') &&
    (results.length === 0 || (results.length === 1 && results[0] === 'i32'))
  );
}

function typeOf(name: string, { params }: WasiCall): FunctionType {
  return {
    params: [...params].map((letter) => (letter === 'I' ? 'i64' : 'i32')),
    results: name === 'proc_exit' ? [] : ['i32'],
  };
}

function perform(
  { call }: WasiCall,
  state: WasiState,
  memory: Uint8Array,
  args: readonly (number | bigint)[],
): number {
  const typed: WasiArguments = { u32: (index) => Number(args[index]) >>> 0 };
  try {
    return call(state, new GuestMemory(memory), typed);
  } catch (error) {
    if (error instanceof GuestFault) return errno.fault;
    if (error instanceof ConsoleError) return errno.io;
    throw error;
  }
}

/** A function that is not here: ENOSYS, said once. */
function missing(name: string, { results }: FunctionType, { host }: WasiState): WasiFunction['call'] {
  let said = false;
  return () => {
    if (!said) host.missing(name);
    said = true;
    return results.length === 0 ? undefined : errno.nosys;
  };
}
