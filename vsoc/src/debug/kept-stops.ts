import type { StopPoints, WatchKind } from '@fireball/contracts';

interface Watch {
  readonly begin: number;
  readonly size: number;
  readonly kind: WatchKind;
  /** What the CPU knows it by. */
  id: number;
}

/** Stops that outlive the CPU they are set on: `moveTo` sets them on another one. */
export class KeptStops implements StopPoints {
  readonly #breakpoints = new Set<number>();
  readonly #watches = new Map<number, Watch>();
  #next = 1;
  #stops: StopPoints;

  constructor(stops: StopPoints) {
    this.#stops = stops;
  }

  breakpoint(address: number, on: boolean): void {
    this.#stops.breakpoint(address, on);
    if (on) this.#breakpoints.add(address);
    else this.#breakpoints.delete(address);
  }

  pass(address: number): void {
    this.#stops.pass(address);
  }

  watch(begin: number, size: number, kind: WatchKind): number {
    this.#watches.set(this.#next, { begin, size, kind, id: this.#stops.watch(begin, size, kind) });
    return this.#next++;
  }

  unwatch(id: number): void {
    const watch = this.#watches.get(id);
    if (watch === undefined) return;
    this.#stops.unwatch(watch.id);
    this.#watches.delete(id);
  }

  /** Is a write to [begin, begin + size) one that somebody waits for? */
  isWatched(begin: number, size: number): boolean {
    return [...this.#watches.values()].some((watch) => watch.kind !== 'read' && begin < watch.begin + watch.size && watch.begin < begin + size);
  }

  moveTo(stops: StopPoints): void {
    this.#stops = stops;
    for (const address of this.#breakpoints) stops.breakpoint(address, true);
    for (const watch of this.#watches.values()) watch.id = stops.watch(watch.begin, watch.size, watch.kind);
  }
}
