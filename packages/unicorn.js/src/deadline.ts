import { loadAddon } from './load.js';
import type { NativeAddon } from './native.js';

let addon: NativeAddon | undefined;

/**
 * Calls a function of JavaScript, which may call WebAssembly, and ends it where it has not returned in time, an endless loop too: it
 * stops in the middle, without running any `catch` or `finally` in it, and nothing else is affected. What it throws passes through.
 * About 0.6 us a call; calls may nest.
 * @param milliseconds longest time, wall clock
 * @returns the result, or undefined where the call was ended
 * @throws MissingPartError where the addon is missing
 */
export function callWithin<T>(milliseconds: number, call: () => T): { readonly result: T } | undefined {
  addon ??= loadAddon();
  let ended: { readonly result: T } | undefined;
  const inTime = addon.call_within(milliseconds, () => {
    ended = { result: call() };
  });
  return inTime ? ended : undefined;
}
