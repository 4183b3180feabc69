/** Layout of a run's outcome in the scratch page; the writer is `RunBudget` in native/run-methods.cc. */
export const outcomeOffset = 64;
export const outcomeLength = 15;
/** Behind it the address of a memory fault as a 64-bit integer: doubles do not hold all of RV64's. */
export const faultAddressOffset = outcomeOffset + 8 * outcomeLength;

/** Why a run ended; the order is that of `Reason` in native/run.h. */
const reasons = ['none', 'budget', 'stopped', 'exception', 'invalid-instruction', 'memory-fault', 'idle', 'trap', 'breakpoint', 'watchpoint'] as const;
/** Why a budgeted run ended; README.md, "run", says what each means. */
export type RunReason = Exclude<(typeof reasons)[number], 'none'>;

/** How a budgeted run ended, as the scratch page holds it. */
export interface RunOutcome {
  readonly reason: RunReason;
  /** The instruction that runs next, or that could not be completed. Bit 0 clear on Arm. */
  readonly pc: number;
  /** The instruction that retired last, in this run or an earlier one. */
  readonly previousPc: number;
  /** The one of `count_range` that retired last since the range was set; null before there is one. */
  readonly lastPcInRange: number | null;
  /** Instructions retired by this run. */
  readonly executed: number;
  /** Of those, the ones inside `count_range`. An IT block counts where its IT is. */
  readonly executedInRange: number;
  /** Of `exception` the library's interrupt number, of `trap` one of `runTraps` (0 on RISC-V: it is at an instruction of `riscv_watch`); of `idle` 1 for WFE, 0 for WFI. */
  readonly interrupt: number;
  /** A `MEM_*` constant, address and size of the access; valid when `reason` is `memory-fault` or `watchpoint`. */
  readonly faultType: number;
  readonly faultAddress: number;
  readonly faultSize: number;
  /** How many addresses this run left in the buffer of `trace_runs`. */
  readonly traced: number;
  /** With `run_checks`: has it executed SEV? */
  readonly event: boolean;
  /** With `riscv_internals`: traps that the run entered by itself; each is counted in `executed`. */
  readonly entered: number;
  /** Has a part of it been counted by translated blocks? Nothing else depends on that but its speed. */
  readonly byBlocks: boolean;
  /** How many translated blocks count themselves, which costs nearly nothing. Nothing else depends on that either. */
  readonly countingBlocks: number;
}

export function readOutcome(outcome: Float64Array): RunOutcome {
  const at = (index: number): number => outcome[index] ?? 0;
  return {
    reason: reasons[at(0)] as RunReason,
    pc: at(1),
    previousPc: at(2),
    executed: at(3),
    executedInRange: at(4),
    interrupt: at(5),
    faultType: at(6),
    faultAddress: at(7),
    faultSize: at(8),
    lastPcInRange: at(9) < 0 ? null : at(9),
    traced: at(10),
    event: at(11) !== 0,
    entered: at(12),
    byBlocks: at(13) !== 0,
    countingBlocks: at(14),
  };
}
