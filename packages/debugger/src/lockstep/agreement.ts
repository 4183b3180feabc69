import type { ValueDifference } from './differences.js';
import type { Executed, LockstepOutcome } from './divergence.js';
import type { Heap } from './native-side.js';

/** At which boundaries memories, globals and tables are compared: every `interval`th in [from, to]. */
export interface HeapSchedule {
  readonly from: number;
  readonly to: number;
  readonly interval: number;
}

/** Ends the observed call. */
export class Parted extends Error {
  constructor(readonly outcome: LockstepOutcome) {
    super('execution parted');
  }
}

/** How far reference and native execution have been found equal in a call. Ends the call by `Parted` where they are not. */
export class Agreement {
  private reached = 0;
  private heapEqualAt = 0;
  /** Native execution is in code that sets up a function's frame. */
  inPrologue = false;

  constructor(
    private readonly heap: Heap,
    private readonly schedule: HeapSchedule,
  ) {}

  /** Native execution has reached one more boundary. */
  reachBoundary(): void {
    this.reached++;
  }

  /** Compares memories, globals and tables if it is their turn at this boundary. */
  checkHeapIfDue(group: readonly Executed[], trace: readonly number[]): void {
    const { from, to, interval } = this.schedule;
    if (this.reached >= from && this.reached <= to && (this.reached - from) % interval === 0) this.checkHeap(group, trace);
  }

  checkHeap(group: readonly Executed[], trace: readonly number[]): void {
    this.check(group, trace, this.heap.differences());
    this.heapEqualAt = this.reached;
  }

  /** Goes on only without differences. */
  check(group: readonly Executed[], trace: readonly number[], differences: readonly ValueDifference[]): void {
    if (differences.length > 0) this.part(group, trace, differences);
  }

  /** `found` is `group`'s doing, for which the machine instructions in `trace` were executed. */
  part(group: readonly Executed[], trace: readonly number[], found: readonly ValueDifference[]): never {
    const isHeap = found.some(({ kind }) => kind === 'memory' || kind === 'global' || kind === 'table');
    const heap = isHeap ? [] : this.heap.differences();
    const heapEqualAt = isHeap || heap.length > 0 ? this.heapEqualAt : this.reached;
    const divergence = { group, trace, differences: [...found, ...heap], inPrologue: this.inPrologue, boundaries: this.reached, heapEqualAt };
    throw new Parted({ kind: 'divergence', divergence });
  }

  /** For a trap of native code that the reference has gone on from: memories, globals and tables say nothing any more. */
  partByEarlyTrap(group: readonly Executed[], trace: readonly number[], differences: readonly ValueDifference[]): never {
    const divergence = { group, trace, differences, inPrologue: false, boundaries: this.reached, heapEqualAt: this.reached };
    throw new Parted({ kind: 'divergence', divergence });
  }

  giveUp(reason: string): never {
    throw new Parted({ kind: 'inconclusive', reason });
  }

  /** The outcome of a call that has ended without a difference. */
  get outcome(): LockstepOutcome {
    return { kind: 'equal', boundaries: this.reached };
  }
}
