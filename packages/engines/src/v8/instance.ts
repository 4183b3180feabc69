import { InternalError, UsageError } from '@fireball/contracts';
import { functionName, type Value, type ValueType, type WasmModule } from '@fireball/wasm';
import { exportedFunctions, type ExportedFunction } from '../inputs/module.js';
import { timeBound } from '../bounds.js';
import { noStatistics, type EngineInstance, type Outcome, type TrapReport } from '../instance.js';
import { buildBridge, hasFloat } from './bits-bridge.js';
import { globalExport, memoryExport } from './expose.js';
import { TimeLimitError, withTimeLimit } from './time-limit.js';
import { backtraceLimit, isEngineError, trapKinds, wasmFrames } from './traps.js';
import { WebAssembly, type WasmGlobal, type WasmInstance, type WasmMemory } from './webassembly.js';

type WasmFunction = (...args: unknown[]) => unknown;

/**
 * The instance of a module that went through `exposeState`.
 * @param codeShift by how many bytes that moved the code section
 * @param fuel as in `EngineOptions`
 */
export function createInstance(module: WasmModule, instance: WasmInstance, codeShift: number, fuel: number): EngineInstance {
  const functions = exportedFunctions(module);
  const callable = new Map(functions.map((entry) => [entry.name, { entry, call: instance.exports[entry.name] as WasmFunction }]));
  const globals = module.globals.map((type, index) => ({ type, source: instance.exports[globalExport(module, index)]! }));
  const readers = new Map<number, () => unknown>();

  const floatFunctions = functions.filter(({ type }) => hasFloat(type.params) || hasFloat(type.results));
  const floatGlobals = globals.flatMap((entry, index) => (hasFloat([entry.type.type]) ? [{ ...entry, index }] : []));
  if (floatFunctions.length + floatGlobals.length > 0) {
    const bridge = new WebAssembly.Instance(
      new WebAssembly.Module(
        buildBridge(
          floatFunctions.map(({ type }) => type),
          floatGlobals.map(({ type }) => type),
        ),
      ),
      {
        f: Object.fromEntries(floatFunctions.map((entry, n) => [n, instance.exports[entry.name]!])),
        g: Object.fromEntries(floatGlobals.map(({ source }, n) => [n, source])),
      },
    );
    floatFunctions.forEach((entry, n) => callable.set(entry.name, { entry, call: bridge.exports[`f${n}`] as WasmFunction }));
    floatGlobals.forEach(({ index }, n) => readers.set(index, bridge.exports[`g${n}`] as () => unknown));
  }

  return {
    invoke(name, args, reference) {
      const target = callable.get(name);
      if (target === undefined) throw new UsageError(`no exported function '${name}'`);
      return call(module, target.entry, target.call, args, codeShift, timeBound(reference, fuel));
    },
    lastStatistics: () => noStatistics,
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

function call(module: WasmModule, { type }: ExportedFunction, target: WasmFunction, args: readonly Value[], codeShift: number, milliseconds: number): Outcome {
  let returned: unknown;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = backtraceLimit;
  try {
    returned = withTimeLimit(milliseconds, () => target(...args.map(toJs)));
  } catch (error) {
    const trap = reportTrap(module, error, codeShift);
    if (trap !== undefined) return { results: [], trap, statistics: noStatistics };
    // What a host function threw passes through, as in every engine.
    throw isEngineError(error) ? new InternalError('V8 ended a call in an unknown way', { cause: error }) : error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const values = type.results.length === 1 ? [returned] : type.results.length === 0 ? [] : [...(returned as Iterable<unknown>)];
  return {
    results: type.results.map((result, index) => fromJs(result, values[index])),
    trap: null,
    statistics: noStatistics,
  };
}

/** What a thrown error says about a trap; undefined where it is none. */
export function reportTrap(module: WasmModule, error: unknown, codeShift: number): TrapReport | undefined {
  if (error instanceof TimeLimitError) return { kinds: ['out of fuel'], wasmOffset: null, function: null, backtrace: [] };
  const kinds = trapKinds(error);
  if (kinds === undefined) return undefined;
  const backtrace = wasmFrames(error).map(({ function: index, offset }) => ({
    function: index,
    name: functionName(module, index),
    offset: offset - codeShift,
  }));
  const [innermost] = backtrace;
  return { kinds, wasmOffset: innermost?.offset ?? null, function: innermost?.name ?? null, backtrace };
}

/** A value as the bridge or a function without floats takes it: floats as integers. */
export function toJs(value: Value): unknown {
  if (value.type === 'f32') return value.value | 0;
  if (value.type === 'f64') return BigInt.asIntN(64, value.value);
  return value.value;
}

/** The reverse of `toJs`. */
export function fromJs(type: ValueType, value: unknown): Value {
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
