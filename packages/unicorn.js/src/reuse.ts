import { core } from './constants/core.js';
import type { Integer, NativeEngine } from './native.js';

/** What an engine that is open, and has run, can do for another user. */
export class Reuse {
  readonly #engine: NativeEngine;
  readonly #failure: (functionName: string, code: number) => Error;

  constructor(engine: NativeEngine, failure: (functionName: string, code: number) => Error) {
    this.#engine = engine;
    this.#failure = failure;
  }

  /**
   * Memory is zeros in all that is mapped, its buffers are detached, and runs, counted ranges included, are as after opening. Registers and translated code
   * stay. Of an engine that has run, in a release of the library whose internals are known, and has never had anything else: no hooks, devices, stops, traces or
   * memory of other engines, nor more than 32 MiB of translated code. @returns false where that is not so, and nothing has changed
   */
  recycle(): boolean {
    const code = this.#engine.recycle();
    if (code !== core.ERR_OK && code !== core.ERR_RESOURCE) throw this.#failure('recycle', code);
    return code === core.ERR_OK;
  }

  /** A buffer over what `mem_map_native` mapped here before `recycle`. */
  renew(address: Integer, size: Integer): ArrayBuffer {
    const result = this.#engine.mem_renew(address, size);
    if (typeof result === 'number') throw this.#failure('mem_renew', result);
    return result;
  }
}
