import { FireballError, type ByteOffset } from '@fireball/contracts';
import { functionName } from '../module.js';
import type { Trap, TrapKind } from '../trap.js';
import type { FramePosition } from './executor.js';

/** One frame at the time of a trap. */
export interface BacktraceEntry {
  /** Index in the function's own module. */
  readonly function: number;
  readonly name: string;
  /** Offset of the instruction in the function's own module. */
  readonly offset: ByteOffset;
}

/** A trap with its place. */
export interface TrapReport {
  readonly kind: TrapKind;
  /** Function index and module offset of the instruction; undefined where no wasm code was running. */
  readonly function: number | undefined;
  readonly offset: ByteOffset | undefined;
  /** Innermost frame first; the outermost frames of a very deep stack are left out. */
  readonly backtrace: readonly BacktraceEntry[];
}

/** Frames shown of a deep stack. */
export const backtraceLimit = 64;

export function reportTrap(trap: Trap, positions: readonly FramePosition[]): TrapReport {
  const backtrace = positions.map(({ function: { validated, instance }, offset }) => ({
    function: validated.index,
    name: functionName(instance.module, validated.index),
    offset,
  }));
  const [innermost] = backtrace;
  return { kind: trap.kind, function: innermost?.function, offset: innermost?.offset, backtrace };
}

/** Instantiation trapped: in an active segment, or in the start function. Exit status 1. */
export class InstantiationTrap extends FireballError {
  readonly exitStatus = 1;
  constructor(readonly trap: TrapReport) {
    super(`instantiation trapped: ${trap.kind}`);
  }
}
