/** What planning decides about a function that others than the core look at. */
import type { Reg } from '../target/registers.js';
import type { Instruction, LocalWords } from './body.js';
import type { Analyses } from './analyses.js';
import type { ExtendedLocals } from './extended-locals.js';

export interface Plan {
  readonly body: readonly Instruction[];
  readonly locals: LocalWords;
  /** i64 locals whose upper word follows from the lower one, so that it is written only. */
  readonly extended: ExtendedLocals;
  /** What the core knows of it, until it is there for another function. */
  readonly analyses: Analyses;
}

/** Which registers hold locals and constants throughout a function. */
export interface Allocation {
  /** Register per local word; -1 where it lives in its home slot. Words whose values are wanted at different times may have the same one. */
  readonly localRegs: Int32Array;
  /** Register per constant (unsigned value). */
  readonly constRegs: ReadonlyMap<number, Reg>;
  /** Callee-saved registers in use so far. */
  readonly saved: readonly Reg[];
  /** The link register may be in use for values: only calls that spill temporaries may overwrite it. */
  readonly ownsLink: boolean;
  /** Caller-saved registers left for temporaries, in order of preference. */
  readonly temps: readonly Reg[];
}
