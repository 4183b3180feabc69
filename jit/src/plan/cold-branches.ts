import type { Analyses } from './analyses.js';

/** How often control came to a `br_if` or an `if`, and how often its condition was not 0. */
export interface BranchCounts {
  readonly total: number;
  readonly isTrue: number;
}

/** Counts of the branch at an offset in the module; undefined where nobody counted. */
export type BranchProfile = (wasmOffset: number) => BranchCounts | undefined;

/**
 * Indices of the `br_if` and `if` instructions behind which code is cold: most of the time control goes around it to the end of a
 * block, or to the `else`. That code is moved behind the function, so that the usual way has no taken branch. It then begins
 * with a taken branch and ends with a jump, two where there was none: so it must be passed over more than twice as often as it is executed.
 *
 * Nothing enters a region in the middle but loops of its own; so regions are disjoint or nested. They hold no branch table where
 * tables reach forwards only.
 * @throws NoRoomError
 */
export function coldBranches(analyses: Analyses, profile: BranchProfile, forwardTables: boolean): ReadonlySet<number> {
  const cold = new Set<number>();
  for (const [index, block] of analyses.regions(!forwardTables)) {
    const isIf = analyses.operationAt(index) === 'if';
    const { params, results } = analyses.blockAt(block);
    const counts = profile(analyses.offsetAt(index));
    // Values are where the usual way has them.
    if (counts === undefined || (isIf ? params : results) > 0) continue;
    const passed = isIf ? counts.total - counts.isTrue : counts.isTrue;
    if (passed > 2 * (counts.total - passed)) cold.add(index);
  }
  return cold;
}
