import { InternalError } from '@fireball/contracts';
import type { CallResult, EnteredCall, Vsoc } from './vsoc.js';

/**
 * A call under way, instruction by instruction. In between, registers and memory may be read. Every run repeats exactly,
 * so a call can be made again to look at an earlier moment.
 */
export class SteppedCall {
  /** Address of the next instruction. */
  pc: number;
  /** Instructions executed so far. */
  instructions = 0;
  private nativeInstructions = 0;
  private active = true;

  constructor(
    private readonly vsoc: Vsoc,
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
    if (!this.active) throw new InternalError('a call that has ended cannot go on');
    try {
      const result = this.vsoc.advance(this.pc, 1);
      this.pc = result.pc;
      this.instructions += result.executed;
      this.nativeInstructions += result.executedInRange;
      if (result.reason.kind === 'budget' && this.instructions < this.vsoc.fuel) return undefined;
      const counts = { executed: this.instructions, executedInRange: this.nativeInstructions };
      const ended = this.vsoc.resultOf(this.call, { ...result, ...counts });
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
    this.vsoc.leave(this.call);
  }
}
