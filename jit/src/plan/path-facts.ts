import type { AccessGroup } from './groups.js';
import { asAtHeader, meetFact, type LocalFact } from './local-facts.js';

/** What has been proved on every path to one point. */
export interface PathFacts {
  /** Checked ranges behind locals that have kept their value since. */
  readonly groups: ReadonlySet<AccessGroup>;
  /** Of local words. */
  readonly locals: ReadonlyMap<number, LocalFact>;
}

export const nothingKnown: PathFacts = { groups: new Set(), locals: new Map() };

/** What holds where two paths meet; either itself where it says no more than the other. */
export function meet(a: PathFacts, b: PathFacts): PathFacts {
  return { groups: meetGroups(a.groups, b.groups), locals: meetFacts(a.locals, b.locals) };
}

function meetGroups(a: PathFacts['groups'], b: PathFacts['groups']): PathFacts['groups'] {
  if (a === b) return a;
  const common = new Set<AccessGroup>();
  for (const group of a) if (b.has(group)) common.add(group);
  if (common.size === a.size) return a;
  return common.size === b.size ? b : common;
}

/** The same for locals alone. */
export function meetFacts(a: PathFacts['locals'], b: PathFacts['locals']): PathFacts['locals'] {
  if (a === b) return a;
  const common = new Map<number, LocalFact>();
  let isFirst = true;
  for (const [word, fact] of a) {
    const met = meetFact(fact, b.get(word));
    if (met !== undefined) common.set(word, met);
    isFirst &&= met === fact;
  }
  return isFirst ? a : common;
}

/**
 * What is left of `facts` at the header of the loop at `loop`, which writes some words.
 * @param around what is known of such words from the ways round the loop; undefined where nothing is known of one yet
 */
export function atHeader(
  { groups, locals }: PathFacts,
  loop: number,
  isWritten: (word: number) => boolean,
  around: (word: number, before: LocalFact) => LocalFact | undefined,
): PathFacts {
  const held = new Map<number, LocalFact>();
  for (const [word, fact] of locals) held.set(word, isWritten(word) ? (around(word, fact) ?? asAtHeader(loop)) : fact);
  return { groups: new Set([...groups].filter(({ local }) => !isWritten(local))), locals: held };
}
