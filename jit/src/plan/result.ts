/** What planning decides about a function that others than the core look at. */
import type { Reg } from '../target/registers.js';
import type { Analyses } from './analyses.js';

export interface Plan {
  /** What the core knows of it, until it is there for another function. */
  readonly analyses: Analyses;
}

/** Which registers hold locals and constants throughout a function. */
export interface Allocation {
  /** Register per local word; -1 where it lives in its home slot. Words whose values are wanted at different times may have the same one. */
  readonly localRegs: Int32Array;
  /** Register per constant (unsigned value). */
  readonly constRegs: ReadonlyMap<number, Reg>;
  /** So many of them, the first ones, are there throughout the function; the others up to its first call. */
  readonly lastingConstants: number;
  /** Caller-saved registers left for temporaries, in order of preference. */
  readonly temps: readonly Reg[];
}
