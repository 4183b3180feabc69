import { readSync, writeSync } from 'node:fs';
import { ConsoleError, ProgramExit } from '@fireball/wasm';

/** What a shell reports of a program that SIGPIPE ended. */
const closedPipeStatus = 128 + 13;
/** Milliseconds between two tries on a descriptor that is not ready and that somebody made non-blocking. */
const retryDelay = 2;
const never = new Int32Array(new SharedArrayBuffer(4));

/** Does `transfer` again until the descriptor is ready. */
function whenReady(transfer: () => number): number {
  for (;;) {
    try {
      return transfer();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(never, 0, 0, retryDelay);
    }
  }
}

/**
 * Writes all of `bytes` before it returns: they are the guest's memory.
 * @throws ProgramExit where nobody reads any more: what ends such a program natively is a signal
 * @throws ConsoleError
 */
export function writeDescriptor(descriptor: number, bytes: Uint8Array): void {
  try {
    for (let done = 0; done < bytes.length; ) {
      const start = done;
      done += whenReady(() => writeSync(descriptor, bytes, start));
    }
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EPIPE' ? new ProgramExit(closedPipeStatus) : new ConsoleError({ cause: error });
  }
}

/**
 * Fills `bytes` from its start with what is there, waits where that is nothing, and returns how many; 0 at the end.
 * @throws ConsoleError
 */
export function readDescriptor(descriptor: number, bytes: Uint8Array): number {
  try {
    return whenReady(() => readSync(descriptor, bytes));
  } catch (error) {
    // What Windows and some terminals say at the end of input.
    if ((error as NodeJS.ErrnoException).code === 'EOF') return 0;
    throw new ConsoleError({ cause: error });
  }
}
