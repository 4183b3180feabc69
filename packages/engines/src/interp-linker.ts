import { InternalError, UnsupportedError } from '@fireball/contracts';
import {
  instantiate,
  InstantiationTrap,
  LinkError,
  Store,
  type Extern as StoreExtern,
  type FunctionType,
  type Instance,
  type TrapReport as InterpreterTrap,
} from '@fireball/wasm';
import { decodeInput, type LoadedModule } from './inputs/module.js';
import type { EngineOptions } from './engine.js';
import { ModuleTrapError, noStatistics, type EngineInstance, type TrapReport } from './instance.js';
import { withStandIns } from './imports/stand-ins.js';
import { withJitImports } from './jit-imports.js';
import type { HostCall } from './imports/host-calls.js';
import { linkedInstance, UnlinkableError, type Extern, type HostExterns, type ImportResolver, type LinkedInstance, type Linker } from './linker.js';

class InterpExtern implements Extern {
  constructor(readonly extern: StoreExtern) {}
  get kind(): Extern['kind'] {
    return this.extern.kind;
  }
}

/** One store of the reference interpreter. */
export function createInterpLinker(options: EngineOptions): Linker {
  const store = createStore(options);
  return {
    host: storeHost(store),
    load(file, bytes) {
      const loaded = decodeInput(file, bytes);
      // Errors reach those who wait for the instance.
      return { instantiate: (resolve) => Promise.resolve().then(() => link(store, loaded, resolve, options)) };
    },
    lastWork: () => store.executor.work,
    close() {
      // Nothing to free: the garbage collector owns the store.
    },
  };
}

/** An instance in a store of its own, with stand-ins for its imports where the options want them. */
export function instantiateAlone(loaded: LoadedModule, options: EngineOptions): LinkedInstance {
  const store = createStore(options);
  return withStandIns(loaded, storeHost(store), options, (resolve) => link(store, loaded, resolve, options));
}

/** Things of the host in a store. */
export function storeHost(store: Store): HostExterns {
  return {
    function: (type, call) => hostFunction(store, type, call),
    global: (type, value) => new InterpExtern(store.global(type, value)),
    table: (type) => new InterpExtern(store.table(type)),
    memory: (type) => new InterpExtern(store.memory(type)),
  };
}

/** A store with the limits that every engine has. */
export function createStore({ maxPages }: EngineOptions): Store {
  return new Store({ maxPages });
}

function hostFunction(store: Store, type: FunctionType, call: HostCall): Extern {
  return new InterpExtern(store.hostFunction(type, call));
}

function link(store: Store, { file, validated }: LoadedModule, resolve: ImportResolver, { fuel }: EngineOptions): LinkedInstance {
  try {
    store.executor.beginWork();
    const resolveAll = withJitImports(resolve, (type, call) => hostFunction(store, type, call));
    const instance = instantiate(store, validated, (module, name) => storeExtern(resolveAll(module, name)), { fuel });
    const exports = new Map([...instance.exports].map(([name, extern]) => [name, new InterpExtern(extern)]));
    return linkedInstance(validated.module, engineInstance(store, instance, fuel), exports);
  } catch (error) {
    if (error instanceof LinkError) throw new UnlinkableError(error.problem, { ...error.facts, file }, { cause: error });
    if (error instanceof InstantiationTrap) throw new ModuleTrapError(file, reportTrap(error.trap), store.executor.work);
    throw error instanceof UnsupportedError ? error.inFile(file) : error;
  }
}

/** What the store has behind an import. */
export function storeExtern(extern: Extern | undefined): StoreExtern | undefined {
  if (extern === undefined) return undefined;
  if (!(extern instanceof InterpExtern)) throw new InternalError('the import comes from another engine');
  return extern.extern;
}

function engineInstance(store: Store, instance: Instance, fuel: number): EngineInstance {
  let last = noStatistics;
  return {
    invoke(name, args) {
      const before = store.executor.executed;
      try {
        const outcome = instance.invoke(name, args, { fuel });
        const statistics = { ...noStatistics, wasmInstructions: outcome.instructions };
        return 'trap' in outcome ? { results: [], trap: reportTrap(outcome.trap), statistics } : { results: outcome.results, trap: null, statistics };
      } finally {
        last = { ...noStatistics, wasmInstructions: store.executor.executed - before };
      }
    },
    lastStatistics: () => last,
    lastWork: () => store.executor.work,
    memory: (index) => instance.memories[index]!.bytes,
    global: (index) => store.globalValue(instance.globals[index]!),
    close() {
      // Nothing to free: the garbage collector owns the store.
    },
  };
}

function reportTrap({ kind, offset, backtrace }: InterpreterTrap): TrapReport {
  return { kinds: [kind], wasmOffset: offset ?? null, function: backtrace[0]?.name ?? null, backtrace };
}
