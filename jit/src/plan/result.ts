/** What planning decides about a function; selection reads it and nothing else of the plan. */
import type { Reg } from '../target/registers.js';
import type { Instruction, LocalWords } from './body.js';
import type { Findings } from './findings.js';
import type { Analyses } from './analyses.js';
import type { ExtendedLocals } from './extended-locals.js';
import type { LiveRanges } from './live-ranges.js';

export interface Plan {
  readonly body: readonly Instruction[];
  readonly locals: LocalWords;
  /** i64 locals whose upper word follows from the lower one, so that it is written only. */
  readonly extended: ExtendedLocals;
  /** Non-parameter words that are read before they are certainly written. */
  readonly needsZero: Uint8Array;
  /** What the walk over the instructions has found. */
  readonly found: Findings;
  /** Undefined where it would take too long to find out: everything counts as live everywhere. */
  readonly live: LiveRanges | undefined;
  /** What else the core knows of it, until it is there for another function. */
  readonly analyses: Analyses;
}

/** May what the local word has when the function begins be read? */
export function isLiveAtEntry({ live }: Plan, word: number): boolean {
  return live === undefined || live.isWantedAtEntry(word);
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
