import type { CpuBackend, Isa, RunResult } from '@fireball/contracts';
import type { SystemCalls } from './host-functions.js';
import type { Interrupts } from '../checks/interrupts.js';
import type { Safepoints } from './safepoints.js';
import type { Sandbox } from '../checks/sandbox.js';
import type { MixedMode } from '../tier/mixed.js';

interface ExecutionInputs {
  readonly cpu: CpuBackend;
  readonly systemCalls: SystemCalls;
  readonly safepoints: Safepoints;
  readonly mixed: MixedMode | undefined;
  readonly interrupts: Interrupts | undefined;
  readonly sandbox: Sandbox | undefined;
  /** Most guest instructions of one run. */
  readonly fuel: number;
  /** Most guest instructions between two looks of the host at its own affairs. */
  readonly slice: number;
}

/** Guest instructions executed, and those of them in the range that is counted. */
export type Executed = Pick<RunResult, 'executed' | 'executedInRange'>;

/** How a piece of a run ended. */
interface Advance extends RunResult {
  /** What the host has carried out for the guest, which goes on: its system call, or a flush that was lost. */
  readonly served?: RunResult['reason']['kind'];
}

/** Interrupt numbers by which the CPU library reports SVC and ECALL. */
const systemCallException = { thumb2: 2, rv32: 8 } as const satisfies Record<Isa, number>;

/** Lets the CPU run, and whatever else takes its time by guest instructions: clocks, interrupts, time slices. */
export class Execution {
  /** Most guest instructions of one run; a run that has begun keeps its limit. */
  fuel: number;
  private executed = 0;
  private executedInRange = 0;

  constructor(private readonly inputs: ExecutionInputs) {
    this.fuel = inputs.fuel;
  }

  /** All that was ever executed. */
  get total(): Executed {
    return { executed: this.executed, executedInRange: this.executedInRange };
  }

  /** Virtual time: guest instructions executed, and the time that an explicit compilation was waited for. */
  get now(): number {
    return this.inputs.mixed?.clock.now ?? this.executed;
  }

  /** Runs from `entry` until something other than a system call stops the CPU, or for `fuel` instructions. */
  run(entry: number): RunResult {
    const { fuel } = this;
    const { slice, safepoints } = this.inputs;
    let pc = entry;
    let executed = 0;
    let executedInRange = 0;
    let untilYield = safepoints.timeSlice;
    for (;;) {
      const result = this.advance(pc, Math.min(slice, fuel - executed, untilYield));
      executed += result.executed;
      untilYield -= result.executed;
      if (untilYield <= 0) {
        safepoints.request();
        untilYield = safepoints.timeSlice;
      }
      executedInRange += result.executedInRange;
      if (result.reason.kind !== 'budget' || executed >= fuel) return { ...result, executed, executedInRange };
      pc = result.pc;
    }
  }

  /** Runs at most `budget` instructions; a system call, and an event of mixed mode, is carried out and counts as the end of the budget. */
  advance(pc: number, budget: number): Advance {
    return this.serve(this.execute(pc, budget));
  }

  /** The CPU's part of `advance`. */
  execute(pc: number, budget: number): RunResult {
    const { cpu, mixed, interrupts, sandbox } = this.inputs;
    sandbox?.refresh();
    const result = cpu.run(pc, Math.min(budget, mixed?.clock.untilNext ?? Infinity, interrupts?.untilNext ?? Infinity));
    this.executed += result.executed;
    this.executedInRange += result.executedInRange;
    mixed?.clock.advance(result.executed);
    interrupts?.advance(result.executed);
    return result;
  }

  /** The host's part. @throws InputAwaited where the guest has to wait for input: it is asked again then, with the same */
  serve(result: RunResult): Advance {
    const { cpu, systemCalls, mixed } = this.inputs;
    const { reason } = result;
    const goesOn =
      (reason.kind === 'invalid-instruction' && mixed?.repair(result.pc) === true) ||
      (reason.kind === 'exception' && reason.number === systemCallException[cpu.isa] && systemCalls.perform(result.pc));
    return goesOn ? { ...result, reason: { kind: 'budget' }, served: reason.kind } : result;
  }
}
