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
  private known: readonly LocalRun[] | undefined;
  /** Index of the first local behind each run. */
  private ends: readonly number[] = [];

  constructor(
    private readonly params: readonly ValueType[],
    private readonly declared: readonly LocalRun[],
  ) {
    this.parameterCount = params.length;
    let count = params.length;
    for (const run of declared) count += run.count;
    this.count = count;
  }

  /** Made when they are asked for: most functions of a large module are only validated. */
  get runs(): readonly LocalRun[] {
    if (this.known !== undefined) return this.known;
    const runs: LocalRun[] = [...this.params.map((type) => ({ count: 1, type })), ...this.declared];
    let total = 0;
    this.ends = runs.map((run) => (total += run.count));
    this.known = runs;
    return runs;
  }

  /** Type of local `index`; undefined where there is none. */
  typeAt(index: number): ValueType | undefined {
    const { runs } = this;
    let low = 0;
    let high = runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (index < (this.ends[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    return runs[low]?.type;
  }
}
