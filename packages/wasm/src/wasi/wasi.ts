import { formatFunctionType, sameFunctionType, type FunctionType } from '../types.js';
import { LinkError } from '../linking.js';
import type { Import, WasmModule } from '../module.js';
import { ProgramExit, type CallContext, type WasiCall, type WasiState } from './call.js';
import { VirtualClock } from './clock.js';
import { descriptorCalls } from './descriptor-calls.js';
import { Descriptors } from './descriptors.js';
import { preview1, unstable, type Dialect } from './dialect.js';
import { errno, WasiError } from './errno.js';
import { folderCalls } from './folder-calls.js';
import { GuestMemory } from './guest-memory.js';
import { ConsoleError, type WasiHost } from './host.js';
import { openCalls } from './open.js';
import { pollCalls } from './poll.js';
import { processCalls } from './process.js';
import { socketCalls } from './sockets.js';
import { stringCalls } from './strings.js';
import { transferCalls } from './transfer.js';

const calls: ReadonlyMap<string, WasiCall> = new Map(
  Object.entries({
    ...stringCalls,
    ...transferCalls,
    ...descriptorCalls,
    ...openCalls,
    ...folderCalls,
    ...pollCalls,
    ...processCalls,
    ...socketCalls,
  }),
);

/** The modules that functions are imported from. */
const dialects: ReadonlyMap<string, Dialect> = new Map([
  ['wasi_snapshot_preview1', preview1],
  ['wasi_unstable', unstable],
]);

/** The modules that WASI functions are imported from, by name, the usual one first. */
export const wasiModules: readonly string[] = [...dialects.keys()];

/** The functions that exist; every other one of the modules returns ENOSYS. */
export const wasiFunctionTypes: ReadonlyMap<string, FunctionType> = new Map([...calls].map(([name, call]) => [name, typeOf(name, call)]));

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
 * Gives a program the functions that it imports from WASI. The program's own state (its descriptors and its clock) is new with every
 * call of this, while `host` with its volumes is as it was left.
 * @throws LinkError for an import from elsewhere, or one of another type than the interface's
 */
export function linkWasi(module: WasmModule, host: WasiHost): ReadonlyMap<Import, WasiFunction> {
  const state: WasiState = { host, descriptors: new Descriptors(host), clock: new VirtualClock() };
  return new Map(module.imports.map((entry) => [entry, link(module, entry, state)]));
}

function link(module: WasmModule, entry: Import, state: WasiState): WasiFunction {
  const dialect = dialects.get(entry.module);
  if (dialect === undefined) {
    throw new LinkError('unknown import', entry, `a WASI program gets the functions of ${wasiModules.join(' or ')}`);
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
  const expected = wasiFunctionTypes.get(name)!;
  if (!sameFunctionType(type, expected)) {
    throw new LinkError('incompatible import type', entry, `its type is ${formatFunctionType(expected)}`);
  }
  const { results } = type;
  return {
    name,
    type,
    call: (memory, args) => {
      const error = perform(found, dialect, state, memory, args);
      return results.length === 0 ? undefined : error;
    },
  };
}

/** Whether a function of the interface could have this type. */
function isWasiType({ params, results }: FunctionType): boolean {
  return params.every((type) => type === 'i32' || type === 'i64') && (results.length === 0 || (results.length === 1 && results[0] === 'i32'));
}

function typeOf(name: string, { params }: WasiCall): FunctionType {
  return {
    params: [...params].map((letter) => (letter === 'I' ? 'i64' : 'i32')),
    results: name === 'proc_exit' ? [] : ['i32'],
  };
}

function perform({ call }: WasiCall, dialect: Dialect, state: WasiState, bytes: Uint8Array, args: readonly (number | bigint)[]): number {
  const memory = new GuestMemory(bytes);
  const u32 = (index: number): number => Number(args[index]) >>> 0;
  const context: CallContext = {
    ...state,
    memory,
    dialect,
    u32,
    u64: (index) => BigInt.asUintN(64, BigInt(args[index]!)),
    flags(index, count) {
      if (u32(index) >>> count !== 0) throw new WasiError('inval');
      return u32(index);
    },
    text: (index) => memory.text(u32(index), u32(index + 1)),
  };
  try {
    call(context);
    return errno.success;
  } catch (error) {
    if (error instanceof ProgramExit) throw error;
    if (error instanceof WasiError) return errno[error.errno];
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
