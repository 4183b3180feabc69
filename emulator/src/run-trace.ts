import type { RunOutcome, Unicorn } from '@fireball/unicorn.js';

/** Hears of the addresses of executed instructions, in order; they are valid during the call. Conditional instructions whose condition fails are not among them. */
export type TraceSink = (addresses: Uint32Array) => void;

/** Addresses that are given out at once, unless told otherwise. */
const usualLength = 1 << 16;

/** Gives out what each run of an engine executed. */
export class RunTrace {
  readonly #addresses: Uint32Array;

  /** From now on every run of the engine ends after at most `most` instructions. */
  constructor(
    engine: Unicorn,
    private readonly sink: TraceSink,
    most = usualLength,
  ) {
    this.#addresses = engine.trace_runs(most);
  }

  /** To be called after each run. */
  take({ traced }: RunOutcome): void {
    this.sink(this.#addresses.subarray(0, traced));
  }
}
