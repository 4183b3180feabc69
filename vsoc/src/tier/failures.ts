import { InternalError, InvalidInputError, NoRoomError, UnsupportedError } from '@fireball/contracts';
import { PatchError, VerifyError } from '@fireball/jit';
import { CodeMemoryFullError } from '../chip/code-memory.js';
import type { FailureKind } from './statistics.js';
import { WorkerFaultError } from './worker.js';

/** The copy in code memory is not the code that was verified. */
export class ChecksumError extends InternalError {}

/** Failures that the next attempts may not have. All others would come again, and blacklist the function at once, but for a lack of room, which is never the end. */
export const passing: ReadonlySet<FailureKind> = new Set(['compile-abort', 'crc', 'worker-fault']);

/** Errors of the compiler by their origin; anything else is a defect of ours, and not hidden. */
export function failureOf(error: unknown): FailureKind {
  if (error instanceof ChecksumError) return 'crc';
  if (error instanceof VerifyError) return 'verify-fail';
  if (error instanceof PatchError) return 'bad-patch';
  if (error instanceof WorkerFaultError) return 'worker-fault';
  // For a routine that the function needs.
  if (error instanceof CodeMemoryFullError) return 'cache-full';
  if (error instanceof NoRoomError) return 'no-memory';
  // Of the set, or of a form that reaches far enough for this function.
  if (error instanceof InvalidInputError || error instanceof UnsupportedError) return 'missing-template';
  throw error;
}
