import { pino, type Logger } from 'pino';

export type { Logger };

/** The log goes to stderr, synchronously, so that its last lines survive a failure. */
export function createLogger(verbose: boolean): Logger {
  return pino({ name: 'fireball', level: verbose ? 'debug' : 'warn', base: null }, pino.destination({ fd: 2, sync: true }));
}
