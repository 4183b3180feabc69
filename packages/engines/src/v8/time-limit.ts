import { callWithin } from '@fireball/unicorn.js';

/** A call ran longer than it may, and was ended. */
export class TimeLimitError extends Error {
  constructor(readonly milliseconds: number) {
    super(`not within ${milliseconds} ms`);
  }
}

/**
 * Makes a call that is ended where it does not return in time. (V8 in a thread or process of its own could be ended too, but its
 * memories would be out of reach of the comparison; Node's `vm` makes a thread for every call, 30 to 1,000 us.)
 * @throws TimeLimitError; whatever `call` throws passes through
 */
export function withTimeLimit<T>(milliseconds: number, call: () => T): T {
  const ended = callWithin(milliseconds, call);
  if (ended === undefined) throw new TimeLimitError(milliseconds);
  return ended.result;
}
