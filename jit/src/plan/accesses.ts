import type { AccessGroup } from './groups.js';

/** Where memory is and how much of it is there for certain. */
export interface MemoryEnvironment {
  /** Native address of byte 0; it never moves. */
  readonly base: number;
  /** Bytes present at instantiation; memory never shrinks. */
  readonly minBytes: number;
  /** The size cannot change while code of the instance is active: `minBytes` is exact. */
  readonly fixed: boolean;
}

/** Functions of one module that call each other without their slots (ABI.md, "Calls"). */
export interface DirectCalls {
  /** Does the code of `caller` reach that of `callee`, and last no longer than it? The same answer as long as code is made and looked at. */
  reaches(caller: number, callee: number): boolean;
  /** Where the function's code begins; known when all of them have their places. */
  entryOf(callee: number): number;
}

/** Native addresses that code of this function will use. */
export interface PlanEnvironment {
  readonly memory: MemoryEnvironment | undefined;
  /** Absent where code comes and goes function by function. */
  readonly directCalls?: DirectCalls | undefined;
  globalAddress(index: number): number;
  slotAddress(index: number): number;
  table(index: number): { readonly elements: number };
  readonly safepoint?: { readonly flag: number } | undefined;
}

/** How one access gets its address and its bounds proof. */
export type AccessPlan =
  /** Constant address inside the minimal memory. */
  | { readonly kind: 'static'; readonly address: number }
  /** Index bounded by its computation: operand + offset + width lies inside the minimal memory. */
  | { readonly kind: 'bounded' }
  /** Member of a group: `delta` bytes behind the group's anchor. */
  | { readonly kind: 'group'; readonly group: AccessGroup; readonly c: number; readonly offset: number }
  /** Own check. */
  | { readonly kind: 'single'; readonly extent: number };
