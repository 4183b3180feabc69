/** What planning decides about a function; selection reads it and nothing else of the plan. */
import type { Reg } from '../target/registers.js';
import type { AccessPlan } from './accesses.js';
import type { Instruction, LocalWords } from './body.js';
import type { Interval } from './intervals.js';
import type { Analyses } from './analyses.js';
import type { ExtendedLocals } from './extended-locals.js';
import type { LiveRanges } from './live-ranges.js';

/** What bounds of operands make superfluous: instructions by their index. */
export interface Foregone {
  /** `and` with a constant that has all bits that the other operand may have. */
  readonly masks: Set<number>;
  /** Branch tables with an entry for every value of the index. */
  readonly tableChecks: Set<number>;
  /** Shifts by a variable amount below 32. */
  readonly shiftMasks: Set<number>;
}

export interface Plan {
  readonly body: readonly Instruction[];
  readonly locals: LocalWords;
  /** i64 locals whose upper word follows from the lower one, so that it is written only. */
  readonly extended: ExtendedLocals;
  /** Executed uses per local word: loops counted eightfold per level, branches within them as taken half of the time. */
  readonly localWeights: Float64Array;
  /** Instructions that name the word: what an encoding for low registers saves. */
  readonly localMentions: Float64Array;
  readonly constMentions: ReadonlyMap<number, number>;
  /** Non-parameter words that are read before they are certainly written. */
  readonly needsZero: Uint8Array;
  /** Instructions saved, by constant (unsigned), if it sat in a register. */
  readonly constWeights: ReadonlyMap<number, number>;
  readonly accesses: ReadonlyMap<number, AccessPlan>;
  /** Accesses, by index, that are not executed in most turns of a loop. */
  readonly rareAccesses: ReadonlySet<number>;
  readonly foregone: { readonly [Part in keyof Foregone]: ReadonlySet<number> };
  /** By the index of the `and`. */
  readonly intervals: ReadonlyMap<number, Interval>;
  readonly hasCalls: boolean;
  /** Runtime routines are called: caller-saved registers do not survive everywhere. */
  readonly hasRoutines: boolean;
  /** Undefined where it would take too long to find out: everything counts as live everywhere. */
  readonly live: LiveRanges | undefined;
  /** What else the core knows of it, until it is there for another function. */
  readonly analyses: Analyses;
  /** Most computed words on the operand stack at one time: a measure of how many temporaries help. */
  readonly pressure: number;
  /** Most values on the operand stack at one time. */
  readonly mostValues: number;
}

/** Does code that is compiled name the local word? Weights do not tell: what is rare enough weighs nothing. */
export function isMentioned({ localMentions }: Pick<Plan, 'localMentions'>, word: number): boolean {
  return (localMentions[word] ?? 0) > 0;
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
