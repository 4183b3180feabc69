import { givenBy } from './local-bounds.js';
import { meetBounds } from './path-facts.js';

/**
 * Greatest values of local words on the edges back to loops. A walk knows nothing of what a loop writes when it comes to the header; what it has
 * found out at the edges back holds all the same, and a second walk may begin the loop with it.
 */
export class RoundTrips {
  private readonly bounds = new Map<number, ReadonlyMap<number, number>>();
  /** Words that had a bound in front of a loop and have none in it. */
  private readonly lost = new Map<number, number[]>();

  /** Control goes back to the loop at `index`. */
  comesRound(index: number, bounds: ReadonlyMap<number, number>): void {
    const known = this.bounds.get(index);
    this.bounds.set(index, known === undefined ? bounds : meetBounds(bounds, known));
  }

  forgotten(index: number, word: number): void {
    const words = this.lost.get(index);
    if (words === undefined) this.lost.set(index, [word]);
    else words.push(word);
  }

  /** The greatest value of the word at the loop's edges back that differs from what it was at the header. */
  of(index: number, word: number): number | undefined {
    const bound = this.bounds.get(index)?.get(word);
    return bound === undefined ? undefined : givenBy(index, bound);
  }

  /** Would a second walk know more? */
  get areWorthMore(): boolean {
    for (const [index, words] of this.lost) if (words.some((word) => this.of(index, word) !== undefined)) return true;
    return false;
  }
}
