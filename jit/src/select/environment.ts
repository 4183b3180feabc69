import type { OpName } from '@fireball/wasm';
import type { MemoryEnvironment } from '../plan/plan.js';

/**
 * Addresses that generated code is bound to. Code belongs to one instance: its data addresses are
 * patched in as constants (ABI.md, "Instances").
 */
export interface LinkEnvironment {
  readonly memory: (MemoryEnvironment & { readonly boundsRoutine: number }) | undefined;
  /** Address of the global's 8-byte cell. */
  globalAddress(index: number): number;
  /** Address of the function's 4-byte jump-table slot. */
  slotAddress(index: number): number;
  /** Entry of the runtime routine that carries out the instruction; undefined where there is none. */
  routineAddress(op: OpName): number | undefined;
  /** sp must stay at or above this; `stackReserve` bytes below it are usable. */
  readonly stackLimit: number;
}

/** Frames up to this size need no exact check: the stack has a reserve below the limit (ABI.md, "Stack"). */
export const smallFrame = 512;
