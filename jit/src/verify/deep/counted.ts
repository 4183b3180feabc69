/** Numbers that change by the same step in every turn of a loop: start + step * turns. */
import { anything, u32Max, type Bound } from './bounds.js';

/** How a number has come from another one. */
export interface Counted {
  readonly kind: 'counted';
  /** Symbol of the number of turns since the loop was entered; it does not wrap, and one of `u32Max` stands for any number. */
  readonly turns: number;
  /** Symbol of the number in front of the loop. */
  readonly start: number;
  /** Undefined as long as control has not come round. */
  readonly step: number | undefined;
}

/** A count whose start and step are known. */
export interface Count {
  readonly turns: number;
  readonly start: Bound;
  readonly step: number;
}

/** Of start + step * turns. */
export function countBound({ start, step }: Omit<Count, 'turns'>, turns: Bound): Bound {
  if (turns.hi === u32Max) return anything;
  const [first, last] = [step * turns.lo, step * turns.hi];
  const [lo, hi] = [start.lo + Math.min(first, last), start.hi + Math.max(first, last)];
  return lo >= 0 && hi <= u32Max ? { lo, hi, extent: 0 } : anything;
}

/** The last turn in which the count can be within the limits, if it does not wrap before. */
export function lastTurn({ start, step }: Count, { lo, hi }: Pick<Bound, 'lo' | 'hi'>): number {
  return Math.floor(step > 0 ? (hi - start.lo) / step : (start.hi - lo) / -step);
}

/** The first turn in which the count is the number; undefined where it is not known when that will be. */
export function turnOf({ start, step }: Count, value: number): number | undefined {
  if (start.lo !== start.hi) return undefined;
  const turn = ((step > 0 ? value - start.lo : start.lo - value) >>> 0) / Math.abs(step);
  return Number.isInteger(turn) ? turn : undefined;
}

/** One turn more. */
export function nextTurn({ lo, hi }: Bound): Bound {
  return { lo: Math.min(lo + 1, u32Max), hi: Math.min(hi + 1, u32Max), extent: 0 };
}

/** What two states say of one number; where control has not come round yet, any step is right. */
export function commonCount(a: Counted, b: Counted): Counted | undefined {
  if (a.turns !== b.turns || a.start !== b.start) return undefined;
  if (a.step === undefined) return b;
  return b.step === undefined || a.step === b.step ? a : undefined;
}
