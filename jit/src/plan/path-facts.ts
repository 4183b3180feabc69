import type { AccessGroup } from './groups.js';
import { asAtHeader, meetBound } from './local-bounds.js';

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

/** The same for bounds alone. */
export function meetBounds(a: PathFacts['bounds'], b: PathFacts['bounds']): PathFacts['bounds'] {
  if (a === b) return a;
  const common = new Map<number, number>();
  let isFirst = true;
  for (const [word, bound] of a) {
    const met = meetBound(bound, b.get(word));
    if (met !== undefined) common.set(word, met);
    isFirst &&= met === bound;
  }
  return isFirst && common.size === a.size ? a : common;
}

/**
 * What is left of `facts` at the header of the loop at `loop`, which writes some words.
 * @param around the greatest values of such words where control comes round; undefined where nothing is known of one yet
 */
export function atHeader(
  { groups, bounds }: PathFacts,
  loop: number,
  isWritten: (word: number) => boolean,
  around: (word: number) => number | undefined,
): PathFacts {
  const held = new Map<number, number>();
  for (const [word, bound] of bounds) {
    if (!isWritten(word)) held.set(word, bound);
    else {
      const round = around(word);
      if (round === undefined) held.set(word, asAtHeader(loop));
      else {
        const met = meetBound(bound, round);
        if (met !== undefined) held.set(word, met);
      }
    }
  }
  return { groups: new Set([...groups].filter(({ local }) => !isWritten(local))), bounds: held };
}
