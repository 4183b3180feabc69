/** Reading or writing failed outside of the program: the call returns EIO. */
export class ConsoleError extends Error {
  constructor(options: ErrorOptions) {
    super('the console failed', options);
    this.name = 'ConsoleError';
  }
}

/** What a WASI program sees of the world. Everything that it may reach is passed in here; nothing else exists. */
export interface WasiHost {
  /** The program's name, then its arguments. */
  readonly args: readonly string[];
  /** `NAME=VALUE` strings. */
  readonly environ: readonly string[];
  /**
   * Takes all of `bytes` before it returns; they are the guest's memory and change afterwards.
   * @throws ConsoleError
   */
  stdout(bytes: Uint8Array): void;
  /** As `stdout`. */
  stderr(bytes: Uint8Array): void;
  /**
   * Fills `bytes` from its start and returns how many were there; 0 = end of input.
   * @throws ConsoleError
   */
  stdin(bytes: Uint8Array): number;
  /** Nanoseconds; `realtime` since 1970-01-01 UTC, the others since any fixed point. */
  clock(id: ClockId): bigint;
  /** Nanoseconds between two values of a clock. */
  clockResolution(id: ClockId): bigint;
  /** Fills `bytes`. */
  random(bytes: Uint8Array): void;
  /** Called once for every function that a program calls and that does not exist here. */
  missing(name: string): void;
}

/** Clocks in the order of their numbers (`clockid` in the witx). */
export const clockIds = ['realtime', 'monotonic', 'process-cputime', 'thread-cputime'] as const;
export type ClockId = (typeof clockIds)[number];
