import { UsageError } from '@fireball/contracts';
import type { WasmModule } from '../module.js';
import { Trap } from '../trap.js';
import type { ValueType } from '../types.js';
import type { ValidatedModule } from '../validator.js';
import type { FunctionInstance } from './function.js';
import type { GlobalInstance } from './global.js';
import type { Extern } from './linking.js';
import type { ExecutionObserver } from './machine.js';
import type { MemoryInstance } from './memory.js';
import type { Store } from './store.js';
import type { TableInstance } from './table.js';
import { backtraceLimit, reportTrap, type TrapReport } from './trap-report.js';
import { checkValues, type Value } from './values.js';

/** How one call is limited and watched. */
export interface InvokeOptions {
  /** Instructions that the call may execute, calls back from the host included; then the trap `out of fuel`. */
  readonly fuel?: number;
  /** Sees every instruction of the call. */
  readonly observer?: ExecutionObserver;
}

/** How a call ended. `instructions` = executed wasm instructions; `block`, `loop`, `nop` and inner `end` cost nothing. */
export type InvokeOutcome =
  | { readonly results: readonly Value[]; readonly instructions: number }
  | { readonly trap: TrapReport; readonly instructions: number };

const noElements = new Int32Array(0);
const noData = new Uint8Array(0);

/** Calls any function of `store`. */
export function invokeFunction(
  store: Store,
  callee: FunctionInstance,
  args: readonly Value[],
  options: InvokeOptions = {},
): InvokeOutcome {
  const { machine, codec } = store;
  checkValues(args, callee.type.params, 'arguments');
  const run = (): void => {
    args.forEach((value) => machine.pushRaw(value.type, codec.toRaw(value)));
    machine.run(callee);
  };
  return outcomeOf(store, run, callee.type.results, options);
}

/** Runs the machine, which leaves results of these types on its stack, and says how that ended. */
export function outcomeOf(store: Store, run: () => void, results: readonly ValueType[], options: InvokeOptions): InvokeOutcome {
  const { machine, codec } = store;
  const mark = machine.mark();
  const before = machine.executed;
  // A call from inside a host function goes on with the fuel of the outer call.
  if (machine.idle) {
    machine.setFuel(options.fuel ?? Infinity);
    machine.beginWork();
  }
  const { observer } = machine;
  machine.observer = options.observer ?? observer;
  try {
    run();
    const values = results.map((type, index) =>
      codec.fromRaw(type, machine.rawAt(mark.sp + index, type)),
    );
    return { results: values, instructions: machine.executed - before };
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    const positions = machine.positions(mark.depth, backtraceLimit, error.kind === 'out of fuel');
    return { trap: reportTrap(error, positions), instructions: machine.executed - before };
  } finally {
    machine.observer = observer;
    machine.unwind(mark);
  }
}

/** An instantiated module. Index spaces hold imports first. */
export class Instance {
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
