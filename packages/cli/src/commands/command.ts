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
export type ActionRunner = <A extends unknown[]>(
  command: Command,
  action: (context: CommandContext, ...args: A) => Report | Promise<Report>,
) => void;

/** One file per command: adds it to the program. */
export type CommandRegistration = (program: Command, run: ActionRunner) => void;

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
