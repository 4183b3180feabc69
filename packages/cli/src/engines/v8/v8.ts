import { setFlagsFromString } from 'node:v8';
import { InternalError, UnsupportedError, UsageError, wasmPageSize } from '@fireball/contracts';
import { functionName, type Value, type ValueType, type WasmModule } from '@fireball/wasm';
import { exportedFunctions, type ExportedFunction, type LoadedModule } from '../../inputs/module.js';
import { ModuleTrapError, noStatistics, type Engine, type EngineInstance, type Outcome, type TrapReport } from '../engine.js';
import { buildBridge, hasFloat } from './bits-bridge.js';
import { exposeState, globalExport, memoryExport } from './expose.js';
import { trapKinds, trappedFunction } from './traps.js';
import { WebAssembly, type WasmGlobal, type WasmInstance, type WasmMemory } from './webassembly.js';

/** The WebAssembly engine inside Node: a second oracle that shares no code with ours. */
export const v8Engine: Engine = {
  name: 'v8',
  summary: "Node's own WebAssembly engine, the independent second oracle",
  native: false,
  nanByClass: true,
  async instantiate(loaded, { maxPages }) {
    refuseUnsupported(loaded);
    // Node 20 has extended constants behind a flag (hazard 20).
    setFlagsFromString('--experimental-wasm-extended-const');
    try {
      const compiled = await WebAssembly.compile(exposeState(loaded.module, maxPages));
      return createInstance(loaded.module, new WebAssembly.Instance(compiled, {}));
    } catch (error) {
      if (error instanceof WebAssembly.CompileError) throw new V8RefusalError(loaded.file, error);
      const trap = reportTrap(loaded.module, error);
      throw trap === undefined ? error : new ModuleTrapError(loaded.file, trap);
    }
  },
};

/** V8 finds a module invalid that our validator accepted: a difference, not an error of the user's. */
export class V8RefusalError extends Error {
  constructor(file: string, cause: Error) {
    super(`${file}: V8 refuses this module: ${cause.message}`, { cause });
    this.name = 'V8RefusalError';
  }
}

function refuseUnsupported({ file, module }: LoadedModule): void {
  if (module.memories.some((memory) => memory.pageSize !== wasmPageSize)) {
    throw new UnsupportedError('custom page sizes in the v8 engine', { file });
  }
  const wanted = module.imports[0];
  if (wanted !== undefined) throw new UnsupportedError(`the import ${wanted.module}.${wanted.name}`, { file });
}

type WasmFunction = (...args: unknown[]) => unknown;

function createInstance(module: WasmModule, instance: WasmInstance): EngineInstance {
  const functions = exportedFunctions(module);
  const callable = new Map(
    functions.map((entry) => [entry.name, { entry, call: instance.exports[entry.name] as WasmFunction }]),
  );
  const globals = module.globals.map((type, index) => ({ type, source: instance.exports[globalExport(module, index)]! }));
  const readers = new Map<number, () => unknown>();

  const floatFunctions = functions.filter(({ type }) => hasFloat(type.params) || hasFloat(type.results));
  const floatGlobals = globals.flatMap((entry, index) => (hasFloat([entry.type.type]) ? [{ ...entry, index }] : []));
  if (floatFunctions.length + floatGlobals.length > 0) {
    const bridge = new WebAssembly.Instance(
      new WebAssembly.Module(buildBridge(floatFunctions.map(({ type }) => type), floatGlobals.map(({ type }) => type))),
      {
        f: Object.fromEntries(floatFunctions.map((entry, n) => [n, instance.exports[entry.name]!])),
        g: Object.fromEntries(floatGlobals.map(({ source }, n) => [n, source])),
      },
    );
    floatFunctions.forEach((entry, n) => callable.set(entry.name, { entry, call: bridge.exports[`f${n}`] as WasmFunction }));
    floatGlobals.forEach(({ index }, n) => readers.set(index, bridge.exports[`g${n}`] as () => unknown));
  }

  return {
    invoke(name, args) {
      const target = callable.get(name);
      if (target === undefined) throw new UsageError(`no exported function '${name}'`);
      return call(module, target.entry, target.call, args);
    },
    memory(index) {
      return new Uint8Array((instance.exports[memoryExport(module, index)] as WasmMemory).buffer);
    },
    global(index) {
      const { type, source } = globals[index]!;
      const reader = readers.get(index) ?? (() => (source as WasmGlobal).value);
      return fromJs(type.type, reader());
    },
    close() {
      // Nothing to free: the garbage collector owns the instance.
    },
  };
}

function call(module: WasmModule, { type }: ExportedFunction, target: WasmFunction, args: readonly Value[]): Outcome {
  let returned: unknown;
  try {
    returned = target(...args.map(toJs));
  } catch (error) {
    const trap = reportTrap(module, error);
    if (trap === undefined) throw new InternalError('V8 ended a call in an unknown way', { cause: error });
    return { results: [], trap, statistics: noStatistics };
  }
  const values = type.results.length === 1 ? [returned] : type.results.length === 0 ? [] : [...(returned as Iterable<unknown>)];
  return {
    results: type.results.map((result, index) => fromJs(result, values[index])),
    trap: null,
    statistics: noStatistics,
  };
}

/** What a thrown error says about a trap; undefined where it is none. */
function reportTrap(module: WasmModule, error: unknown): TrapReport | undefined {
  const kinds = trapKinds(error);
  if (kinds === undefined) return undefined;
  const index = trappedFunction(error);
  // The export section was rewritten, so V8's own offset is not one of the user's file.
  return { kinds, wasmOffset: null, function: index === undefined ? null : functionName(module, index) };
}

/** A value as the bridge or a function without floats takes it: floats as integers. */
function toJs(value: Value): unknown {
  if (value.type === 'f32') return value.value | 0;
  if (value.type === 'f64') return BigInt.asIntN(64, value.value);
  return value.value;
}

function fromJs(type: ValueType, value: unknown): Value {
  switch (type) {
    case 'i32':
      return { type, value: value as number };
    case 'i64':
      return { type, value: value as bigint };
    case 'f32':
      return { type, value: (value as number) >>> 0 };
    case 'f64':
      return { type, value: BigInt.asUintN(64, value as bigint) };
    // A reference is V8's own: only whether it is null means something outside.
    case 'funcref':
      return { type, value: value as Extract<Value, { type: 'funcref' }>['value'] };
    case 'externref':
      return { type, value };
  }
}
