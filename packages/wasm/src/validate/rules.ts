import { opcodes, type MemoryAccessOpName, type NumericOpName, type Opcode, type OpName } from '../opcodes.js';
import type { ValueType } from '../types.js';
import { typeCodes, unknownType } from './signatures.js';

/**
 * What an instruction is to the walk over a body: `unary` and `binary` have operands of one type, one result and no immediates; those whose immediates or
 * operands need a look are called by their own names.
 */
const simpleShapes = {
  illegal: 0,
  unary: 1,
  binary: 2,
  load: 3,
  store: 4,
  'i32.const': 5,
  'i64.const': 6,
  'local.get': 7,
  'local.set': 8,
  'local.tee': 9,
  'global.get': 10,
  'global.set': 11,
  drop: 12,
  nop: 13,
  prefix: 14,
  'f32.const': 15,
  'f64.const': 16,
  select: 17,
  select_t: 18,
  'table.get': 19,
  'table.set': 20,
  'table.grow': 21,
  'table.fill': 22,
  'table.size': 23,
  'table.copy': 24,
  'table.init': 25,
  'elem.drop': 26,
  'data.drop': 27,
  'memory.size': 28,
  'memory.grow': 29,
  'memory.fill': 30,
  'memory.copy': 31,
  'memory.init': 32,
  'ref.null': 33,
  'ref.is_null': 34,
  'ref.func': 35,
} as const;
export type SimpleShape = (typeof simpleShapes)[keyof typeof simpleShapes];

/** Of instructions that begin, end and leave blocks, and of calls. */
const controlShapes = {
  block: 36,
  loop: 37,
  if: 38,
  else: 39,
  end: 40,
  br: 41,
  br_if: 42,
  br_table: 43,
  return: 44,
  unreachable: 45,
  call: 46,
  call_indirect: 47,
  return_call: 48,
  return_call_indirect: 49,
} as const;
export type ControlShape = (typeof controlShapes)[keyof typeof controlShapes];
export const shapes = { ...simpleShapes, ...controlShapes } as const;
export type Shapes = typeof shapes;
export type Shape = Shapes[keyof Shapes];

export function isControl(shape: Shape): shape is ControlShape {
  return shape >= controlShapes.block;
}

const own: Readonly<Record<Exclude<OpName, NumericOpName | MemoryAccessOpName>, Shape>> & Partial<Readonly<Record<OpName, Shape>>> = shapes;

function shapeOf({ name, access, signature }: Opcode): Shape {
  const shape = own[name];
  if (shape !== undefined) return shape;
  if (access !== undefined) return access.kind === 'load' ? shapes.load : shapes.store;
  return signature?.params.length === 2 ? shapes.binary : shapes.unary;
}

/** The byte in front of sub-opcodes. */
const prefix = 0xfc;

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
rules[prefix] = shapes.prefix;
