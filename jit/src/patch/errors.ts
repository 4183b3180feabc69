import { InternalError } from '@fireball/contracts';

/** A value does not fit an operand of a template. The selector must never let this happen. */
export class PatchError extends InternalError {
  constructor(
    readonly template: string,
    readonly operand: string,
    readonly value: number | undefined,
    /** The constraint in words. */
    readonly allowed: string,
  ) {
    super(`template ${template}: operand ${operand} cannot be ${value}; allowed: ${allowed}`);
  }
}
