import type { Tier } from '@fireball/vsoc';
import type { Work } from '@fireball/wasm';

// What an engine may take for a call, from what the reference took. All factors are generous: right code stays far below
// (e2e/src/bounds.test.ts has the worst that is known), and code that does not end is found in proportionate time.

interface Factors {
  /** Guest instructions for any call: entering, stubs, a cold interpreter. */
  readonly call: number;
  /** For a wasm instruction. The longest are routines in ROM; what is longer still counts units. */
  readonly instruction: number;
  /** For a unit of work (`Work.units`). */
  readonly unit: number;
  /** For an instruction that the reference does not count: `block`, `loop`, `nop`, inner `end`. */
  readonly skipped: number;
}

const factors: Readonly<Record<Tier, Factors>> = {
  compiled: { call: 100_000, instruction: 400, unit: 100, skipped: 0 },
  interpreter: { call: 100_000, instruction: 600, unit: 100, skipped: 60 },
  mixed: { call: 100_000, instruction: 600, unit: 100, skipped: 60 },
};

/** Guest instructions beyond which a call does not end. */
export function instructionBound(tier: Tier, { instructions, units, longestSkip }: Work): number {
  const { call, instruction, unit, skipped } = factors[tier];
  return call + instructions * (instruction + skipped * longestSkip) + units * unit;
}

/** Guest instructions granted for one unit of fuel where no reference ran. */
const instructionsPerFuel = 100;

/** Most guest instructions of a call, from `EngineOptions.fuel`. */
export function instructionLimit(fuel: number): number {
  return Math.min(fuel * instructionsPerFuel, Number.MAX_SAFE_INTEGER);
}

/** V8 counts nothing, so its limit is time: as much for every call, and more for long ones. */
const leastMilliseconds = 10_000;
const nanosecondsPerInstruction = 50;
/** The longest time that a timer takes. */
const mostMilliseconds = 2 ** 31 - 1;

/** Milliseconds beyond which a call does not end: by what it took in the reference, or by `EngineOptions.fuel` where none ran. */
export function timeBound(reference: Pick<Work, 'instructions' | 'units'> | undefined, fuel: number): number {
  const amount = reference === undefined ? fuel : reference.instructions + reference.units;
  return Math.min(Math.ceil(leastMilliseconds + (amount * nanosecondsPerInstruction) / 1e6), mostMilliseconds);
}

/** More than the bytes of a frame without its slots, on any engine: saved registers, links, alignment. */
const frameBytes = 192;
/** A slot's home, and the same value on its way to a callee. */
const slotBytes = 24;

/** Bytes of stack that suffice for a call on any engine. */
export function stackBound({ frames, slots }: Work): number {
  return frames * frameBytes + slots * slotBytes;
}
