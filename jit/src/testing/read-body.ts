import { valueTypeOf, type BlockType, type OpName } from '@fireball/wasm';
import * as layout from '../core/layout/body.js';
import { rest } from '../core/layout/classes.js';
import { takeCore, type Core } from '../instance/core.js';
import { operationOf } from '../instance/operations.js';
import { readIntoCore, type FunctionSource } from '../plan/body.js';

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
  readIntoCore(source, core);
  const words = new Int32Array(core.memory.buffer);
  const first = words[layout.records >> 2]! >> 2;
  return indicesOfInstructions(core).map((index) => instructionAt(words, first + index * (layout.recordStride >> 2)));
}

/** Where the records of the instructions are among all records of the body that the core has. */
export function indicesOfInstructions({ memory }: Core): number[] {
  const words = new Int32Array(memory.buffer);
  const first = words[layout.records >> 2]! >> 2;
  const classAt = (index: number): number => words[first + index * (layout.recordStride >> 2)]! & 0xff;
  return Array.from({ length: words[layout.recordCount >> 2]! }, (_, index) => index).filter((index) => classAt(index) !== rest);
}

/** The instruction whose record begins there. */
function instructionAt(words: Int32Array, record: number): Instruction {
  const field = (offset: number): number => words[record + (offset >> 2)]!;
  const { name, immediates } = operationOf((field(0) >> layout.operationShift) & layout.operationBits);
  const isTable = immediates === 'br_table';
  const labels = field(layout.labelsField) >> 2;
  return {
    op: name,
    offset: field(layout.offsetField),
    a: immediates === 'f32' ? field(layout.aField) >>> 0 : field(layout.aField),
    b: immediates === 'memarg' ? field(layout.memoryOffsetField) >>> 0 : field(layout.bField),
    blockType: immediates === 'block' ? blockTypeOf(field(layout.typeField)) : 'empty',
    targets: isTable ? [...words.subarray(labels, labels + field(layout.labelCountField))] : noTargets,
  };
}

const noTargets: readonly number[] = [];

function blockTypeOf(type: number): BlockType {
  if (type >= 0) return type;
  return type === layout.emptyType ? 'empty' : valueTypeOf(type & 0x7f)!;
}
