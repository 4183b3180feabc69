import type { EventLog, LoggedEvent } from '@fireball/emulator';
import { InputAwaited } from '@fireball/wasm';
import type { HostWrite } from '../chip/host-writes.js';
import type { CodeState } from './code-state.js';

/** What the host did between two instructions of the guest, and how the call ended where that ended it. */
interface HostAction<End> {
  /** Executed when it happened. */
  readonly instructions: number;
  /** Where the guest went on. */
  readonly pc: number;
  /** It happened because the instruction at `pc` could not be executed: whoever stands in front of it has not come to it yet. */
  readonly refused: boolean;
  readonly writes: readonly HostWrite[];
  /** Absent where code memory stayed as it was. */
  readonly code: CodeState | undefined;
  readonly end: End | undefined;
  /** Not the host did it, but who debugs; `pc` is where that one has made it go on. */
  readonly byUser?: boolean;
}

/** One of them, and the next one. */
export type HostEvent<End> = LoggedEvent<HostAction<End>>;

/** What the host did, in order. */
export type HostLog<End> = EventLog<HostAction<End>>;

/** In front of everything. */
export const noAction = { instructions: 0, pc: 0, refused: false, writes: [], code: undefined, end: undefined } as const satisfies HostAction<never>;

/** Undefined where the guest waits for input. */
export function unlessAwaited<Result>(serve: () => Result): Result | undefined {
  try {
    return serve();
  } catch (error) {
    if (error instanceof InputAwaited) return undefined;
    throw error;
  }
}
