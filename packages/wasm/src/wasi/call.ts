import type { VirtualClock } from './clock.js';
import type { Descriptors } from './descriptors.js';
import type { Dialect } from './dialect.js';
import type { GuestMemory } from './guest-memory.js';
import type { WasiHost } from './host.js';

/** The program ended itself: `proc_exit`, or a signal. Thrown through the engine to whoever called `_start`. */
export class ProgramExit extends Error {
  /** @param code unsigned, as the program gave it */
  constructor(readonly code: number) {
    super(`the program ended with code ${code}`);
    this.name = 'ProgramExit';
  }
}

/** A host's `stdin` has nothing yet, and does not wait for it: the call has done nothing, and is to be made again. */
export class InputAwaited extends Error {
  constructor() {
    super('the program waits for input');
    this.name = 'InputAwaited';
  }
}

/** A program's state inside the system interface. */
export interface WasiState {
  readonly host: WasiHost;
  readonly descriptors: Descriptors;
  readonly clock: VirtualClock;
}

/** One call: its arguments, and what it works on. */
export interface CallContext extends WasiState {
  readonly memory: GuestMemory;
  readonly dialect: Dialect;
  /** The i32 with this index, as an unsigned number. */
  readonly u32: (index: number) => number;
  /** The i64 with this index, unsigned. */
  readonly u64: (index: number) => bigint;
  /** The u32 at `index` as a set of `count` flags; more is EINVAL. */
  readonly flags: (index: number, count: number) => number;
  /** The text whose address has this index, and its length the next one. */
  readonly text: (index: number) => string;
}

/** One function of the interface. All take i32 and i64 only, and all but `proc_exit` return an error number. */
export interface WasiCall {
  /** `i` = i32, `I` = i64. */
  readonly params: string;
  /** @throws WasiError where it fails */
  readonly call: (context: CallContext) => void;
}
