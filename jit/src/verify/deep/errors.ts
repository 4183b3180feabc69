import { InternalError } from '@fireball/contracts';

/** Generated code that the deep verifier cannot prove safe: never installed. */
export class DeepVerifyError extends InternalError {
  constructor(
    /** What is missing or wrong. */
    readonly problem: string,
    /** Byte offset from the start of the function's code. */
    readonly codeOffset: number,
    /** The machine instruction. */
    readonly instruction: string,
  ) {
    super(`deep verification: ${problem} at code offset 0x${codeOffset.toString(16)} (${instruction})`);
  }
}
