import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Lines that are kept. */
export const mostHistory = 1000;

/** Where lines that were typed into `debug` on a terminal are kept from one session to the next: in the user's state folder (XDG Base Directory Specification). */
function historyFile(): string {
  return join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'fireball', 'debug-history');
}

/** The lines that were typed, the last one first; none where nothing is kept. */
export function readHistory(): string[] {
  try {
    return readFileSync(historyFile(), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .slice(0, mostHistory);
  } catch {
    return [];
  }
}

/** Keeps them; where that cannot be, they are forgotten. */
export function keepHistory(lines: readonly string[]): void {
  try {
    mkdirSync(dirname(historyFile()), { recursive: true });
    writeFileSync(historyFile(), `${lines.slice(0, mostHistory).join('\n')}\n`, { mode: 0o600 });
  } catch {
    // A history is a convenience.
  }
}
