import type { LocalRun } from '../module.js';
import type { ValueType } from '../types.js';

/**
 * Types of a function's locals, parameters first. Kept as runs: a body of six bytes may declare 50,000 locals, and a
 * module may hold many such bodies.
 */
export class LocalTypes {
  /** Number of locals, parameters included. */
  readonly count: number;
  /** Number of parameters: locals 0 .. parameterCount - 1. */
  readonly parameterCount: number;
  readonly runs: readonly LocalRun[];
  /** Index of the first local behind each run. */
  private readonly ends: readonly number[];

  constructor(params: readonly ValueType[], declared: readonly LocalRun[]) {
    const runs: LocalRun[] = [...params.map((type) => ({ count: 1, type })), ...declared];
    let total = 0;
    this.runs = runs;
    this.ends = runs.map((run) => (total += run.count));
    this.count = total;
    this.parameterCount = params.length;
  }

  /** Type of local `index`; undefined where there is none. */
  typeAt(index: number): ValueType | undefined {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (index < (this.ends[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    return this.runs[low]?.type;
  }
}
