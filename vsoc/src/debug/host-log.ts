import type { HostWrite } from '../chip/host-writes.js';
import type { CodeState } from './code-state.js';

/** What the host did between two instructions of the guest, and how the call ended where that ended it. */
export interface HostEvent<End> {
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
  /** Of what the guest has executed when it happened. */
  readonly next: HostEvent<End> | undefined;
}

/** The log's entry, while its successor is not known. */
type Entry<End> = { -readonly [Key in keyof HostEvent<End>]: HostEvent<End>[Key] };

/**
 * What the host did, in order. It is never done again: going through the past writes the same once more. A position in it is the last event that has happened;
 * nothing but positions keeps old events.
 */
export class HostLog<End> {
  #last: Entry<End> = { instructions: 0, pc: 0, refused: false, writes: [], code: undefined, end: undefined, next: undefined };

  /** The position behind everything. */
  get last(): HostEvent<End> {
    return this.#last;
  }

  add(event: Omit<HostEvent<End>, 'next'>): HostEvent<End> {
    const entry: Entry<End> = { ...event, next: undefined };
    this.#last.next = entry;
    this.#last = entry;
    return entry;
  }

  /** Forgets what came behind a position. */
  cut(at: HostEvent<End>): void {
    this.#last = at;
    this.#last.next = undefined;
  }
}
