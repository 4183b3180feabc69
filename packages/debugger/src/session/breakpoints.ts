import { UsageError, type StopPoints } from '@fireball/contracts';

/** A place to stop: address, and which of the boundaries there. */
export interface CodePlace {
  readonly address: number;
  readonly order: number;
}

/** A stop that somebody asked for, and how often it was met. */
export interface Breakpoint {
  readonly id: number;
  /** As the user named it. */
  readonly where: string;
  /** One, or all of a kind. */
  readonly places: readonly CodePlace[];
  /** It goes with its first stop. */
  readonly once: boolean;
  /** It does not stop where this is false; asked while the target stands there, at which boundary. @throws UsageError where it has no value: then it stops */
  readonly condition?: ((order: number) => boolean) | undefined;
  /** It does not stop: this is called instead, each time that it is come by forwards. */
  readonly log?: ((order: number) => void) | undefined;
  /** How often it was come by forwards, with its condition true. */
  hits: number;
  /** So many times more it is passed. Forwards only. */
  ignored: number;
}

/** A breakpoint that is met. */
export interface Hit {
  readonly breakpoint: Breakpoint;
  readonly order: number;
  /** Why its condition has no value here. */
  readonly problem: string | undefined;
}

/** Those of one session. Addresses that the target has to stop at are set and taken out with them. */
export class Breakpoints {
  readonly #all = new Map<number, Breakpoint>();
  /** How many places want each address. */
  readonly #wanted = new Map<number, number>();
  #next = 1;
  /** How often some were set or taken out, and watchpoints too. */
  changes = 0;

  constructor(private readonly stops: () => StopPoints) {}

  get all(): readonly Breakpoint[] {
    return [...this.#all.values()];
  }

  add(where: string, places: readonly CodePlace[], { once = false, condition, log }: Pick<Partial<Breakpoint>, 'once' | 'condition' | 'log'> = {}): Breakpoint {
    const breakpoint: Breakpoint = { id: this.#next++, where, places, once, condition, log, hits: 0, ignored: 0 };
    this.#all.set(breakpoint.id, breakpoint);
    this.changes++;
    for (const { address } of places) this.hold(address);
    return breakpoint;
  }

  has(id: number): boolean {
    return this.#all.has(id);
  }

  /** @throws UsageError where there is none of this number */
  at(id: number): Breakpoint {
    const breakpoint = this.#all.get(id);
    if (breakpoint === undefined) throw new UsageError(`there is no breakpoint ${id}`);
    return breakpoint;
  }

  /** @throws UsageError where there is none of this number */
  remove(id: number): void {
    for (const { address } of this.at(id).places) this.release(address);
    this.#all.delete(id);
    this.changes++;
  }

  /** The target is to stop at an address, until as many `release`s. */
  hold(address: number): void {
    const count = this.#wanted.get(address) ?? 0;
    this.#wanted.set(address, count + 1);
    if (count === 0) this.stops().breakpoint(address, true);
  }

  release(address: number): void {
    const count = (this.#wanted.get(address) ?? 0) - 1;
    if (count > 0) {
      this.#wanted.set(address, count);
      return;
    }
    this.#wanted.delete(address);
    this.stops().breakpoint(address, false);
  }

  /**
   * What is met at an address, at boundaries whose order `isWanted`; conditions hold, or have no value.
   * @param orderOf the boundary there that a place means, where places of other addresses may mean one
   */
  hitsAt(address: number, isWanted: (order: number) => boolean, orderOf?: (place: CodePlace) => number | undefined): Hit[] {
    const hits: Hit[] = [];
    if (orderOf === undefined && !this.#wanted.has(address)) return hits;
    const orderHere = orderOf ?? ((place: CodePlace) => (place.address === address ? place.order : undefined));
    for (const breakpoint of this.#all.values()) {
      const order = breakpoint.places.map(orderHere).find((candidate) => candidate !== undefined && isWanted(candidate));
      if (order === undefined) continue;
      try {
        if (breakpoint.condition?.(order) !== false) hits.push({ breakpoint, order, problem: undefined });
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        hits.push({ breakpoint, order, problem: error.message });
      }
    }
    return hits;
  }
}
