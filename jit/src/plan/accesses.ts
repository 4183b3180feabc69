import type { BulkOpName } from '@fireball/wasm';

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
  table(index: number): { readonly record: number; readonly elements: number };
  typeNumber(typeIndex: number): number;
  dataRecord(segment: number): number;
  elementRecord(segment: number): number;
  descriptorAddress(op: BulkOpName, a: number, b: number): number;
  readonly safepoint?: { readonly flag: number } | undefined;
}

/** One access of a group, for naming the one that trapped. */
export interface GroupMember {
  /** Offset of the wasm instruction in the module. */
  readonly wasmOffset: number;
  /** What the access adds to the group's local, wrapping. */
  readonly c: number;
  /** Bytes behind that address which the access needs: its offset plus its width. */
  readonly size: number;
}

/** Accesses that one bounds check covers: local + c, for c of [low, low + extent). */
export interface AccessGroup {
  /** Tells it from the others of the function. */
  readonly number: number;
  readonly local: number;
  /** Added to the local (wrapping) to give the checked anchor. */
  readonly low: number;
  /** Bytes behind the anchor that the check proves to be in bounds. */
  readonly extent: number;
  /** The local's bound covers all of it: there is no check. */
  readonly bounded: boolean;
  readonly memberCount: number;
  /** In program order. */
  members(): readonly GroupMember[];
}

/** How one access gets its address and its bounds proof. */
export type AccessPlan =
  /** Constant address inside the minimal memory. */
  | { readonly kind: 'static'; readonly address: number }
  /** Index bounded by its computation: operand + offset + width lies inside the minimal memory. */
  | { readonly kind: 'bounded' }
  | GroupAccess
  /** Own check. */
  | { readonly kind: 'single'; readonly extent: number };

/** A member of a group: c + offset bytes behind its local. */
export interface GroupAccess {
  readonly kind: 'group';
  readonly group: AccessGroup;
  readonly c: number;
  readonly offset: number;
  /** It is the first member. */
  readonly begins: boolean;
  /** No other member follows in the same run of code without labels and calls: native pointers do not outlive one. */
  readonly endsRun: boolean;
  /** Another member follows somewhere. */
  readonly isFollowed: boolean;
}
