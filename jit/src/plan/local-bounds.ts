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
