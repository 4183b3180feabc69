import { SystemError, systemReason, writeAll } from '@fireball/contracts';

const [stdout, stderr] = [1, 2];
/** What a shell reports of a program that SIGPIPE ended. */
const closedPipeStatus = 128 + 13;

/** Nobody reads the firmware's console any more. */
export class ClosedConsole extends Error {
  /** The command's exit status. */
  readonly code = closedPipeStatus;
}

/** @throws ClosedConsole; SystemError where standard output takes no more: firmware gets no answer that says so */
export function writeConsole(bytes: Uint8Array): void {
  try {
    writeAll(stdout, bytes);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EPIPE'
      ? new ClosedConsole('the console is closed')
      : new SystemError(`cannot write to standard output: ${systemReason(error)}`, { cause: error });
  }
}

/** Says something to who uses the console; where nobody hears us, that ends nothing. */
export function sayBeside(text: string): void {
  try {
    writeAll(stderr, new TextEncoder().encode(text));
  } catch {
    return;
  }
}
