import { readSync, writeSync } from 'node:fs';

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

/** Writes all of `bytes` before it returns. @throws the system's error: EPIPE where nobody reads any more */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    const start = done;
    done += whenReady(() => writeSync(descriptor, bytes, start));
  }
}

/** Fills `bytes` from its start with what is there, waits where that is nothing, and returns how many; 0 at the end. @throws the system's error */
export function readSome(descriptor: number, bytes: Uint8Array): number {
  try {
    return whenReady(() => readSync(descriptor, bytes));
  } catch (error) {
    // What Windows and some terminals say at the end of input.
    if ((error as NodeJS.ErrnoException).code === 'EOF') return 0;
    throw error;
  }
}
