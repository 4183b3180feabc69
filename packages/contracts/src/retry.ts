const never = new Int32Array(new SharedArrayBuffer(4));
/** Milliseconds between two tries. */
const delay = 5;

/** Tries a read or a write of a non-blocking descriptor until the other end is ready. This thread does nothing else meanwhile. */
export function untilReady<T>(attempt: () => T): T {
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(never, 0, 0, delay);
    }
  }
}
