import { InternalError } from '@fireball/contracts';
import { createVsoc, type Vsoc, type VsocInstance, type VsocOptions } from '@fireball/vsoc';
import { instantiate, type Instance, type Store, type ValidatedModule, type Value } from '@fireball/wasm';
import type { HeapSchedule } from './agreement.js';
import type { LockstepOutcome } from './divergence.js';
import { FunctionCode } from './function-code.js';
import { HeapComparison } from './heap.js';
import { Lockstep } from './lockstep.js';

/** A call of a function by its index. */
export interface WorldCall {
  readonly index: number;
  readonly args: readonly Value[];
}

/** One instance of a module in the reference interpreter and one in native code, both in front of the start function. */
export class World {
  readonly heap: HeapComparison;
  readonly vsoc: Vsoc;
  private readonly reference: Instance;
  private readonly native: VsocInstance;
  private readonly functions = new Map<number, FunctionCode>();
  private readonly marks = new Map<number, FunctionCode>();

  constructor(
    validated: ValidatedModule,
    store: Store,
    options: VsocOptions,
    private readonly fuel: number,
  ) {
    const startless: ValidatedModule = { ...validated, module: { ...validated.module, start: undefined } };
    this.reference = instantiate(store, startless);
    this.vsoc = createVsoc({ ...options, locations: true });
    try {
      this.native = this.vsoc.instantiate(startless);
      this.heap = new HeapComparison(this.reference, this.vsoc, this.native);
      for (const installed of this.vsoc.codeMap.functions) {
        const source = validated.functions.find(({ index }) => index === installed.index);
        if (source === undefined) throw new InternalError(`code of no function ${installed.index}`);
        const code = new FunctionCode(validated.module, source, installed);
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
    this.reference.invoke(index, args, { fuel: this.fuel });
    try {
      this.vsoc.call(this.functionAt(index), args);
    } catch (error) {
      // A crash ends the call like a trap.
      if (!(error instanceof InternalError)) throw error;
    }
  }

  /** Makes the call on both sides and compares every step. */
  lockstep({ index, args }: WorldCall, schedule: HeapSchedule): LockstepOutcome {
    const { vsoc, heap, functions, marks } = this;
    const call = vsoc.callStepwise(this.functionAt(index), args);
    const lockstep = new Lockstep({ vsoc, heap, functions, marks, call, schedule });
    return lockstep.run((observer) => this.reference.invoke(index, args, { fuel: this.fuel, observer }));
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
