import { UsageError } from '@fireball/contracts';
import type { WasmModule } from '../module.js';
import { Trap } from '../trap.js';
import type { ValueType } from '../types.js';
import type { ValidatedModule } from '../validator.js';
import type { ExecutionObserver } from './executor.js';
import type { GlobalInstance } from './global.js';
import type { MemoryInstance } from './memory.js';
import type { Store } from './store.js';
import type { Extern, FunctionInstance, ModuleInstance, Value } from './structure.js';
import type { TableInstance } from './table.js';
import { backtraceLimit, reportTrap, type TrapReport } from './trap-report.js';
import { checkValues } from './values.js';

/** How one call is limited and watched. */
export interface InvokeOptions {
  /** Instructions that the call may execute, calls back from the host included; then the trap `out of fuel`. */
  readonly fuel?: number;
  /** Sees every instruction of the call. */
  readonly observer?: ExecutionObserver;
}

/** How a call ended. `instructions` = executed wasm instructions; `block`, `loop`, `nop` and inner `end` cost nothing. */
export type InvokeOutcome =
  { readonly results: readonly Value[]; readonly instructions: number } | { readonly trap: TrapReport; readonly instructions: number };

const noElements = new Int32Array(0);
const noData = new Uint8Array(0);

/** Calls any function of `store`. */
export function invokeFunction(store: Store, callee: FunctionInstance, args: readonly Value[], options: InvokeOptions = {}): InvokeOutcome {
  const { executor, codec } = store;
  checkValues(args, callee.type.params, 'arguments');
  const run = (): void => {
    args.forEach((value) => executor.pushRaw(value.type, codec.toRaw(value)));
    executor.run(callee);
  };
  return outcomeOf(store, run, callee.type.results, options);
}

/** Runs the executor, which leaves results of these types on its stack, and says how that ended. */
export function outcomeOf(store: Store, run: () => void, results: readonly ValueType[], options: InvokeOptions): InvokeOutcome {
  const { executor, codec } = store;
  const mark = executor.mark();
  const before = executor.executed;
  // A call from inside a host function goes on with the fuel of the outer call.
  if (executor.idle) {
    executor.setFuel(options.fuel ?? Infinity);
    executor.beginWork();
  }
  const { observer } = executor;
  executor.observer = options.observer ?? observer;
  try {
    run();
    const values = results.map((type, index) => codec.fromRaw(type, executor.rawAt(mark.sp + index, type)));
    return { results: values, instructions: executor.executed - before };
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    const positions = executor.positions(mark.depth, backtraceLimit, error.kind === 'out of fuel');
    return { trap: reportTrap(error, positions), instructions: executor.executed - before };
  } finally {
    executor.observer = observer;
    executor.unwind(mark);
  }
}

/** An instantiated module. Index spaces hold imports first. */
export class Instance implements ModuleInstance {
  readonly module: WasmModule;
  readonly functions: FunctionInstance[] = [];
  readonly tables: TableInstance[] = [];
  readonly memories: MemoryInstance[] = [];
  readonly globals: GlobalInstance[] = [];
  readonly exports = new Map<string, Extern>();
  /** References of the element segments, and bytes of the data segments; empty once dropped. */
  readonly elements: Int32Array[] = [];
  readonly data: Uint8Array[] = [];

  constructor(
    readonly store: Store,
    readonly validated: ValidatedModule,
  ) {
    this.module = validated.module;
  }

  dropElements(segment: number): void {
    this.elements[segment] = noElements;
  }

  dropData(segment: number): void {
    this.data[segment] = noData;
  }

  /** The exported thing called `name`, if it is of this kind. */
  private exported(name: string, kind: Extern['kind']): Extern {
    const extern = this.exports.get(name);
    if (extern?.kind !== kind) {
      throw new UsageError(`no exported ${kind} "${name}"`);
    }
    return extern;
  }

  private functionOf(callee: string | number): FunctionInstance {
    if (typeof callee === 'string') return this.exported(callee, 'function') as FunctionInstance;
    const found = this.functions[callee];
    if (found === undefined) throw new UsageError(`no function ${callee}`);
    return found;
  }

  /** Calls an exported function by name, or any function by index. */
  invoke(callee: string | number, args: readonly Value[] = [], options: InvokeOptions = {}): InvokeOutcome {
    return invokeFunction(this.store, this.functionOf(callee), args, options);
  }

  /** Value of an exported global. */
  globalValue(name: string): Value {
    return this.store.globalValue(this.exported(name, 'global') as GlobalInstance);
  }
}
