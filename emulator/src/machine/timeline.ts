/**
 * Virtual time of a machine: CPU cycles since power-on, one for each executed instruction, and those that a sleeping CPU skips.
 * Nothing else makes time pass, so that a run repeats exactly, however it is sliced.
 */
export class Timeline {
  readonly #timers: Timer[] = [];
  #base = 0;
  #running: () => number = () => 0;
  #next = Infinity;

  /** Cycles since power-on; inside a device's callback exact to the instruction that accesses it. */
  get now(): number {
    return this.#base + this.#running();
  }

  /** Cycles at the beginning of the run that is going on. */
  get begin(): number {
    return this.#base;
  }

  /** A timer of a device, not set. Devices create theirs when they are built: snapshots know timers by their order. */
  timer(action: () => void): Timer {
    const timer = new Timer(action, () => {
      this.#next = this.#timers.reduce((least, { at }) => Math.min(least, at), Infinity);
      this.onChange();
    });
    this.#timers.push(timer);
    return timer;
  }

  /** Called when the next deadline may have come closer: a running CPU has to know. */
  onChange: () => void = () => undefined;

  /** When the next timer fires, in cycles; Infinity where none is set. */
  get next(): number {
    return this.#next;
  }

  /** Calls what is due, in order of time; timers of one time in the order in which they were created. */
  fireDue(): void {
    const now = this.now;
    while (this.#next <= now) {
      const due = this.#timers.find(({ at }) => at === this.#next);
      due?.fire();
    }
  }

  /** Says how many cycles the current run has taken so far; `undefined`: none is going on. */
  track(running: (() => number) | undefined): void {
    this.#running = running ?? (() => 0);
  }

  advance(cycles: number): void {
    this.#base += cycles;
  }

  save(): TimelineState {
    return { now: this.#base, timers: this.#timers.map(({ at }) => at) };
  }

  restore(state: TimelineState): void {
    this.#base = state.now;
    this.#timers.forEach((timer, index) => {
      timer.at = state.timers[index] ?? Infinity;
    });
    this.#next = Math.min(Infinity, ...state.timers);
  }
}

/** Plain data, for snapshots: the time in cycles, and when each timer fires (Infinity: it is not set). */
export interface TimelineState {
  readonly now: number;
  readonly timers: readonly number[];
}

/** Calls its action once, at a time that can be changed until then. */
export class Timer {
  /** In cycles; Infinity: not set. Changed by `set` and `clear` only. */
  at = Infinity;
  readonly #action: () => void;
  readonly #changed: () => void;

  constructor(action: () => void, changed: () => void) {
    this.#action = action;
    this.#changed = changed;
  }

  /** Fires at the first instruction boundary at or after `at`, in cycles; fractions are rounded up. */
  set(at: number): void {
    this.at = Math.ceil(at);
    this.#changed();
  }

  clear(): void {
    if (this.at === Infinity) return;
    this.at = Infinity;
    this.#changed();
  }

  fire(): void {
    this.clear();
    this.#action();
  }
}
