import { InternalError } from '@fireball/contracts';

/**
 * Why the device's expander gave up; it returns minus the place here, counted from 1.
 * - `set`: not a template set of this target, or not a sound one.
 * - `index`, `work`, `code`: the buffer of that name is too small.
 * - `stream`: not a sound selection stream for these templates.
 * - `reach`: a branch does not reach its target.
 * - `operand`: a value that its instruction cannot encode.
 */
export const expanderErrors = ['set', 'index', 'stream', 'work', 'code', 'reach', 'operand'] as const;
/** Why an expander refused. */
export type ExpanderErrorKind = (typeof expanderErrors)[number];

/** The expander refused a template set or a stream: streams come from our own selector. */
export class ExpanderError extends InternalError {
  constructor(readonly kind: ExpanderErrorKind) {
    super(`the expander on the device gave up: ${kind}`);
  }
}
