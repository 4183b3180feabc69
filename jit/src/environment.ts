import type { BulkOpName, OpName } from '@fireball/wasm';
import type { Features } from './features.js';
import type { DirectCalls, MemoryEnvironment } from './plan/accesses.js';

/**
 * What the core does with a misaligned load or store of wasm memory: `hw`, it carries it out; `split`, it traps, so code
 * accesses bytes instead. An instruction's `align` hint is only a hint: it may be wrong (core spec, 4.4.7).
 */
export type MisalignedAccess = 'hw' | 'split';

/**
 * Of a module's accesses of its memory, those whose addresses nothing proves to lie inside: `all`, code checks them; `wide`, a check is of all that may be
 * reached from a local, because the module leaves the last 4 KiB of a memory of fixed size alone, where it may trap; `none`, it trusts the module to access
 * nothing outside, and what it accesses there is what lies behind its memory, or in front of it.
 */
export type BoundsChecks = 'all' | 'wide' | 'none';

/**
 * How much a function is thought about: `optimizing`, its code is planned, registers are allocated by where values live, and accesses share checks that are proved to be
 * enough; `baseline`, it comes from one walk over the function's bytes, several times as fast, in a fraction of the memory, and is larger and slower.
 */
export type CompilerName = 'optimizing' | 'baseline';

/**
 * The core and the addresses that generated code is bound to. Code belongs to one instance: its data addresses are
 * patched in as constants (ABI.md, "Instances").
 */
export interface LinkEnvironment {
  /** What the core that the code is for has beyond the base of its instruction set. */
  readonly features: Features;
  readonly memory:
    | (MemoryEnvironment & {
        readonly boundsRoutine: number;
        /** `all` unless told otherwise. */
        readonly boundsChecks?: BoundsChecks;
        /** Address of the memory record. */
        readonly record: number;
        /** log2 of the page size. */
        readonly pageShift: number;
      })
    | undefined;
  /** Addresses of a table's record and of its first element; `count`: how many elements it has, where that never changes. */
  table(index: number): { readonly record: number; readonly elements: number; readonly count?: number | undefined };
  /** Canonical number of a function type, never 0: equal exactly for equal types, whatever their module. */
  typeNumber(typeIndex: number): number;
  dataRecord(segment: number): number;
  elementRecord(segment: number): number;
  /** What a memory or table instruction's routine gets as its last word: the address of its record or records. */
  descriptorAddress(op: BulkOpName, a: number, b: number): number;
  /** Where result words beyond the fourth go. */
  readonly resultBuffer: number;
  /** Address of the global's 8-byte cell. */
  globalAddress(index: number): number;
  /** Address of the function's slot {code address, type number}. */
  slotAddress(index: number): number;
  /** Absent where code comes and goes function by function. */
  readonly directCalls?: DirectCalls | undefined;
  /** Entry of the runtime routine that carries out the instruction; undefined where there is none. */
  routineAddress(op: OpName): number | undefined;
  /** Routines lie beyond the reach of a direct call: they are called by their addresses in a register. */
  readonly farRoutines?: boolean;
  /** `optimizing` unless told otherwise. */
  readonly compiler?: CompilerName | undefined;
  /** Where code looks whether it shall yield, and what it calls then; absent where it never looks (ABI.md, "Safepoints"). */
  readonly safepoint?: { readonly flag: number; readonly service: number } | undefined;
  /** Word and half-word accesses of wasm memory whose address may be misaligned: one access, or bytes where it is. RV32 only. */
  readonly misaligned: MisalignedAccess;
  /** sp must stay at or above this; `stackReserve` bytes below it are usable. */
  readonly stackLimit: number;
}
