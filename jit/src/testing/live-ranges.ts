import * as layout from '../core/layout/analyses.js';
import { hasMember } from '../debug/live-locals.js';
import type { Analyses } from '../plan/analyses.js';

/** Sets of the core, and what else of it outlives it. */
interface LiveSets {
  /** Words that may be read before they are written when the function begins, and at the headers of loops, set by set. */
  readonly atEntry: Int32Array;
  readonly atLoops: Int32Array;
  /** Indices of the instructions that begin these loops. */
  readonly loops: Int32Array;
  /** Instructions. */
  readonly lastConditions: Int32Array;
}

/** Where the values of local words are still wanted. */
export class LiveRanges {
  constructor(private readonly sets: LiveSets) {}

  /** May the word be read before it is written when the function begins? */
  isWantedAtEntry(word: number): boolean {
    return hasMember(this.sets.atEntry, 0, word);
  }

  /** May it be so at the header of the loop that the instruction at `index` begins? Only known where loops can be entered from outside. */
  isWantedAtLoop(index: number, word: number): boolean {
    const { atEntry, atLoops, loops } = this.sets;
    return hasMember(atLoops, loops.indexOf(index) * atEntry.length, word);
  }

  /** Is the instruction at `index` a `local.get` for a `br_if`, `if` or `select`, behind which nothing wants the value any more? */
  isLastCondition(index: number): boolean {
    return hasMember(this.sets.lastConditions, 0, index);
  }
}

/**
 * Undefined where it would take too long to find out: everything counts as live everywhere.
 * @param withLoops are headers of loops asked for?
 */
export function liveRanges({ words }: Analyses, bodyLength: number, withLoops: boolean): LiveRanges | undefined {
  if (words[layout.isLiveKnown >> 2] === 0) return undefined;
  const copied = (address: number, length: number): Int32Array => words.slice(words[address >> 2]! >> 2, (words[address >> 2]! >> 2) + length);
  const setWords = words[layout.setBytes >> 2]! >> 2;
  const loops = withLoops ? words[layout.loopCount >> 2]! : 0;
  return new LiveRanges({
    atEntry: copied(layout.liveAtEntry, setWords),
    atLoops: copied(layout.loopSets, loops * setWords),
    loops: copied(layout.loopIndices, loops),
    lastConditions: copied(layout.lastConditions, (bodyLength + 31) >> 5),
  });
}
