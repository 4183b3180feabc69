/** A test of the official suite that an engine is known to fail, and why. */
export interface KnownFailure {
  readonly engine: string;
  /** Name of the `.wast` file, and the line in it. */
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/**
 * None at present: floats cross the border between V8 and JavaScript as bits, so that even signalling NaNs arrive. A listed
 * test that passes counts as failed, so the list cannot outlive its reasons.
 */
export const knownFailures: readonly KnownFailure[] = [];
