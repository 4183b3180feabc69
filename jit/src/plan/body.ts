import { valueTypeOf, type BlockType, type FunctionType, type ImmediateKind, type OpName, type ValueType } from '@fireball/wasm';
import { InternalError } from '@fireball/contracts';
import * as layout from '../core/layout/body.js';
import { noRoom, takeCore, writeBytes } from '../instance/core.js';
import { operationOf } from '../instance/operations.js';
import { isCall } from './flow.js';
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
 * The instructions of a function's body, which the core then has, too.
 * @throws NoRoomError
 */
export function readBody(source: Pick<FunctionSource, 'bytes' | 'start' | 'end' | 'index'>, core = takeCore()): Instruction[] {
  const start = writeBytes(core, source.bytes.subarray(source.start, source.end), source.index);
  if (!core.readBody(start, start + source.end - source.start, source.start)) throw noRoom(source.index);
  const words = new Int32Array(core.memory.buffer);
  const first = words[layout.records >> 2]! >> 2;
  const labelsEnd = words[layout.labelsEnd >> 2]!;
  const body: Instruction[] = [];
  // What an instruction does not say is as those before it have said: addresses of descriptors go by that, too.
  let a = 0;
  let b = 0;
  for (let index = 0; index < words[layout.recordCount >> 2]!; index++) {
    const record = first + index * (layout.recordStride >> 2);
    const { name, immediates } = operationOf(words[record + (layout.operationField >> 2)]!);
    const ownA = words[record + (layout.aField >> 2)]!;
    const ownB = words[record + (layout.bField >> 2)]!;
    const isLong = immediates === 'i64' || immediates === 'f64';
    if (firsts.has(immediates)) a = immediates === 'f32' ? ownA >>> 0 : ownA;
    if (seconds.has(immediates)) b = immediates === 'memarg' ? ownB >>> 0 : ownB;
    const labels = (labelsEnd - ownA) >> 2;
    body.push({
      op: name,
      offset: words[record + (layout.offsetField >> 2)]!,
      a: isLong ? ownA : a,
      b: isLong ? ownB : b,
      blockType: immediates === 'block' ? blockTypeOf(words[record + (layout.typeField >> 2)]!) : 'empty',
      targets: immediates === 'br_table' ? [...words.subarray(labels, labels + ownB)] : noTargets,
    });
  }
  return body;
}

/** Immediates of up to 32 bits that say a, and those that say b. */
const firsts: ReadonlySet<ImmediateKind> = new Set([
  ...(['label', 'func', 'type_table', 'local', 'global', 'table', 'memarg', 'i32'] as const),
  ...(['f32', 'data', 'elem', 'data_memory', 'elem_table', 'table_table'] as const),
]);
const seconds: ReadonlySet<ImmediateKind> = new Set(['type_table', 'memarg', 'elem_table', 'table_table'] as const);

const noTargets: readonly number[] = [];

function blockTypeOf(type: number): BlockType {
  if (type >= 0) return type;
  return type === layout.emptyType ? 'empty' : valueTypeOf(type & 0x7f)!;
}

export function blockSignature(source: FunctionSource, type: BlockType): FunctionType {
  if (type === 'empty') return { params: [], results: [] };
  if (typeof type === 'string') return { params: [], results: [type] };
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

/** Functions that call something can be part of an endless recursion; the others end, or have loops. */
export function needsEntrySafepoint(body: readonly Instruction[]): boolean {
  return body.some(({ op }) => isCall(op));
}
