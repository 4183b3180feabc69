import { InternalError, UsageError, type CpuBackend, type RunResult } from '@fireball/contracts';
import { hostCallPlan, wordCount, type HostCallPlan } from '@fireball/jit';
import type { FunctionType, ValueType } from '@fireball/wasm';
import type { DataMemory } from '../chip/data-memory.js';
import type { Executed, Execution } from './execution.js';
import { codeWord, type VsocFunction } from './externs.js';
import type { Sandbox } from '../checks/sandbox.js';
import type { VsocStore } from './store.js';
import type { VsocTrap } from './traps.js';
import { valuesOfWords, wordsOfValue, type VsocValue } from './values.js';

/** A call whose arguments are in place. */
export interface EnteredCall {
  readonly entry: number;
  readonly type: FunctionType;
  readonly plan: HostCallPlan;
  /** sp before and after the call. */
  readonly outerSp: number;
  /** What to put back: the call was made by a host function that generated code had called. */
  readonly outer: { readonly sp: number; readonly link: number } | undefined;
  /** Activations that the sandbox knew before. */
  readonly active: number;
}

/** Guest instructions executed; those of them fetched from sealed code memory, and those of the interpreter in ROM. */
export interface CallCounts {
  readonly instructions: number;
  readonly nativeInstructions: number;
  readonly interpreterInstructions: number;
}

/** How a call into generated code ended. */
export interface CallResult extends CallCounts {
  readonly results: readonly VsocValue[];
  readonly trap: VsocTrap | null;
}

interface CallInputs {
  readonly cpu: CpuBackend;
  readonly dataMemory: DataMemory;
  readonly store: VsocStore;
  readonly execution: Execution;
  readonly sandbox: Sandbox | undefined;
  readonly resultBuffer: number;
  /** Where calls return to: nothing can be executed there. */
  readonly exitAddress: number;
  /** Is the range in which instructions are counted that of the interpreter? */
  readonly countsInterpreter: boolean;
  /** What stopped the CPU elsewhere. */
  trapOf(result: RunResult): VsocTrap;
  /** A call has ended, however it did. */
  left(): void;
}

/** Calls of guest code by the host. A function of the host that guest code has called may call back. */
export class GuestCalls {
  /** Link registers of outer calls whose host functions have called back. */
  readonly outerLinks: number[] = [];
  /** Calls that are active. */
  private depth = 0;
  /** What the last call executed, calls by functions of the host included; known even if one of these threw out of it. */
  lastCounts: CallCounts = { instructions: 0, nativeInstructions: 0, interpreterInstructions: 0 };

  constructor(private readonly inputs: CallInputs) {}

  /** Calls a function of any instance or of the host. */
  call(callee: VsocFunction, args: readonly VsocValue[]): CallResult {
    return this.finish(this.enterFunction(callee, args));
  }

  /**
   * Calls an OSR entry, as an interpreter does whose frame has these words: locals, then operands, two words each
   * (ABI.md, "On-stack replacement").
   */
  callLoop(entry: number, results: readonly ValueType[], frame: Int32Array): CallResult {
    const sp = (this.freeStack - 4 * frame.length) & ~15;
    frame.forEach((word, index) => this.inputs.dataMemory.writeWord(sp + 4 * index, word));
    return this.finish(this.enter(entry, { params: ['i32'], results }, [sp], sp));
  }

  /** Calls code at an address that follows the calling convention. */
  callAt(entry: number, type: FunctionType): CallResult {
    return this.finish(this.enter(entry, type, [], this.freeStack));
  }

  /** Prepares a call of a function of any instance or of the host. `leave` must follow. */
  enterFunction(callee: VsocFunction, args: readonly VsocValue[]): EnteredCall {
    const { store } = this.inputs;
    const words = args.flatMap((value) => wordsOfValue(value, store.references));
    return this.enter(store.codeOf(callee), callee.type, words, this.freeStack);
  }

  /** The stack below this is free. */
  private get freeStack(): number {
    const { cpu, dataMemory } = this.inputs;
    return this.depth === 0 ? dataMemory.stackTop : (cpu.readRegister('sp') >>> 0) & ~15;
  }

  /**
   * Prepares a call of code of this type at an address: argument words, stack pointer, return address. sp is `outerSp`
   * before and after. `leave` must follow.
   */
  private enter(entry: number, type: FunctionType, words: readonly number[], outerSp: number): EnteredCall {
    const { cpu, dataMemory, sandbox, exitAddress } = this.inputs;
    const plan = hostCallPlan(type, cpu.isa);
    if (words.length !== plan.arguments.length) {
      throw new UsageError(`${words.length} argument words for a function that takes (${type.params.join(' ')})`);
    }
    const outer = this.depth === 0 ? undefined : { sp: cpu.readRegister('sp'), link: cpu.readRegister(plan.link) };
    if (outer !== undefined) this.outerLinks.push(outer.link >>> 0);
    const sp = outerSp - plan.stackBytes;
    plan.arguments.forEach((place, position) => {
      const word = words[position] as number;
      if ('register' in place) cpu.writeRegister(place.register, word);
      else dataMemory.writeWord(sp + place.stack, word);
    });
    cpu.writeRegister('sp', sp);
    cpu.writeRegister(plan.link, codeWord(cpu.isa, exitAddress));
    this.depth++;
    return { entry, type, plan, outerSp, outer, active: sandbox?.activations() ?? 0 };
  }

  private finish(call: EnteredCall): CallResult {
    const { execution } = this.inputs;
    const before = execution.total;
    try {
      return this.resultOf(call, execution.run(call.entry));
    } finally {
      const { executed, executedInRange } = execution.total;
      this.lastCounts = this.countsOf({ executed: executed - before.executed, executedInRange: executedInRange - before.executedInRange });
      this.leave(call);
    }
  }

  /** How the call ended, from what stopped the CPU. */
  resultOf({ type, plan, outerSp }: EnteredCall, result: RunResult): CallResult {
    const { cpu, dataMemory, store, sandbox, resultBuffer } = this.inputs;
    sandbox?.check();
    const counts = this.countsOf(result);
    if (!this.isExit(result)) return { results: [], trap: this.inputs.trapOf(result), ...counts };
    if (cpu.readRegister('sp') >>> 0 !== outerSp) throw new InternalError('sp is not where the call began');
    const resultWords = Array.from({ length: wordCount(type.results) }, (_, index) => {
      const register = plan.results[index];
      return register === undefined ? dataMemory.readWord(resultBuffer + 4 * (index - plan.results.length)) : cpu.readRegister(register);
    });
    return { results: valuesOfWords(type.results, resultWords, store.references), trap: null, ...counts };
  }

  leave({ plan, outer, active }: EnteredCall): void {
    const { cpu, sandbox } = this.inputs;
    this.depth--;
    this.inputs.left();
    sandbox?.unwind(active);
    if (outer === undefined) return;
    cpu.writeRegister('sp', outer.sp);
    cpu.writeRegister(plan.link, outer.link);
    this.outerLinks.pop();
  }

  private isExit(result: RunResult): boolean {
    return result.reason.kind === 'invalid-instruction' && result.pc === this.inputs.exitAddress;
  }

  private countsOf({ executed, executedInRange }: Executed): CallCounts {
    const [nativeInstructions, interpreterInstructions] = this.inputs.countsInterpreter ? [0, executedInRange] : [executedInRange, 0];
    return { instructions: executed, nativeInstructions, interpreterInstructions };
  }
}
