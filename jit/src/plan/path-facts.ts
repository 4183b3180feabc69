import type { AccessGroup } from './groups.js';

/** What has been proved on every path to one point. */
export interface PathFacts {
  /** Checked ranges behind locals that have kept their value since. */
  readonly groups: ReadonlySet<AccessGroup>;
  /** Greatest values of local words. */
  readonly bounds: ReadonlyMap<number, number>;
}

export const nothingKnown: PathFacts = { groups: new Set(), bounds: new Map() };

/** What holds where two paths meet; either itself where it says no more than the other. */
export function meet(a: PathFacts, b: PathFacts): PathFacts {
  return { groups: meetGroups(a.groups, b.groups), bounds: meetBounds(a.bounds, b.bounds) };
}

function meetGroups(a: PathFacts['groups'], b: PathFacts['groups']): PathFacts['groups'] {
  if (a === b) return a;
  const common = new Set<AccessGroup>();
  for (const group of a) if (b.has(group)) common.add(group);
  if (common.size === a.size) return a;
  return common.size === b.size ? b : common;
}

function meetBounds(a: PathFacts['bounds'], b: PathFacts['bounds']): PathFacts['bounds'] {
  if (a === b) return a;
  const common = new Map<number, number>();
  let isFirst = true;
  for (const [word, max] of a) {
    const other = b.get(word);
    if (other === undefined) continue;
    common.set(word, Math.max(max, other));
    isFirst &&= other <= max;
  }
  return isFirst && common.size === a.size ? a : common;
}

/** What is left of `facts` at the header of a loop that writes some words: of those nothing is known on the edges back. */
export function withoutWords({ groups, bounds }: PathFacts, isWritten: (word: number) => boolean): PathFacts {
  return {
    groups: new Set([...groups].filter(({ local }) => !isWritten(local))),
    bounds: new Map([...bounds].filter(([word]) => !isWritten(word))),
  };
}
