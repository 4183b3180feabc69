import { InternalError } from '@fireball/contracts';
import { FunctionCode, Lockstep, type HeapSchedule, type LockstepOutcome, type NativeMachine, type ValueDifference } from '@fireball/debugger';
import {
  compareHostCalls,
  createStandIns,
  instructionBound,
  storeExtern,
  storeHost,
  vsocExtern,
  vsocHost,
  type HostCallRecord,
  type HostExterns,
  type ImportPolicy,
  type LoadedModule,
  type StandIns,
} from '@fireball/engines';
import { createVsoc, type Vsoc, type VsocInstance, type VsocOptions } from '@fireball/vsoc';
import { instantiate, type Instance, type Store, type ValidatedModule, type Value } from '@fireball/wasm';
import { HeapComparison } from './heap.js';
import { nativeBounds, nativeMachine, placedCode } from './native-side.js';

/** A call of a function by its index. */
export interface WorldCall {
  readonly index: number;
  readonly args: readonly Value[];
}

/** What is searched for a divergence. */
export type SearchedModule = Pick<LoadedModule, 'file' | 'validated'>;

export interface SearchLimits {
  readonly fuel: number;
  readonly maxPages: number;
  /** What stands in for imports; they are found nowhere where absent. */
  readonly imports?: ImportPolicy;
}

/** One instance of a module in the reference interpreter and one in native code, both in front of the start function. */
export class World {
  readonly heap: HeapComparison;
  readonly vsoc: Vsoc;
  /** How the calls of the host differ that both sides have made since this was asked last. */
  readonly hostDifferences: () => readonly ValueDifference[];
  private readonly reference: Instance;
  private readonly native: VsocInstance;
  private readonly machine: NativeMachine;
  private readonly functions = new Map<number, FunctionCode>();
  private readonly marks = new Map<number, FunctionCode>();

  constructor(
    { file, validated }: SearchedModule,
    private readonly store: Store,
    options: VsocOptions,
    private readonly limits: SearchLimits,
  ) {
    const startless: ValidatedModule = { ...validated, module: { ...validated.module, start: undefined } };
    const { module } = validated;
    const { imports, maxPages } = limits;
    const standIns = (host: HostExterns): StandIns | undefined => (imports === undefined ? undefined : createStandIns(file, module, host, imports, maxPages));
    const expected = standIns(storeHost(store));
    this.reference = instantiate(store, startless, (from, name) => storeExtern(expected?.resolve(from, name)));
    this.vsoc = createVsoc({ ...options, locations: true });
    try {
      const actual = standIns(vsocHost(this.vsoc));
      this.native = this.vsoc.instantiate(startless, (from, name) => vsocExtern(actual?.resolve(from, name)));
      expected?.connect((index) => this.reference.memories[index]!.bytes);
      actual?.connect((index) => this.native.memory(index));
      this.hostDifferences = () => hostDifferences(expected?.takeCalls() ?? [], actual?.takeCalls() ?? []);
      this.machine = nativeMachine(this.vsoc);
      this.heap = new HeapComparison(this.reference, this.vsoc, this.native);
      for (const installed of this.vsoc.codeMap.functions) {
        const source = validated.functions.find(({ index }) => index === installed.index);
        if (source === undefined) throw new InternalError(`code of no function ${installed.index}`);
        const code = new FunctionCode(validated.module, source, placedCode(installed, source.type, this.vsoc.isa));
        this.functions.set(installed.index, code);
        for (const { address } of code.boundaries) this.marks.set(address, code);
      }
    } catch (error) {
      this.vsoc.close();
      throw error;
    }
  }

  /** Makes the call on both sides, uncompared. */
  replay({ index, args }: WorldCall): void {
    this.reference.invoke(index, args, { fuel: this.limits.fuel });
    this.vsoc.execution.fuel = instructionBound('compiled', this.store.executor.work);
    try {
      this.vsoc.call(this.functionAt(index), args);
    } catch (error) {
      // A crash ends the call like a trap.
      if (!(error instanceof InternalError)) throw error;
    }
  }

  /** Makes the call on both sides and compares every step. */
  lockstep({ index, args }: WorldCall, schedule: HeapSchedule): LockstepOutcome {
    const { vsoc, machine, heap, hostDifferences: host, functions, marks } = this;
    // Each way to where the reference is has a bound of its own.
    vsoc.execution.fuel = Number.MAX_SAFE_INTEGER;
    const call = vsoc.callStepwise(this.functionAt(index), args);
    const lockstep = new Lockstep({
      machine,
      heap,
      hostDifferences: host,
      functions,
      marks,
      call,
      schedule,
      work: () => this.store.executor.work,
      bounds: nativeBounds,
    });
    return lockstep.run((observer) => this.reference.invoke(index, args, { fuel: this.limits.fuel, observer }));
  }

  private functionAt(index: number): VsocInstance['functions'][number] {
    const found = this.native.functions[index];
    if (found === undefined) throw new InternalError(`no function ${index}`);
    return found;
  }

  close(): void {
    this.vsoc.close();
  }
}

function hostDifferences(expected: readonly HostCallRecord[], actual: readonly HostCallRecord[]): readonly ValueDifference[] {
  const difference = compareHostCalls(expected, actual, false);
  return difference === undefined ? [] : [{ kind: 'host call', what: 'calls of the host', index: null, address: null, place: null, ...difference }];
}
