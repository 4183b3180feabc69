import type { FunctionType, ValueType } from '@fireball/wasm';
import { InternalError } from '@fireball/contracts';
import { noRoom, writeBytes, type Core } from '../instance/core.js';
import { wordCount, wordsOf } from './words.js';

/** What the compiler needs of a validated module and one of its functions. */
export interface FunctionSource {
  readonly bytes: Uint8Array;
  /** Byte range of the body's instructions within `bytes`, final `end` included. */
  readonly start: number;
  readonly end: number;
  readonly index: number;
  readonly type: FunctionType;
  /** Parameters, then declared locals. */
  readonly locals: readonly ValueType[];
  /** Slots of an interpreter's frame: locals and the highest operand stack. */
  readonly frameSlots: number;
  readonly types: readonly FunctionType[];
  /** How many there are in its index spaces. */
  readonly counts: { readonly functions: number; readonly globals: number; readonly tables: number };
  functionType(index: number): FunctionType;
  globalType(index: number): ValueType;
}

/**
 * Makes the core read a function's body.
 * @throws NoRoomError
 */
export function readIntoCore(source: Pick<FunctionSource, 'bytes' | 'start' | 'end' | 'index'>, core: Core): void {
  const start = writeBytes(core, source.bytes.subarray(source.start, source.end), source.index);
  if (!core.readBody(start, start + source.end - source.start, source.start)) throw noRoom(source.index);
}

/** Where each local's words live. */
export interface LocalWords {
  /** Words of each local: [low] or [low, high]. */
  readonly words: readonly (readonly number[])[];
  /** The local that each word belongs to. */
  readonly owners: Int32Array;
  /** Total number of words. */
  readonly count: number;
  readonly parameterWords: number;
}

export function layOutLocals(source: FunctionSource): LocalWords {
  const count = wordCount(source.locals);
  const owners = new Int32Array(count);
  const words: number[][] = [];
  let next = 0;
  for (const type of source.locals) {
    const own = wordsOf(type) === 2 ? [next, next + 1] : [next];
    for (const word of own) owners[word] = words.length;
    words.push(own);
    next += own.length;
  }
  return { words, owners, count, parameterWords: wordCount(source.type.params) };
}

export function wordsOfLocal({ words }: LocalWords, local: number): readonly number[] {
  const found = words[local];
  if (found === undefined) throw new InternalError(`local ${local} survived validation`);
  return found;
}
