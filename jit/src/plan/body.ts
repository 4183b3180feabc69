import { valueTypeOf, type BlockType, type FunctionType, type OpName, type ValueType } from '@fireball/wasm';
import { InternalError } from '@fireball/contracts';
import * as layout from '../core/layout/body.js';
import { noRoom, takeCore, writeBytes, type Core } from '../instance/core.js';
import { operationOf } from '../instance/operations.js';
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
  functionType(index: number): FunctionType;
  globalType(index: number): ValueType;
}

/** One decoded instruction. Which fields count depends on `op`'s immediates; `a` and `b` are the low and high word of a 64-bit constant. */
export interface Instruction {
  readonly op: OpName;
  readonly offset: number;
  readonly a: number;
  readonly b: number;
  readonly blockType: BlockType;
  readonly targets: readonly number[];
}

/**
 * Makes the core read a function's body.
 * @throws NoRoomError
 */
export function readIntoCore(source: Pick<FunctionSource, 'bytes' | 'start' | 'end' | 'index'>, core: Core): void {
  const start = writeBytes(core, source.bytes.subarray(source.start, source.end), source.index);
  if (!core.readBody(start, start + source.end - source.start, source.start)) throw noRoom(source.index);
}

/**
 * The instructions of a function's body, which the core then has, too.
 * @throws NoRoomError
 */
export function readBody(source: Pick<FunctionSource, 'bytes' | 'start' | 'end' | 'index'>, core = takeCore()): Instruction[] {
  readIntoCore(source, core);
  const words = new Int32Array(core.memory.buffer);
  const first = words[layout.records >> 2]! >> 2;
  const labelsEnd = words[layout.labelsEnd >> 2]!;
  return Array.from({ length: words[layout.recordCount >> 2]! }, (_, index) => instructionAt(words, first + index * (layout.recordStride >> 2), labelsEnd));
}

/** The instruction whose record begins there. */
function instructionAt(words: Int32Array, record: number, labelsEnd: number): Instruction {
  const field = (offset: number): number => words[record + (offset >> 2)]!;
  const { name, immediates } = operationOf(field(layout.operationField));
  const isTable = immediates === 'br_table';
  const labels = (labelsEnd - field(layout.labelsField)) >> 2;
  return {
    op: name,
    offset: field(layout.offsetField),
    a: immediates === 'f32' ? field(layout.aField) >>> 0 : field(layout.aField),
    b: immediates === 'memarg' ? field(layout.bField) >>> 0 : field(layout.bField),
    blockType: immediates === 'block' ? blockTypeOf(field(layout.typeField)) : 'empty',
    targets: isTable ? [...words.subarray(labels, labels + field(layout.labelCountField))] : noTargets,
  };
}

const noTargets: readonly number[] = [];

function blockTypeOf(type: number): BlockType {
  if (type >= 0) return type;
  return type === layout.emptyType ? 'empty' : valueTypeOf(type & 0x7f)!;
}

const single = (type: ValueType): FunctionType => ({ params: [], results: [type] });
const simpleSignatures: Readonly<Record<Exclude<BlockType, number>, FunctionType>> = {
  empty: { params: [], results: [] },
  i32: single('i32'),
  i64: single('i64'),
  f32: single('f32'),
  f64: single('f64'),
  funcref: single('funcref'),
  externref: single('externref'),
};

export function blockSignature(source: FunctionSource, type: BlockType): FunctionType {
  if (typeof type === 'string') return simpleSignatures[type];
  const found = source.types[type];
  if (found === undefined) throw new InternalError(`block type ${type} survived validation`);
  return found;
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
