import { InvalidArgumentError, type Command } from 'commander';
import type { Logger } from '../logger.js';
import type { Report } from '../report.js';

/** What a command works with besides its arguments. */
export interface CommandContext {
  readonly log: Logger;
  /** Shows what long work is at (progress.ts); the empty string clears the line. */
  progress(text: string): void;
}

/** Registers a command whose action is run by the front end, which prints its report. */
export type ActionRunner = <A extends unknown[]>(command: Command, action: (context: CommandContext, ...args: A) => Report | Promise<Report>) => void;

/** One file per command: adds it to the program. `words` is the command line, for what depends on it. */
export type CommandRegistration = (program: Command, run: ActionRunner, words: readonly string[]) => void | Promise<void>;

/** For option values: bytes of code memory, in whole pages; with K or M behind the number in KiB or MiB. */
export function pagesOfBytes(text: string): number {
  const match = /^(\d{1,9})([km]?)$/i.exec(text);
  const bytes = match === null ? 0 : Number(match[1]) * { '': 1, k: 1024, m: 1024 * 1024 }[(match[2] as string).toLowerCase() as '' | 'k' | 'm'];
  if (bytes === 0 || bytes % 4096 !== 0) throw new InvalidArgumentError('It must be a multiple of 4096 bytes, such as 65536, 256K or 4M.');
  return bytes;
}

/** For option values: a whole number, at least `min`. */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < min) {
      throw new InvalidArgumentError(`It must be a whole number, at least ${min}.`);
    }
    return value;
  };
}
