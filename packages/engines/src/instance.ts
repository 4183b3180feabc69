import { FireballError } from '@fireball/contracts';
import type { BacktraceEntry, TrapKind, Value, Work } from '@fireball/wasm';
import type { CallStatistics as VsocStatistics, TierStatistics } from '@fireball/vsoc';
import type { HostCallRecord } from './imports/host-calls.js';

/** What a call cost. An engine without an emulated CPU executes no guest instruction and holds no code: zeros. */
export interface CallStatistics extends VsocStatistics {
  /** Bytes of the packed template set. */
  readonly templateBytes: number;
  /** Wasm instructions executed, where the engine counts them. */
  readonly wasmInstructions: number;
  /** What mixed mode has done since its virtual SoC was made; absent on other engines. */
  readonly tier?: TierStatistics;
}

/** Of an engine without an emulated CPU. */
export const noStatistics: CallStatistics = {
  instructions: 0,
  nativeInstructions: 0,
  interpreterInstructions: 0,
  codeBytes: 0,
  routineBytes: 0,
  wasmCodeBytes: 0,
  tableBytes: 0,
  templateBytes: 0,
  compiledFunctions: 0,
  fallbacks: 0,
  wasmInstructions: 0,
};

/** A trap as far as the engine knows it. */
export interface TrapReport {
  /** The kinds that it may be: V8's messages are coarser than the spec's, everything else names exactly one. */
  readonly kinds: readonly TrapKind[];
  /** Offset in the module of the instruction that trapped, where the engine knows it. */
  readonly wasmOffset: number | null;
  /** Function in which it trapped, by its shown name. */
  readonly function: string | null;
  /** The frames, innermost first, as far as the engine knows them. */
  readonly backtrace: readonly BacktraceEntry[];
}

/** Instantiation trapped: in an active segment, or in the start function. The guest failed: exit status 1. */
export class ModuleTrapError extends FireballError {
  readonly exitStatus = 1;
  constructor(
    file: string,
    readonly trap: TrapReport,
    /** What the start function took, where the engine counts it: the reference. */
    readonly work?: Work,
  ) {
    super(`${file}: instantiation trapped: ${trap.kinds.join(' or ')}`);
  }
}

/** How a call ended. With a trap there are no results. */
export interface Outcome {
  readonly results: readonly Value[];
  readonly trap: TrapReport | null;
  readonly statistics: CallStatistics;
  /** What the module asked stand-ins for its imports, from the start on; absent where it has none. */
  readonly hostCalls?: readonly HostCallRecord[];
}

/** A module that has been instantiated on an engine. */
export interface EngineInstance {
  /**
   * Calls an exported function; arguments must have its types.
   * @param reference what the call took in the reference. A call that takes far more than it can need then ends as `out of fuel`
   *   (bounds.ts); without it `EngineOptions.fuel` is the limit
   */
  invoke(name: string, args: readonly Value[], reference?: Work): Outcome;
  /** What the last call, or the start function, took; of the reference only. */
  lastWork?(): Work;
  /** What the last call cost, even one that a function of the host left by throwing. */
  lastStatistics(): CallStatistics;
  /** The memory's bytes as they are now; valid until the next call. */
  memory(index: number): Uint8Array;
  /** The global's value as it is now. */
  global(index: number): Value;
  /** Frees an emulated CPU and its memory. */
  close(): void;
}
