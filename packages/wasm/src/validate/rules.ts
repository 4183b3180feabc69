import { opcodes, type MemoryAccessOpName, type NumericOpName, type Opcode, type OpName } from '../opcodes.js';
import type { ValueType } from '../types.js';
import { typeCodes, unknownType } from './signatures.js';

/**
 * What the walk over a body does at an instruction: `unary` and `binary` have operands of one type, one result and no immediates; those whose immediates or
 * operands need a look are called by their own names.
 */
export const shapes = {
  illegal: 0,
  unary: 1,
  binary: 2,
  load: 3,
  store: 4,
  'i32.const': 5,
  'i64.const': 6,
  'f32.const': 7,
  'f64.const': 8,
  'local.get': 9,
  'local.set': 10,
  'local.tee': 11,
  'global.get': 12,
  'global.set': 13,
  block: 14,
  loop: 15,
  if: 16,
  else: 17,
  end: 18,
  br: 19,
  br_if: 20,
  br_table: 21,
  return: 22,
  call: 23,
  call_indirect: 24,
  return_call: 25,
  return_call_indirect: 26,
  drop: 27,
  select: 28,
  select_t: 29,
  unreachable: 30,
  nop: 31,
  'table.get': 32,
  'table.set': 33,
  'table.grow': 34,
  'table.fill': 35,
  'table.size': 36,
  'table.copy': 37,
  'table.init': 38,
  'elem.drop': 39,
  'data.drop': 40,
  'memory.size': 41,
  'memory.grow': 42,
  'memory.fill': 43,
  'memory.copy': 44,
  'memory.init': 45,
  'ref.null': 46,
  'ref.is_null': 47,
  'ref.func': 48,
} as const;
export type Shape = (typeof shapes)[keyof typeof shapes];

const own: Readonly<Record<Exclude<OpName, NumericOpName | MemoryAccessOpName>, Shape>> & Partial<Readonly<Record<OpName, Shape>>> = shapes;

function shapeOf({ name, access, signature }: Opcode): Shape {
  const shape = own[name];
  if (shape !== undefined) return shape;
  if (access !== undefined) return access.kind === 'load' ? shapes.load : shapes.store;
  return signature?.params.length === 2 ? shapes.binary : shapes.unary;
}

/** The byte in front of sub-opcodes. */
export const prefix = 0xfc;

/**
 * By opcode (one byte, or 256 + the sub-opcode behind the prefix), in one word, because it is looked up for every instruction: shape, code of the last operand's
 * type << 8, of the result's << 16, log2 of the largest alignment hint << 24.
 */
export const rules = new Int32Array(512);

for (const opcode of opcodes) {
  const { code, signature, access } = opcode;
  const codeOf = (type: ValueType | undefined): number => (type === undefined ? unknownType : typeCodes[type]);
  rules[code < 0x100 ? code : 0x100 + (code & 0xff)] =
    shapeOf(opcode) | (codeOf(signature?.params.at(-1)) << 8) | (codeOf(signature?.results[0]) << 16) | ((access?.naturalAlignment ?? 0) << 24);
}
