import { InstructionReader, type BlockType, type FunctionType, type OpName, type ValueType } from '@fireball/wasm';
import { InternalError } from '@fireball/contracts';
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

export function readBody(source: FunctionSource): Instruction[] {
  const reader = new InstructionReader(source.bytes, source.start);
  const body: Instruction[] = [];
  while (reader.offset < source.end) {
    reader.read();
    const { op, i64 } = reader;
    const isLong = op.immediates === 'i64' || op.immediates === 'f64';
    body.push({
      op: op.name,
      offset: reader.start,
      a: isLong ? Number(BigInt.asIntN(32, i64)) : reader.a,
      b: isLong ? Number(BigInt.asIntN(32, i64 >> 32n)) : reader.b,
      blockType: reader.blockType,
      targets: reader.targets,
    });
  }
  return body;
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
