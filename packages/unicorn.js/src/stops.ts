import type { Integer, NativeEngine } from './native.js';

/** What is watched; the bits are those of native/stops.h. */
const kinds = { read: 1, write: 2, access: 3 } as const;
/** Which accesses of a range a run stops behind. */
export type WatchKind = keyof typeof kinds;

/**
 * Where `run` stops for a debugger, in native code: in front of instructions (`breakpoint`), and behind those that access data (`watchpoint`).
 * Counts of instructions are the same with and without.
 */
export class Stops {
  readonly #native: NativeEngine;
  readonly #check: (functionName: string, code: number) => void;
  #watches = 0;

  constructor(native: NativeEngine, check: (functionName: string, code: number) => void) {
    this.#native = native;
    this.#check = check;
  }

  /** Bit 0 of `address` clear. Arm: one within an IT block stops in front of the block's IT. */
  breakpoint(address: Integer, on: boolean): void {
    this.#check('stop_set', this.#native.stop_set(address, on ? 1 : 0));
  }

  /** The next run does not stop in front of this instruction where it begins at it; what stopped there goes on. */
  pass(address: Integer): void {
    this.#check('stop_pass', this.#native.stop_pass(address));
  }

  /**
   * Between runs. Accesses of the CPU that overlap [begin, begin + size); not those of devices, nor of the host.
   * @returns what `unwatch` wants
   */
  watch(begin: Integer, size: Integer, kind: WatchKind): number {
    const id = ++this.#watches;
    this.#check('stop_watch', this.#native.stop_watch(id, begin, size, kinds[kind]));
    return id;
  }

  /** Between runs. */
  unwatch(id: number): void {
    this.#check('stop_unwatch', this.#native.stop_unwatch(id));
  }
}
