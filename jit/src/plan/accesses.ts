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
