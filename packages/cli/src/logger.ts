import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { escapeJson } from '@fireball/contracts';
import type * as Pino from 'pino';

type PinoLogger = Pino.Logger;

type LogLine = [facts: object, message: string] | [message: string];

type LogMethod = (...line: LogLine) => void;

/** Messages, with facts of theirs before them. */
export interface Logger {
  info(...line: LogLine): void;
  warn(...line: LogLine): void;
}

/** The log goes to stderr, synchronously, so that its last lines survive a failure. Most commands say nothing there: what writes it is loaded with the first line. */
export function createLogger(verbose: boolean): Logger {
  let opened: PinoLogger | undefined;
  const open = (): PinoLogger => (opened ??= openLog(verbose));
  return {
    info: (...line: LogLine) => {
      if (verbose) (open().info as LogMethod)(...line);
    },
    warn: (...line: LogLine) => {
      (open().warn as LogMethod)(...line);
    },
  };
}

function openLog(verbose: boolean): PinoLogger {
  // Where the status that was asked for last is a pipe's, standard input's for example, Node 20 follows no links to find the packages that pino needs.
  statSync(new URL(import.meta.url));
  const { pino } = createRequire(import.meta.url)('pino') as typeof Pino;
  const stderr = pino.destination({ fd: 2, sync: true });
  // A log that cannot be written ends nothing.
  stderr.on('error', () => undefined);
  const escaping = { write: (line: string) => stderr.write(escapeJson(line)) };
  return pino({ name: 'fireball', level: verbose ? 'debug' : 'warn', base: null }, escaping);
}
