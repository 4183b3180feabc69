/** Something that has come from outside, and what came next. */
export type LoggedEvent<Event extends object> = Event & { readonly next: LoggedEvent<Event> | undefined };

/**
 * What came from outside of a target, in order. It is never done again: going through the past repeats its effects. A position in it is the last event that
 * has happened; nothing but positions keeps old events.
 */
export class EventLog<Event extends object> {
  #last: LoggedEvent<Event>;

  /** @param origin stands for what was before all events */
  constructor(origin: Event) {
    this.#last = { ...origin, next: undefined };
  }

  /** The position behind everything. */
  get last(): LoggedEvent<Event> {
    return this.#last;
  }

  add(event: Event): LoggedEvent<Event> {
    const entry: LoggedEvent<Event> = { ...event, next: undefined };
    link(this.#last, entry);
    this.#last = entry;
    return entry;
  }

  /** Forgets what came behind a position. */
  cut(at: LoggedEvent<Event>): void {
    this.#last = at;
    link(at, undefined);
  }
}

/** Only a log changes its entries. */
function link<Event extends object>(entry: { next: LoggedEvent<Event> | undefined }, next: LoggedEvent<Event> | undefined): void {
  entry.next = next;
}
