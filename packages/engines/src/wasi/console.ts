import { readSome, writeAll } from '@fireball/contracts';
import { ConsoleError, ProgramExit } from '@fireball/wasm';

/** What a shell reports of a program that SIGPIPE ended. */
const closedPipeStatus = 128 + 13;

/**
 * Writes all of `bytes` before it returns: they are the guest's memory.
 * @throws ProgramExit where nobody reads any more: what ends such a program natively is a signal
 * @throws ConsoleError
 */
export function writeDescriptor(descriptor: number, bytes: Uint8Array): void {
  try {
    writeAll(descriptor, bytes);
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
    return readSome(descriptor, bytes);
  } catch (error) {
    throw new ConsoleError({ cause: error });
  }
}
