import { UsageError, type DebugTarget, type TargetException, type TargetStop, type WatchKind } from '@fireball/contracts';

/** A place to stop: address, and which of the boundaries there. */
export interface CodePlace {
  readonly address: number;
  readonly order: number;
}

/** What stops it beside places in code. */
export interface BreakpointEvents {
  /** Entries of exceptions and interrupts. */
  readonly exception?: (exception: TargetException) => boolean;
  /** Ends of a call by a trap: of kinds for which code has no stub, or no code has come by one. */
  readonly trap?: (kind: string) => boolean;
  /** Accesses to [address, address + size). */
  readonly watched?: { readonly address: number; readonly size: number; readonly kind: WatchKind };
}

/** A stop that somebody asked for, and how often it was met. */
export interface Breakpoint extends BreakpointEvents {
  readonly id: number;
  /** As the user named it. */
  where: string;
  /** One, or all of a kind. */
  places: readonly CodePlace[];
  /** Finds them anew when code has come or gone; absent where they stay. */
  readonly find?: (() => readonly CodePlace[]) | undefined;
  /** It goes with its first stop. */
  readonly once: boolean;
  /** It does not stop where this is false; asked while the target stands there, at which boundary. @throws UsageError where it has no value: then it stops */
  condition?: ((order: number) => boolean) | undefined;
  /** Otherwise it neither stops nor counts. */
  isEnabled: boolean;
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

/** How a breakpoint is made, beside its places. */
export type BreakpointOptions = Pick<Partial<Breakpoint>, 'once' | 'condition' | 'find' | 'log' | keyof BreakpointEvents> & {
  /** It is known to people by another number than its own, which is below 0 then. */
  readonly otherwiseNumbered?: boolean;
};

/** Those of one session. What the target has to stop at is set and taken out with them. */
export class Breakpoints {
  readonly #all = new Map<number, Breakpoint>();
  /** How many places want each address. */
  readonly #wanted = new Map<number, number>();
  /** By breakpoint, what the target knows its range by. */
  readonly #watches = new Map<Breakpoint, number>();
  #next = 1;
  /** How often some were set or taken out, and watchpoints too. */
  changes = 0;
  #nextOther = -1;

  constructor(private readonly target: DebugTarget) {
    target.onCodeChange = () => {
      this.#findAnew();
    };
  }

  get all(): readonly Breakpoint[] {
    return [...this.#all.values()];
  }

  add(where: string, places: readonly CodePlace[], { once = false, otherwiseNumbered = false, ...options }: BreakpointOptions = {}): Breakpoint {
    const breakpoint: Breakpoint = {
      id: otherwiseNumbered ? this.#nextOther-- : this.#next++,
      where,
      places,
      once,
      condition: undefined,
      isEnabled: true,
      hits: 0,
      ignored: 0,
      ...options,
    };
    this.#all.set(breakpoint.id, breakpoint);
    this.changes++;
    for (const { address } of places) this.hold(address);
    if (breakpoint.watched !== undefined) {
      const { address, size, kind } = breakpoint.watched;
      this.#watches.set(breakpoint, this.target.stops.watch(address, size, kind));
    }
    if (breakpoint.exception !== undefined) this.#exceptionsChanged();
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
    const breakpoint = this.at(id);
    for (const { address } of breakpoint.places) this.release(address);
    this.#all.delete(id);
    this.changes++;
    const watch = this.#watches.get(breakpoint);
    if (watch !== undefined) this.target.stops.unwatch(watch);
    this.#watches.delete(breakpoint);
    if (breakpoint.exception !== undefined) this.#exceptionsChanged();
  }

  #exceptionsChanged(): void {
    const wanted = this.all.flatMap(({ exception }) => exception ?? []);
    this.target.exceptions?.stopAt(wanted.length === 0 ? undefined : (exception) => wanted.some((wants) => wants(exception)));
  }

  #findAnew(): void {
    for (const breakpoint of this.#all.values()) {
      if (breakpoint.find === undefined) continue;
      const { places } = breakpoint;
      breakpoint.places = breakpoint.find();
      this.changes++;
      for (const { address } of breakpoint.places) this.hold(address);
      for (const { address } of places) this.release(address);
    }
  }

  /** The target is to stop at an address, until as many `release`s. */
  hold(address: number): void {
    const count = this.#wanted.get(address) ?? 0;
    this.#wanted.set(address, count + 1);
    if (count === 0) this.target.stops.breakpoint(address, true);
  }

  release(address: number): void {
    const count = (this.#wanted.get(address) ?? 0) - 1;
    if (count > 0) {
      this.#wanted.set(address, count);
      return;
    }
    this.#wanted.delete(address);
    this.target.stops.breakpoint(address, false);
  }

  /**
   * What is met at an address, at boundaries whose order `isWanted`; conditions hold, or have no value.
   * @param orderOf the boundary there that a place means, where places of other addresses may mean one
   */
  hitsAt(address: number, isWanted: (order: number) => boolean, orderOf?: (place: CodePlace) => number | undefined): Hit[] {
    if (orderOf === undefined && !this.#wanted.has(address)) return [];
    const orderHere = orderOf ?? ((place: CodePlace) => (place.address === address ? place.order : undefined));
    return this.all.flatMap((breakpoint) => {
      const order = breakpoint.places.map(orderHere).find((candidate) => candidate !== undefined && isWanted(candidate));
      return order === undefined ? [] : hitsOf(breakpoint, order);
    });
  }

  /** Breakpoints that a stop of the target is about, wherever it stands. */
  about(stop: TargetStop): readonly Breakpoint[] {
    const { pc } = this.target;
    switch (stop.why) {
      case 'exception':
        return this.all.filter(({ exception }) => exception?.(stop.exception) === true);
      case 'watchpoint':
        return this.all.filter(({ watched }) => watched !== undefined && isAccess(watched, stop));
      case 'fault': {
        const { trap: kind } = stop;
        // It has stopped at the stub already.
        return kind === undefined ? [] : this.all.filter(({ trap, places }) => trap?.(kind) === true && !places.some(({ address }) => address === pc));
      }
      default:
        return [];
    }
  }

  /** Those of `about` whose conditions hold, or have no value, at the boundary of an order. */
  hitsBy(stop: TargetStop, order: number): readonly Hit[] {
    return this.about(stop).flatMap((breakpoint) => hitsOf(breakpoint, order));
  }
}

function isAccess({ address, size, kind }: NonNullable<Breakpoint['watched']>, stop: Extract<TargetStop, { readonly why: 'watchpoint' }>): boolean {
  return (kind === 'access' || kind === stop.access) && stop.address < address + size && address < stop.address + stop.size;
}

function hitsOf(breakpoint: Breakpoint, order: number): Hit[] {
  if (!breakpoint.isEnabled) return [];
  try {
    return breakpoint.condition?.(order) === false ? [] : [{ breakpoint, order, problem: undefined }];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [{ breakpoint, order, problem: error.message }];
  }
}
