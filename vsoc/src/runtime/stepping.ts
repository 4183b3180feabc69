import { InternalError } from '@fireball/contracts';
import type { CallResult, EnteredCall, GuestCalls } from './calls.js';
import type { Execution } from './execution.js';
import type { Safepoints } from './safepoints.js';

/** Instructions between two looks whether a call that was asked to has yielded. */
const pauseSlice = 1_000_000;

/**
 * A call under way, in single instructions, in pieces, or from safepoint to safepoint. In between, registers and memory may be read.
 * Every run repeats exactly, so a call can be made again to look at an earlier moment.
 */
export class SteppedCall {
  /** Address of the next instruction. */
  pc: number;
  /** Instructions executed so far. */
  instructions = 0;
  private nativeInstructions = 0;
  private active = true;

  /** @internal `Vsoc.callStepwise` makes them */
  constructor(
    private readonly calls: GuestCalls,
    private readonly execution: Execution,
    private readonly safepoints: Safepoints,
    private readonly call: EnteredCall,
  ) {
    this.pc = call.entry;
  }

  /**
   * Executes one instruction (an IT instruction with its block, a system call with what the host does for it). Returns how
   * the call ended, once it has.
   * @throws InternalError where generated code left its world
   */
  step(): CallResult | undefined {
    return this.run(1);
  }

  /**
   * Goes on to the next safepoint, which all code comes to within a bound (jit/ABI.md, "Safepoints"). Returns how the call
   * ended, if it did so before.
   * @throws UsageError where there are no safepoints
   */
  runToSafepoint(): CallResult | undefined {
    const { safepoints } = this;
    const before = safepoints.yields;
    safepoints.request();
    for (;;) {
      const ended = this.run(pauseSlice);
      if (ended !== undefined || safepoints.yields > before) return ended;
    }
  }

  /** Executes at most `budget` instructions; fewer up to a system call. Returns how the call ended, once it has. */
  run(budget: number): CallResult | undefined {
    if (!this.active) throw new InternalError('a call that has ended cannot go on');
    try {
      const { fuel } = this.execution;
      const result = this.execution.advance(this.pc, Math.min(budget, fuel - this.instructions));
      this.pc = result.pc;
      this.instructions += result.executed;
      this.nativeInstructions += result.executedInRange;
      if (result.reason.kind === 'budget' && this.instructions < fuel) return undefined;
      const counts = { executed: this.instructions, executedInRange: this.nativeInstructions };
      const ended = this.calls.resultOf(this.call, { ...result, ...counts });
      this.abandon();
      return ended;
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** Gives the call up where it is. No other may be going on around it. */
  abandon(): void {
    if (!this.active) return;
    this.active = false;
    this.calls.leave(this.call);
  }
}
