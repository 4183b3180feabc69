/** A call that the library refused; `message` has unicorn.js's wording. */
export class UnicornError extends Error {
  /**
   * @param functionName the library's function, e.g. `uc_mem_map`
   * @param code an `ERR_*` value, or -1 for a call that is not possible while the engine runs
   * @param reason the library's text for the code
   */
  constructor(
    readonly functionName: string,
    readonly code: number,
    readonly reason: string,
  ) {
    super(`Unicorn.js: Function ${functionName} failed with code ${code}:\n${reason}`);
  }

  override get name(): string {
    return 'UnicornError';
  }

  /** unicorn.js throws this text as a bare string. */
  override toString(): string {
    return this.message;
  }
}
