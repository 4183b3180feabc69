import { InvalidInputError, UnsupportedError, type Isa } from '@fireball/contracts';
import { loadTemplates, loadTemplatesFrom, packTemplates, type TemplateSet } from '@fireball/jit';
import { createVsoc, StartTrap, type CallOutcome, type VsocTrap } from '@fireball/vsoc';
import { functionName, InstantiationTrap, type WasmModule } from '@fireball/wasm';
import { decodeInput, type LoadedModule } from '../inputs/module.js';
import {
  ModuleTrapError,
  type CallStatistics,
  type Engine,
  type EngineInstance,
  type EngineOptions,
  type TrapReport,
} from './engine.js';
import { linkedInstance, type Linker } from './linker.js';

/** Guest instructions granted for one unit of fuel: what a wasm instruction costs at most, helper routines included. */
const instructionsPerFuel = 100;

/** Every function compiled to machine code and run on the emulated CPU of the virtual SoC. */
export function nativeEngine(isa: Isa, summary: string): Engine {
  return {
    name: isa,
    summary,
    native: true,
    nanByClass: false,
    // The error is for the caller, not for whoever calls this without waiting.
    instantiate: (loaded, options) => Promise.resolve().then(() => start(isa, loaded, options)),
    createLinker: (options) => createNativeLinker(isa, options),
  };
}

/** Instances that cannot import: each lives on an SoC of its own. */
function createNativeLinker(isa: Isa, options: EngineOptions): Linker {
  const instances: EngineInstance[] = [];
  const refuse = (what: string) => (): never => {
    throw new UnsupportedError(`${what} of the host in the ${isa} engine`);
  };
  return {
    host: { function: refuse('functions'), global: refuse('globals'), table: refuse('tables'), memory: refuse('memories') },
    load(file, bytes) {
      const loaded = decodeInput(file, bytes);
      return {
        instantiate: () =>
          Promise.resolve().then(() => {
            const instance = start(isa, loaded, options);
            instances.push(instance);
            return linkedInstance(loaded.module, instance, new Map());
          }),
      };
    },
    close() {
      for (const instance of instances) instance.close();
    },
  };
}

function start(isa: Isa, { file, module, validated }: LoadedModule, { fuel, templates: folder }: EngineOptions): EngineInstance {
  const templates = folder === undefined ? loadTemplates(isa) : loadTemplatesFrom(folder, isa);
  const vsoc = createVsoc({ isa, templates, fuel: Math.min(fuel * instructionsPerFuel, Number.MAX_SAFE_INTEGER) });
  try {
    const instance = vsoc.instantiate(validated);
    return {
      invoke(name, args) {
        const outcome = instance.invoke(name, args);
        const statistics = statisticsOf(templates, outcome);
        return outcome.trap === null
          ? { results: outcome.results, trap: null, statistics }
          : { results: [], trap: reportTrap(module, outcome.trap), statistics };
      },
      memory: (index) => instance.memory(index),
      global: (index) => instance.global(index),
      close: () => vsoc.close(),
    };
  } catch (error) {
    vsoc.close();
    throw explain(file, module, error);
  }
}

/** What went wrong at the start, with the file's name; traps of every origin in one form. */
function explain(file: string, module: WasmModule, error: unknown): unknown {
  if (error instanceof StartTrap) return new ModuleTrapError(file, reportTrap(module, error.trap));
  if (error instanceof InvalidInputError || error instanceof UnsupportedError) return error.inFile(file);
  if (!(error instanceof InstantiationTrap)) return error;
  const { kind, offset, function: index } = error.trap;
  return new ModuleTrapError(file, reportTrap(module, { kind, wasmOffset: offset ?? null, functionIndex: index ?? null }));
}

function reportTrap(module: WasmModule, { kind, wasmOffset, functionIndex }: VsocTrap): TrapReport {
  if (functionIndex === null) return { kinds: [kind], wasmOffset, function: null, backtrace: [] };
  const name = functionName(module, functionIndex);
  const backtrace = wasmOffset === null ? [] : [{ function: functionIndex, name, offset: wasmOffset }];
  return { kinds: [kind], wasmOffset, function: name, backtrace };
}

/** Packed sizes of the sets seen so far; packing one takes longer than many calls. */
const packedBytes = new WeakMap<TemplateSet, number>();

function statisticsOf(templates: TemplateSet, { statistics }: CallOutcome): CallStatistics {
  const { instructions, nativeInstructions, codeBytes, routineBytes, compiledFunctions, fallbacks } = statistics;
  const packed = packedBytes.get(templates) ?? packTemplates(templates).bytes.length;
  packedBytes.set(templates, packed);
  return {
    instructions,
    nativeInstructions,
    codeBytes,
    routineBytes,
    templateBytes: packed,
    compiledFunctions,
    fallbacks,
    wasmInstructions: 0,
  };
}
