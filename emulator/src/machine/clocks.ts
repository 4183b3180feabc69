import { InternalError, UsageError } from '@fireball/contracts';
import type { Timeline } from './timeline.js';

/** A named clock of a board, in whole hertz. `cpu` is the one whose cycles are virtual time. */
export class Clock {
  readonly #before: (() => void)[] = [];
  readonly #after: (() => void)[] = [];
  #hertz: number;

  constructor(
    readonly name: string,
    hertz: number,
  ) {
    this.#hertz = hertz;
  }

  get hertz(): number {
    return this.#hertz;
  }

  /** Of a clock that a reset and clock controller drives. Counters settle what they have counted first. */
  set hertz(value: number) {
    if (value === this.#hertz) return;
    if (!Number.isInteger(value) || value < 1) throw new InternalError(`clock ${this.name} cannot have ${value} Hz`);
    for (const listener of this.#before) listener();
    this.#hertz = value;
    for (const listener of this.#after) listener();
  }

  /** Of a snapshot: nobody hears of it, because everything that depends on it is restored too. */
  restore(hertz: number): void {
    this.#hertz = hertz;
  }

  beforeChange(listener: () => void): void {
    this.#before.push(listener);
  }

  /** For who has a deadline that depends on it. Counters have settled. */
  afterChange(listener: () => void): void {
    this.#after.push(listener);
  }
}

/** Every clock of a machine. */
export class Clocks {
  readonly #clocks = new Map<string, Clock>();
  readonly #restored: (() => void)[] = [];
  readonly cpu: Clock;
  #seconds = 0;
  #since = 0;

  constructor(
    readonly timeline: Timeline,
    hertz: Readonly<Record<string, number>>,
  ) {
    for (const [name, value] of Object.entries(hertz)) this.#clocks.set(name, new Clock(name, value));
    this.cpu = this.named('cpu');
    this.cpu.beforeChange(() => {
      this.#seconds = this.seconds;
      this.#since = this.timeline.now;
    });
  }

  /** @throws UsageError for a clock that the board does not have */
  named(name: string): Clock {
    const clock = this.#clocks.get(name);
    if (clock === undefined) throw new UsageError(`the board has no clock '${name}'; it has ${[...this.#clocks.keys()].join(', ')}`);
    return clock;
  }

  /** Virtual seconds since power-on. */
  get seconds(): number {
    return this.#seconds + (this.timeline.now - this.#since) / this.cpu.hertz;
  }

  save(): ClocksState {
    return { hertz: Object.fromEntries([...this.#clocks].map(([name, { hertz }]) => [name, hertz])), seconds: this.#seconds, since: this.#since };
  }

  /** After the states of counters have been restored. */
  restore({ hertz, seconds, since }: ClocksState): void {
    for (const [name, value] of Object.entries(hertz)) this.named(name).restore(value);
    this.#seconds = seconds;
    this.#since = since;
    for (const listener of this.#restored) listener();
  }

  /** Of counters: frequencies and states have been restored. */
  onRestored(listener: () => void): void {
    this.#restored.push(listener);
  }
}

/** Plain data, for snapshots: frequencies by name, virtual seconds up to a cycle. */
export interface ClocksState {
  readonly hertz: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly since: number;
}

/**
 * Counts whole ticks of a clock divided by a prescaler, in virtual time: what timers are made of. Exact: the part of a tick that
 * has passed is kept as a fraction of integers.
 */
export class TickCounter {
  readonly #clocks: Clocks;
  readonly #clock: Clock;
  readonly state: TickCounterState = { ticks: 0, part: 0, since: 0, divider: 1, running: false };
  /** Ticks per cycle as a fraction in lowest terms. */
  #numerator = 1;
  #denominator = 1;

  constructor(clocks: Clocks, clock: Clock) {
    this.#clocks = clocks;
    this.#clock = clock;
    this.#setRatio();
    clocks.onRestored(() => {
      this.#readRatio();
    });
    const settle = (): void => {
      this.#settle();
    };
    for (const source of new Set([clock, clocks.cpu])) {
      source.beforeChange(settle);
      source.afterChange(() => {
        this.#setRatio();
      });
    }
  }

  get running(): boolean {
    return this.state.running;
  }

  get ticks(): number {
    this.#settle();
    return this.state.ticks;
  }

  /** Cycle of the timeline at which `ticks` has become `target`, when nothing changes until then; Infinity while it stands still. */
  cycleOf(target: number): number {
    if (!this.state.running) return Infinity;
    this.#settle();
    const missing = (target - this.state.ticks) * this.#denominator - this.state.part;
    return this.state.since + Math.max(0, Math.ceil(missing / this.#numerator));
  }

  /** Counts on from `ticks`, at the clock divided by `divider` (a whole number), from the beginning of a tick. */
  restart(ticks: number, options: { readonly divider?: number; readonly running?: boolean } = {}): void {
    this.state.ticks = ticks;
    this.state.part = 0;
    this.state.since = this.#clocks.timeline.now;
    this.state.divider = options.divider ?? this.state.divider;
    this.state.running = options.running ?? this.state.running;
    this.#setRatio();
  }

  /** Stops or goes on; the part of a tick that has passed is kept. */
  run(running: boolean): void {
    this.#settle();
    this.state.running = running;
  }

  #readRatio(): void {
    const above = this.#clock.hertz;
    const below = this.#clocks.cpu.hertz * this.state.divider;
    const common = greatestCommonDivisor(above, below);
    this.#numerator = above / common;
    this.#denominator = below / common;
  }

  #setRatio(): void {
    const before = this.#denominator;
    this.#readRatio();
    // A part of a tick in the new fraction's units.
    this.state.part = Math.floor((this.state.part * this.#denominator) / before);
  }

  #settle(): void {
    const { state } = this;
    const now = this.#clocks.timeline.now;
    if (state.running) {
      const parts = state.part + (now - state.since) * this.#numerator;
      state.ticks += Math.floor(parts / this.#denominator);
      state.part = parts % this.#denominator;
    }
    state.since = now;
  }
}

/** Plain data, for snapshots. */
interface TickCounterState {
  ticks: number;
  part: number;
  since: number;
  divider: number;
  running: boolean;
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
