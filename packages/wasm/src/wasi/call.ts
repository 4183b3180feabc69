import type { Errno } from './errno.js';
import type { GuestMemory } from './guest-memory.js';
import type { WasiHost } from './host.js';

/** The program ended itself: `proc_exit`. Thrown through the engine to whoever called `_start`. */
export class ProgramExit extends Error {
  /** @param code unsigned, as the program gave it */
  constructor(readonly code: number) {
    super(`the program ended with code ${code}`);
    this.name = 'ProgramExit';
  }
}

/** A program's state inside the system interface. */
export interface WasiState {
  readonly host: WasiHost;
  /** Open file descriptors; only the console exists. */
  readonly open: Set<number>;
}

/** Arguments of a call. No function here needs the value of an i64. */
export interface WasiArguments {
  /** The i32 with this index, as an unsigned number. */
  u32(index: number): number;
}

/** One function of the interface. All take i32 and i64 only, and return an error number or nothing. */
export interface WasiCall {
  /** `i` = i32, `I` = i64. */
  readonly params: string;
  readonly call: (state: WasiState, memory: GuestMemory, args: WasiArguments) => Errno;
}
