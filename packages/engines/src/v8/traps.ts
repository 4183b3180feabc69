import type { ByteOffset } from '@fireball/contracts';
import { Trap, type TrapKind } from '@fireball/wasm';
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
  if (error instanceof Trap) return [error.kind];
  if (!isEngineError(error)) return undefined;
  const message = error.message.replace(/^WebAssembly\.\w+\(\): /, '');
  return messages.find(([pattern]) => pattern.test(message))?.[1];
}

/** Whether V8 threw this itself: a trap or a limit, not an error of a function that wasm called. */
export function isEngineError(error: unknown): error is Error {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}

/** Frames that V8 notes in an error. */
export const backtraceLimit = 64;

/** A frame on V8's stack: function index, and offset in the module as V8 got it. */
interface V8Frame {
  readonly function: number;
  readonly offset: ByteOffset;
}

/**
 * The frames of the module that trapped, innermost first, from stack lines such as
 * `at NAME (wasm://wasm/HASH:wasm-function[3]:0x1f2)`. Those of other modules, as of the bridge, are left out.
 */
export function wasmFrames(error: unknown): V8Frame[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const lines = [...stack.matchAll(/(wasm:\/\/[^\s()]*):wasm-function\[(\d+)\]:0x([0-9a-f]+)/g)];
  const innermost = lines[0]?.[1];
  return lines.filter(([, module]) => module === innermost).map(([, , index, offset]) => ({ function: Number(index), offset: Number.parseInt(offset!, 16) }));
}
