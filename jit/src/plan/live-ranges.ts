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

  /** Is the instruction at `index` a `local.get` for a `br_if` or `if`, behind which nothing wants the value any more? */
  isLastCondition(index: number): boolean {
    return hasMember(this.sets.lastConditions, 0, index);
  }
}

/** Is a number in the set that begins with the word `first`? */
export function hasMember(sets: Int32Array, first: number, member: number): boolean {
  return ((sets[first + (member >> 5)]! >>> (member & 31)) & 1) === 1;
}
