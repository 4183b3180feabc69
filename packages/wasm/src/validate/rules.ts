import { hasWideValues } from '../core/layout/addresses.js';
import * as shapes from '../core/layout/shapes.js';
import { unknownType } from '../core/layout/types.js';
import { opcodes, type MemoryAccessOpName, type NumericOpName, type Opcode, type OpName } from '../opcodes.js';
import type { ValueType } from '../types.js';
import { typeCodes } from './signatures.js';

/** Of instructions that are not like many others. */
const own: Readonly<Record<Exclude<OpName, NumericOpName | MemoryAccessOpName>, number>> & Partial<Readonly<Record<OpName, number>>> = {
  unreachable: shapes.unreachable,
  nop: shapes.nop,
  block: shapes.block,
  loop: shapes.loop,
  if: shapes.ifThen,
  else: shapes.elseThen,
  end: shapes.end,
  br: shapes.br,
  br_if: shapes.brIf,
  br_table: shapes.brTable,
  return: shapes.returnResults,
  call: shapes.call,
  call_indirect: shapes.callIndirect,
  return_call: shapes.returnCall,
  return_call_indirect: shapes.returnCallIndirect,
  drop: shapes.drop,
  select: shapes.select,
  select_t: shapes.selectTyped,
  'local.get': shapes.localGet,
  'local.set': shapes.localSet,
  'local.tee': shapes.localTee,
  'global.get': shapes.globalGet,
  'global.set': shapes.globalSet,
  'table.get': shapes.tableGet,
  'table.set': shapes.tableSet,
  'table.grow': shapes.tableGrow,
  'table.fill': shapes.tableFill,
  'table.size': shapes.tableSize,
  'table.copy': shapes.tableCopy,
  'table.init': shapes.tableInit,
  'elem.drop': shapes.elemDrop,
  'data.drop': shapes.dataDrop,
  'memory.size': shapes.memorySize,
  'memory.grow': shapes.memoryGrow,
  'memory.fill': shapes.memoryFill,
  'memory.copy': shapes.memoryCopy,
  'memory.init': shapes.memoryInit,
  'ref.null': shapes.refNull,
  'ref.is_null': shapes.refIsNull,
  'ref.func': shapes.refFunc,
  'i32.const': shapes.i32Const,
  'i64.const': shapes.i64Const,
  'f32.const': shapes.f32Const,
  'f64.const': shapes.f64Const,
};

function shapeOf({ name, access, signature }: Opcode): number {
  const shape = own[name];
  if (shape !== undefined) return shape;
  if (access !== undefined) return access.kind === 'load' ? shapes.load : shapes.store;
  return signature?.params.length === 2 ? shapes.binary : shapes.unary;
}

/** The byte in front of sub-opcodes. */
const prefix = 0xfc;

const isWide = (type: ValueType | undefined): boolean => type === 'i64' || type === 'f64';

/** What the core wants to know of each opcode, in its layout. */
export const rules = new Int32Array(512);

for (const opcode of opcodes) {
  const { code, signature, access } = opcode;
  const codeOf = (type: ValueType | undefined): number => (type === undefined ? unknownType : typeCodes[type]);
  rules[code < 0x100 ? code : 0x100 + (code & 0xff)] =
    shapeOf(opcode) |
    (codeOf(signature?.params.at(-1)) << 8) |
    (isWide(signature?.results[0]) ? hasWideValues : 0) |
    (codeOf(signature?.results[0]) << 16) |
    ((access?.naturalAlignment ?? 0) << 24);
}
rules[prefix] = shapes.prefix;
