import {
  functionName,
  instantiate,
  InstantiationTrap,
  Store,
  type TrapReport as InterpreterTrap,
  type WasmModule,
} from '@fireball/wasm';
import { wasmPageSize } from '@fireball/contracts';
import { ModuleTrapError, noStatistics, type Engine, type TrapReport } from './engine.js';

/** The reference interpreter: says what is right. */
export const interpEngine: Engine = {
  name: 'interp',
  summary: 'the reference interpreter',
  native: false,
  nanByClass: false,
  instantiate({ file, module, validated }, { fuel, maxPages }) {
    const store = new Store({ maxMemoryBytes: maxPages * wasmPageSize });
    const instance = start();

    function start(): ReturnType<typeof instantiate> {
      try {
        return instantiate(store, validated, () => undefined, { fuel });
      } catch (error) {
        if (error instanceof InstantiationTrap) throw new ModuleTrapError(file, reportTrap(module, error.trap));
        throw error;
      }
    }

    return Promise.resolve({
      invoke(name, args) {
        const outcome = instance.invoke(name, args, { fuel });
        const statistics = { ...noStatistics, wasmInstructions: outcome.instructions };
        return 'trap' in outcome
          ? { results: [], trap: reportTrap(module, outcome.trap), statistics }
          : { results: outcome.results, trap: null, statistics };
      },
      memory: (index) => instance.memories[index]!.bytes,
      global: (index) => store.globalValue(instance.globals[index]!),
      close() {
        // Nothing to free: the garbage collector owns the store.
      },
    });
  },
};

function reportTrap(module: WasmModule, { kind, offset, function: index }: InterpreterTrap): TrapReport {
  return {
    kinds: [kind],
    wasmOffset: offset ?? null,
    function: index === undefined ? null : functionName(module, index),
  };
}
