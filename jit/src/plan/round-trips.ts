import type { LocalFact } from './local-facts.js';
import { meetFacts } from './path-facts.js';
import { u32Max } from './symbols.js';

/**
 * What is known of local words on the edges back to loops. A walk knows nothing of what a loop writes when it comes to the header; what it has
 * found out at the edges back holds all the same, and a second walk may begin the loop with it.
 */
export class RoundTrips {
  private readonly facts = new Map<number, ReadonlyMap<number, LocalFact>>();
  /** Of the words that loops write, what was known in front of them. */
  private readonly before = new Map<number, Map<number, LocalFact>>();

  /** Loops within loops, of which no code may stand between the headers unless one of these words gets a constant there that the inner loop counts on. */
  private readonly nested: { readonly outer: number; readonly inner: number; readonly constants: readonly number[] }[] = [];

  /** Control goes back to the loop at `index`. */
  comesRound(index: number, facts: ReadonlyMap<number, LocalFact>): void {
    const known = this.facts.get(index);
    this.facts.set(index, known === undefined ? facts : meetFacts(facts, known));
  }

  /** Control comes to the loop at `index`, which writes the word. */
  begins(index: number, word: number, fact: LocalFact): void {
    const words = this.before.get(index);
    if (words === undefined) this.before.set(index, new Map([[word, fact]]));
    else words.set(word, fact);
  }

  /** Between the headers of a loop and of one in it no instruction is sure to become code, but those that give these words a constant. */
  beginTogether(outer: number, inner: number, constants: readonly number[]): void {
    this.nested.push({ outer, inner, constants });
  }

  /** Loops whose headers may be one place of the code: there nobody can tell the ways round the one from those round the other. */
  private get shared(): ReadonlySet<number> {
    this.sharing ??= new Set(
      this.nested.flatMap(({ outer, inner, constants }) =>
        constants.some((word) => strideOf(inner, this.facts.get(inner)?.get(word)) !== 0) ? [] : [outer, inner],
      ),
    );
    return this.sharing;
  }
  private sharing: ReadonlySet<number> | undefined;

  /** The word at the header of the loop at `index`, if `before` is true of it in front of the loop; undefined where nothing is known of it. */
  atHeader(index: number, word: number, before: LocalFact, turns: number): LocalFact | undefined {
    const round = this.facts.get(index)?.get(word);
    if (round === undefined) return undefined;
    const counted = rangeOfCount(index, before, round, turns);
    const given = givenBy(index, round);
    if (given === undefined) return counted;
    const max = Math.max(before.max, given.max);
    if (max === u32Max) return counted;
    const min = Math.min(before.min, given.min);
    return { ...before, min: Math.max(min, counted?.min ?? 0), max: Math.min(max, counted?.max ?? u32Max), not: -1, loop: -1, delta: 0, others: -1 };
  }

  /** How often control comes round the loop at `index` at most; `before`: what is known in front of it. */
  mostTurns(index: number, before: (word: number) => LocalFact | undefined): number {
    if (this.shared.has(index)) return Infinity;
    let most = Infinity;
    const round = this.facts.get(index);
    for (const word of round === undefined ? [] : (this.before.get(index)?.keys() ?? [])) {
      const [start, back] = [before(word), round?.get(word)];
      if (start !== undefined && back !== undefined) most = Math.min(most, turnsOf(index, start, back));
    }
    return most;
  }

  /** Would a second walk know more? */
  get areWorthMore(): boolean {
    for (const [index, words] of this.before) {
      const turns = this.mostTurns(index, (word) => words.get(word));
      for (const [word, fact] of words) if (this.atHeader(index, word, fact, turns) !== undefined) return true;
    }
    return false;
  }
}

/** What is true of the word when control comes round and it has been given a value since the header, or has kept it; undefined where that is not so. */
function givenBy(loop: number, { max, loop: since, delta, others }: LocalFact): { readonly min: number; readonly max: number } | undefined {
  if (since === loop && delta === 0) return others < 0 ? { min: u32Max, max: 0 } : { min: 0, max: others };
  return max < u32Max ? { min: 0, max } : undefined;
}

/** What every turn of the loop adds to the word; 0 where that differs. */
function strideOf(loop: number, fact: LocalFact | undefined): number {
  return fact?.loop === loop && fact.others < 0 ? fact.delta : 0;
}

/** How often control comes round a loop at most, if the word has `start` in front of it, and `back` when control comes round. */
function turnsOf(loop: number, start: LocalFact, back: LocalFact): number {
  const stride = strideOf(loop, back);
  if (stride === 0) return Infinity;
  const step = Math.abs(stride);
  let turns = Infinity;
  if (back.not >= 0 && start.min === start.max) {
    // It would meet exactly the number that it never is.
    const distance = (stride > 0 ? back.not - start.min : start.min - back.not) >>> 0;
    if (distance > 0 && distance % step === 0) turns = distance / step - 1;
  }
  // No turn can carry it past the end of the numbers without a value behind the limit.
  if (stride > 0 && back.max + step <= u32Max && start.max + step <= u32Max) turns = Math.min(turns, Math.floor((back.max - start.min) / step));
  if (stride < 0 && back.min >= step && start.min >= step) turns = Math.min(turns, Math.floor((start.max - back.min) / step));
  return Math.max(turns, 0);
}

/** The word at the header, if every turn adds the same to it; undefined where it may wrap. */
function rangeOfCount(loop: number, start: LocalFact, back: LocalFact, turns: number): LocalFact | undefined {
  const stride = strideOf(loop, back);
  if (stride === 0 || turns === Infinity) return undefined;
  const [min, max] = [start.min + Math.min(stride * turns, 0), start.max + Math.max(stride * turns, 0)];
  return min < 0 || max > u32Max ? undefined : { min, max, not: -1, loop, delta: 0, others: -1 };
}
