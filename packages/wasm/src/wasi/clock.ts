/** Clocks in the order of their numbers (`clockid` in the witx). */
const clockIds = ['realtime', 'monotonic', 'process-cputime', 'thread-cputime'] as const;
export type ClockId = (typeof clockIds)[number];

/** The clock with this number; undefined where there is none. */
export function clockOf(id: number): ClockId | undefined {
  return clockIds[id];
}

/** 2025-01-01T00:00:00Z, in nanoseconds since 1970: when every program starts. */
export const startOfTime = 1_735_689_600_000_000_000n;
/** Nanoseconds that pass with every look at a clock, and so its resolution. A program that waits by looking gets somewhere. */
export const clockStep = 1_000_000n;
const latest = 2n ** 64n - 1n;

/**
 * A program's time. Nothing but looking at a clock and sleeping takes any, so that it is the same in every run and on every engine.
 */
export class VirtualClock {
  /** Nanoseconds since the start. */
  private elapsed = 0n;
  /** Of those, the ones that the program slept. */
  private slept = 0n;

  /** Nanoseconds since 1970; looking this way takes no time. */
  get now(): bigint {
    return this.at('realtime');
  }

  /** What a clock shows, in nanoseconds; takes one step. */
  look(id: ClockId): bigint {
    this.elapsed += clockStep;
    return this.at(id);
  }

  /** What a clock shows; takes no time. */
  at(id: ClockId): bigint {
    const value = id === 'realtime' ? startOfTime + this.elapsed : id === 'monotonic' ? this.elapsed : this.elapsed - this.slept;
    return value > latest ? latest : value;
  }

  /** Lets time pass until the clock shows `deadline`. */
  sleepUntil(id: 'realtime' | 'monotonic', deadline: bigint): void {
    const rest = deadline - this.at(id);
    if (rest <= 0n) return;
    this.elapsed += rest;
    this.slept += rest;
  }
}
