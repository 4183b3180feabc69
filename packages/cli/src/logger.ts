import { escapeJson } from '@fireball/contracts';
import { pino, type Logger } from 'pino';

export type { Logger };

/** The log goes to stderr, synchronously, so that its last lines survive a failure. */
export function createLogger(verbose: boolean): Logger {
  const stderr = pino.destination({ fd: 2, sync: true });
  // A log that cannot be written ends nothing.
  stderr.on('error', () => undefined);
  const escaping = { write: (line: string) => stderr.write(escapeJson(line)) };
  return pino({ name: 'fireball', level: verbose ? 'debug' : 'warn', base: null }, escaping);
}
