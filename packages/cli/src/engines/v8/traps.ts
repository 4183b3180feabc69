import type { TrapKind } from '@fireball/wasm';
import { WebAssembly } from './webassembly.js';

/**
 * V8's messages and the spec's trap kinds that each may stand for. V8 says less in places: one message covers
 * a wrong type and a null entry, another a table access and an indirect call.
 */
const messages: readonly (readonly [RegExp, readonly TrapKind[]])[] = [
  [/^unreachable$/, ['unreachable']],
  [/^memory access out of bounds$|^data segment/, ['out of bounds memory access']],
  [/^(divide|remainder) by zero$/, ['integer divide by zero']],
  [/^divide result unrepresentable$/, ['integer overflow']],
  // For NaN the spec says invalid conversion, for a number out of range integer overflow.
  [/^float unrepresentable in integer range$/, ['invalid conversion to integer', 'integer overflow']],
  [/^table index is out of bounds$/, ['undefined element', 'out of bounds table access']],
  [/^(table access out of bounds|table or element segment out of bounds|element segment)/, ['out of bounds table access']],
  [/^null function or function signature mismatch$/, ['indirect call type mismatch', 'uninitialized element']],
  [/^Maximum call stack size exceeded$/, ['call stack exhausted']],
];

/** The kinds that an error of V8 may stand for; undefined where it is no trap. */
export function trapKinds(error: unknown): readonly TrapKind[] | undefined {
  if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) return undefined;
  const message = error.message.replace(/^WebAssembly\.\w+\(\): /, '');
  return messages.find(([pattern]) => pattern.test(message))?.[1];
}

/** Index of the function that trapped, from a stack line such as `at NAME (wasm://wasm/HASH:wasm-function[3]:0x1f2)`. */
export function trappedFunction(error: unknown): number | undefined {
  const match = /wasm-function\[(\d+)\]/.exec(error instanceof Error ? (error.stack ?? '') : '');
  return match === null ? undefined : Number(match[1]);
}
