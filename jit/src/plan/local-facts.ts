import { rangeBehind, u32Max } from './symbols.js';

/** What is known of a local word at one point. */
export interface LocalFact {
  readonly min: number;
  readonly max: number;
  /** A number that it is not; -1 where none is known. */
  readonly not: number;
  /**
   * Index of the instruction that begins a loop, since whose header the word has become `delta` more (wrapping), or, where `delta` is 0, has got
   * another value of at most `others` (-1: it has not); -1 where this is not known for any loop.
   */
  readonly loop: number;
  readonly delta: number;
  readonly others: number;
}

export function between(min: number, max: number): LocalFact {
  return { min, max, not: -1, loop: -1, delta: 0, others: -1 };
}

/** What the word was when control came to the loop at `loop`. */
export function asAtHeader(loop: number, min = 0, max = u32Max): LocalFact {
  return { min, max, not: -1, loop, delta: 0, others: -1 };
}

/** The word, of which `fact` is known, and `c` more (wrapping). */
export function shifted(fact: LocalFact, c: number): LocalFact {
  if (c === 0) return fact;
  const not = fact.not < 0 ? -1 : (fact.not + c) >>> 0;
  return {
    ...rangeBehind(fact.min, fact.max, c),
    not,
    ...(fact.others < 0 ? { loop: fact.loop, delta: (fact.delta + c) | 0, others: -1 } : tracked(fact.loop)),
  };
}

/** The word may be anything, but it will be worth knowing once more is known of the loop: a second walk looks at it. */
function tracked(loop: number): History {
  return loop < 0 ? noHistory : { loop, delta: 0, others: u32Max };
}

/** The same number in another word. */
export function copied(fact: LocalFact): LocalFact {
  return fact.loop < 0 ? fact : { ...fact, ...tracked(fact.loop) };
}

function saysNothing({ min, max, not, loop }: LocalFact): boolean {
  return min === 0 && max === u32Max && not < 0 && loop < 0;
}

/** Of a word of which one of two facts is true; undefined where nothing is known of it, `a` itself where that says no more. */
export function meetFact(a: LocalFact, b: LocalFact | undefined): LocalFact | undefined {
  if (a === b) return a;
  if (b === undefined) return undefined;
  const met = {
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    not: a.not === b.not ? a.not : -1,
    ...meetHistory(a, b),
  };
  if (met.min === a.min && met.max === a.max && met.not === a.not && met.loop === a.loop && met.delta === a.delta && met.others === a.others) return a;
  return saysNothing(met) ? undefined : met;
}

type History = Pick<LocalFact, 'loop' | 'delta' | 'others'>;
const noHistory: History = { loop: -1, delta: 0, others: -1 };

function meetHistory(a: LocalFact, b: LocalFact): History {
  const { loop, delta } = a.loop < 0 ? b : a;
  if (loop < 0) return noHistory;
  const others = Math.max(othersOf(a, loop, delta), othersOf(b, loop, delta));
  return others > u32Max || (others >= 0 && delta !== 0) ? noHistory : { loop, delta, others };
}

/** What the word may have become beside what it was `delta` before; more than any word where nothing is known. */
function othersOf(fact: LocalFact, loop: number, delta: number): number {
  if (fact.loop === loop && fact.delta === delta) return fact.others;
  return fact.loop < 0 && fact.max < u32Max ? fact.max : Infinity;
}

/** The word lies in min..max, too, and is not `not`; undefined where that cannot be. */
export function refined(fact: LocalFact | undefined, min: number, max: number, not = -1): LocalFact | undefined {
  const before = fact ?? between(0, u32Max);
  let [low, high] = [Math.max(before.min, min), Math.min(before.max, max)];
  if (not === low) low++;
  if (not === high) high--;
  return low > high ? undefined : { ...before, min: low, max: high, not: not < 0 ? before.not : not };
}

/** Locals of which something is remembered at one point: where paths meet, each is looked at. */
const mostFacts = 64;

/** What is known of local words at one point of the walk, where anything is. */
export class LocalFacts {
  /** The youngest last; a map that somebody has seen is not changed any more. */
  private facts: ReadonlyMap<number, LocalFact> = new Map();
  private own: Map<number, LocalFact> | undefined;

  /** Undefined where the word may be anything. */
  of(word: number): LocalFact | undefined {
    return this.facts.get(word);
  }

  seen(): ReadonlyMap<number, LocalFact> {
    this.own = undefined;
    return this.facts;
  }

  /** From here on these hold, and no others. */
  restore(facts: ReadonlyMap<number, LocalFact>): void {
    this.facts = facts;
    this.own = undefined;
  }

  /** The word gets another value, of which nothing or this is known; or more is known of the one that it has. */
  set(word: number, fact: LocalFact | undefined): void {
    const known = fact === undefined || saysNothing(fact) ? undefined : fact;
    if (known === undefined && !this.facts.has(word)) return;
    const own = (this.own ??= new Map(this.facts));
    this.facts = own;
    own.delete(word);
    if (known === undefined) return;
    const [oldest] = own.keys();
    if (own.size >= mostFacts && oldest !== undefined) own.delete(oldest);
    own.set(word, known);
  }
}
