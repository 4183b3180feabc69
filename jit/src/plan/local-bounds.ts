/**
 * A bound is the greatest value, or, from `unit` on, also says that the word may be what it was at the header of a loop: the number of units
 * is that of the instruction that begins the loop, and one.
 */
const unit = 2 ** 32;

/** What the word was when control came to the loop at `loop`, and nothing else. */
export function asAtHeader(loop: number): number {
  return (loop + 1) * unit;
}

/** The greatest value that the word can have; undefined where the bound does not tell. */
export function absolute(bound: number | undefined): number | undefined {
  return bound === undefined || bound >= unit ? undefined : bound;
}

/** The greatest value that one turn of the loop gives to a word that comes round with the bound; undefined where that is unknown. */
export function givenBy(loop: number, bound: number): number | undefined {
  if (bound < unit) return bound;
  return Math.floor(bound / unit) === loop + 1 ? bound % unit : undefined;
}

/** Of a word that has one of two bounds; undefined where nothing is known of it. */
export function meetBound(a: number, b: number | undefined): number | undefined {
  if (b === undefined) return undefined;
  const [loopA, loopB] = [Math.floor(a / unit), Math.floor(b / unit)];
  if (loopA !== loopB && loopA !== 0 && loopB !== 0) return undefined;
  return Math.max(loopA, loopB) * unit + Math.max(a % unit, b % unit);
}

/** Locals whose bounds are remembered at one point: where paths meet, each is looked at. */
const mostBounds = 64;

/** Greatest values that local words may have at one point of the walk, where anything is known of them. */
export class LocalBounds {
  /** The youngest last; a map that somebody has seen is not changed any more. */
  private bounds = new Map<number, number>();
  private isSeen = false;

  /** Undefined where the word may be anything. */
  of(word: number): number | undefined {
    return this.bounds.get(word);
  }

  seen(): ReadonlyMap<number, number> {
    this.isSeen = true;
    return this.bounds;
  }

  /** From here on these hold, and no others. */
  restore(bounds: ReadonlyMap<number, number>): void {
    if (bounds === this.bounds) return;
    this.bounds = new Map(bounds);
    this.isSeen = false;
  }

  /** The word gets another value; `max` is undefined where nothing is known of it. */
  set(word: number, max: number | undefined): void {
    if (max === undefined && !this.bounds.has(word)) return;
    if (this.isSeen) this.bounds = new Map(this.bounds);
    this.isSeen = false;
    this.bounds.delete(word);
    if (max === undefined) return;
    const [oldest] = this.bounds.keys();
    if (this.bounds.size >= mostBounds && oldest !== undefined) this.bounds.delete(oldest);
    this.bounds.set(word, max);
  }
}
