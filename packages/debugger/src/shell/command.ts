import type { Session, SessionStop } from '../session/session.js';
import type { Scope } from './scope.js';
import type { Watchpoints } from './watchpoints.js';

/** A word of the shell, its other names, and what it does. */
export interface Command {
  /** The first one is its own, the others are shorter. */
  readonly names: readonly string[];
  /** What stands behind the name, as `help` shows it. */
  readonly argument: string;
  /** One line for `help`. */
  readonly summary: string;
  /** @returns what to print. @throws UsageError for an argument that it cannot be carried out with */
  run(argument: string): string | Promise<string>;
}

/** What commands work on. */
export interface ShellContext {
  readonly session: Session;
  readonly scope: Scope;
  readonly watchpoints: Watchpoints;
  /** The session has moved: the innermost frame is selected again. Returns why it stands, where that says something, and where. */
  moved(stop: SessionStop): string;
}

/** Largest count of a step. */
export const mostSteps = 10_000_000;
