import type { Session } from '../session/session.js';
import type { Shell } from '../shell/shell.js';

/** What a client debugs, from its launch to its end. */
export interface Debuggee {
  /** For people: what runs. */
  readonly name: string;
  readonly session: Session;
  /** Carries out what is typed into the client's console, and evaluates expressions. */
  readonly shell: Shell;
  /** What is known before it runs, for people; empty where there is nothing. */
  readonly opening: string;
  /** How it has ended, in one line. */
  outcome(): string;
  close(): void;
}

/**
 * Makes what a client asks for ready to run, by the fields of its launch configuration. What it writes goes to `output`.
 * @throws FireballError where that cannot be
 */
export type Launcher = (configuration: Readonly<Record<string, unknown>>, output: (bytes: Uint8Array) => void) => Promise<Debuggee>;
