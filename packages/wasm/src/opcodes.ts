import { InternalError } from '@fireball/contracts';
import type { FunctionType, ValueType } from './types.js';
import type { TrapKind } from './trap.js';

/**
 * What follows an opcode in the binary format (core spec 5.4), and where the decoder puts it:
 * `InstructionReader.a`, `.b` and the fields named here.
 */
export type ImmediateKind =
  | 'none'
  /** `blockType` */
  | 'block'
  /** a = label depth */
  | 'label'
  /** `targets`, the default last */
  | 'br_table'
  /** a = function index */
  | 'func'
  /** a = type index, b = table index */
  | 'type_table'
  /** a = local index */
  | 'local'
  /** a = global index */
  | 'global'
  /** a = table index */
  | 'table'
  /** a = log2 of the alignment hint, b = offset (unsigned 32 bits) */
  | 'memarg'
  /** one zero byte */
  | 'memory'
  /** a = value (signed 32 bits) */
  | 'i32'
  /** `i64` = value (signed 64 bits) */
  | 'i64'
  /** a = raw bits (unsigned 32 bits) */
  | 'f32'
  /** `i64` = raw bits (unsigned 64 bits) */
  | 'f64'
  /** `types` */
  | 'select_types'
  /** `types[0]` */
  | 'ref_type'
  /** a = data segment index */
  | 'data'
  /** a = element segment index */
  | 'elem'
  /** a = data segment index, then one zero byte */
  | 'data_memory'
  /** two zero bytes */
  | 'memory_memory'
  /** a = element segment index, b = table index */
  | 'elem_table'
  /** a = destination table index, b = source table index */
  | 'table_table';

/**
 * One row: name, encoding (prefix byte << 8 | sub-opcode for prefixed ones), immediates, signature
 * (`params:results`, one letter a type: i = i32, I = i64, f = f32, F = f64; `?` = depends on the context),
 * then the memory access width in bytes and the traps, where there are any.
 */
type Row = readonly [
  name: string,
  code: number,
  immediates: ImmediateKind,
  signature: string,
  access?: 0 | 1 | 2 | 4 | 8,
  traps?: 'unreachable' | 'memory' | 'table' | 'div' | 'rem' | 'trunc' | 'call_indirect',
];

const rows = [
  ['unreachable', 0x00, 'none', '?', 0, 'unreachable'],
  ['nop', 0x01, 'none', ':'],
  ['block', 0x02, 'block', '?'],
  ['loop', 0x03, 'block', '?'],
  ['if', 0x04, 'block', '?'],
  ['else', 0x05, 'none', '?'],
  ['end', 0x0b, 'none', '?'],
  ['br', 0x0c, 'label', '?'],
  ['br_if', 0x0d, 'label', '?'],
  ['br_table', 0x0e, 'br_table', '?'],
  ['return', 0x0f, 'none', '?'],
  ['call', 0x10, 'func', '?'],
  ['call_indirect', 0x11, 'type_table', '?', 0, 'call_indirect'],
  ['return_call', 0x12, 'func', '?'],
  ['return_call_indirect', 0x13, 'type_table', '?', 0, 'call_indirect'],
  ['drop', 0x1a, 'none', '?'],
  ['select', 0x1b, 'none', '?'],
  ['select_t', 0x1c, 'select_types', '?'],
  ['local.get', 0x20, 'local', '?'],
  ['local.set', 0x21, 'local', '?'],
  ['local.tee', 0x22, 'local', '?'],
  ['global.get', 0x23, 'global', '?'],
  ['global.set', 0x24, 'global', '?'],
  ['table.get', 0x25, 'table', '?', 0, 'table'],
  ['table.set', 0x26, 'table', '?', 0, 'table'],

  ['i32.load', 0x28, 'memarg', 'i:i', 4, 'memory'],
  ['i64.load', 0x29, 'memarg', 'i:I', 8, 'memory'],
  ['f32.load', 0x2a, 'memarg', 'i:f', 4, 'memory'],
  ['f64.load', 0x2b, 'memarg', 'i:F', 8, 'memory'],
  ['i32.load8_s', 0x2c, 'memarg', 'i:i', 1, 'memory'],
  ['i32.load8_u', 0x2d, 'memarg', 'i:i', 1, 'memory'],
  ['i32.load16_s', 0x2e, 'memarg', 'i:i', 2, 'memory'],
  ['i32.load16_u', 0x2f, 'memarg', 'i:i', 2, 'memory'],
  ['i64.load8_s', 0x30, 'memarg', 'i:I', 1, 'memory'],
  ['i64.load8_u', 0x31, 'memarg', 'i:I', 1, 'memory'],
  ['i64.load16_s', 0x32, 'memarg', 'i:I', 2, 'memory'],
  ['i64.load16_u', 0x33, 'memarg', 'i:I', 2, 'memory'],
  ['i64.load32_s', 0x34, 'memarg', 'i:I', 4, 'memory'],
  ['i64.load32_u', 0x35, 'memarg', 'i:I', 4, 'memory'],
  ['i32.store', 0x36, 'memarg', 'ii:', 4, 'memory'],
  ['i64.store', 0x37, 'memarg', 'iI:', 8, 'memory'],
  ['f32.store', 0x38, 'memarg', 'if:', 4, 'memory'],
  ['f64.store', 0x39, 'memarg', 'iF:', 8, 'memory'],
  ['i32.store8', 0x3a, 'memarg', 'ii:', 1, 'memory'],
  ['i32.store16', 0x3b, 'memarg', 'ii:', 2, 'memory'],
  ['i64.store8', 0x3c, 'memarg', 'iI:', 1, 'memory'],
  ['i64.store16', 0x3d, 'memarg', 'iI:', 2, 'memory'],
  ['i64.store32', 0x3e, 'memarg', 'iI:', 4, 'memory'],
  ['memory.size', 0x3f, 'memory', ':i'],
  ['memory.grow', 0x40, 'memory', 'i:i'],

  ['i32.const', 0x41, 'i32', ':i'],
  ['i64.const', 0x42, 'i64', ':I'],
  ['f32.const', 0x43, 'f32', ':f'],
  ['f64.const', 0x44, 'f64', ':F'],

  ['i32.eqz', 0x45, 'none', 'i:i'],
  ['i32.eq', 0x46, 'none', 'ii:i'],
  ['i32.ne', 0x47, 'none', 'ii:i'],
  ['i32.lt_s', 0x48, 'none', 'ii:i'],
  ['i32.lt_u', 0x49, 'none', 'ii:i'],
  ['i32.gt_s', 0x4a, 'none', 'ii:i'],
  ['i32.gt_u', 0x4b, 'none', 'ii:i'],
  ['i32.le_s', 0x4c, 'none', 'ii:i'],
  ['i32.le_u', 0x4d, 'none', 'ii:i'],
  ['i32.ge_s', 0x4e, 'none', 'ii:i'],
  ['i32.ge_u', 0x4f, 'none', 'ii:i'],
  ['i64.eqz', 0x50, 'none', 'I:i'],
  ['i64.eq', 0x51, 'none', 'II:i'],
  ['i64.ne', 0x52, 'none', 'II:i'],
  ['i64.lt_s', 0x53, 'none', 'II:i'],
  ['i64.lt_u', 0x54, 'none', 'II:i'],
  ['i64.gt_s', 0x55, 'none', 'II:i'],
  ['i64.gt_u', 0x56, 'none', 'II:i'],
  ['i64.le_s', 0x57, 'none', 'II:i'],
  ['i64.le_u', 0x58, 'none', 'II:i'],
  ['i64.ge_s', 0x59, 'none', 'II:i'],
  ['i64.ge_u', 0x5a, 'none', 'II:i'],
  ['f32.eq', 0x5b, 'none', 'ff:i'],
  ['f32.ne', 0x5c, 'none', 'ff:i'],
  ['f32.lt', 0x5d, 'none', 'ff:i'],
  ['f32.gt', 0x5e, 'none', 'ff:i'],
  ['f32.le', 0x5f, 'none', 'ff:i'],
  ['f32.ge', 0x60, 'none', 'ff:i'],
  ['f64.eq', 0x61, 'none', 'FF:i'],
  ['f64.ne', 0x62, 'none', 'FF:i'],
  ['f64.lt', 0x63, 'none', 'FF:i'],
  ['f64.gt', 0x64, 'none', 'FF:i'],
  ['f64.le', 0x65, 'none', 'FF:i'],
  ['f64.ge', 0x66, 'none', 'FF:i'],

  ['i32.clz', 0x67, 'none', 'i:i'],
  ['i32.ctz', 0x68, 'none', 'i:i'],
  ['i32.popcnt', 0x69, 'none', 'i:i'],
  ['i32.add', 0x6a, 'none', 'ii:i'],
  ['i32.sub', 0x6b, 'none', 'ii:i'],
  ['i32.mul', 0x6c, 'none', 'ii:i'],
  ['i32.div_s', 0x6d, 'none', 'ii:i', 0, 'div'],
  ['i32.div_u', 0x6e, 'none', 'ii:i', 0, 'rem'],
  ['i32.rem_s', 0x6f, 'none', 'ii:i', 0, 'rem'],
  ['i32.rem_u', 0x70, 'none', 'ii:i', 0, 'rem'],
  ['i32.and', 0x71, 'none', 'ii:i'],
  ['i32.or', 0x72, 'none', 'ii:i'],
  ['i32.xor', 0x73, 'none', 'ii:i'],
  ['i32.shl', 0x74, 'none', 'ii:i'],
  ['i32.shr_s', 0x75, 'none', 'ii:i'],
  ['i32.shr_u', 0x76, 'none', 'ii:i'],
  ['i32.rotl', 0x77, 'none', 'ii:i'],
  ['i32.rotr', 0x78, 'none', 'ii:i'],
  ['i64.clz', 0x79, 'none', 'I:I'],
  ['i64.ctz', 0x7a, 'none', 'I:I'],
  ['i64.popcnt', 0x7b, 'none', 'I:I'],
  ['i64.add', 0x7c, 'none', 'II:I'],
  ['i64.sub', 0x7d, 'none', 'II:I'],
  ['i64.mul', 0x7e, 'none', 'II:I'],
  ['i64.div_s', 0x7f, 'none', 'II:I', 0, 'div'],
  ['i64.div_u', 0x80, 'none', 'II:I', 0, 'rem'],
  ['i64.rem_s', 0x81, 'none', 'II:I', 0, 'rem'],
  ['i64.rem_u', 0x82, 'none', 'II:I', 0, 'rem'],
  ['i64.and', 0x83, 'none', 'II:I'],
  ['i64.or', 0x84, 'none', 'II:I'],
  ['i64.xor', 0x85, 'none', 'II:I'],
  ['i64.shl', 0x86, 'none', 'II:I'],
  ['i64.shr_s', 0x87, 'none', 'II:I'],
  ['i64.shr_u', 0x88, 'none', 'II:I'],
  ['i64.rotl', 0x89, 'none', 'II:I'],
  ['i64.rotr', 0x8a, 'none', 'II:I'],

  ['f32.abs', 0x8b, 'none', 'f:f'],
  ['f32.neg', 0x8c, 'none', 'f:f'],
  ['f32.ceil', 0x8d, 'none', 'f:f'],
  ['f32.floor', 0x8e, 'none', 'f:f'],
  ['f32.trunc', 0x8f, 'none', 'f:f'],
  ['f32.nearest', 0x90, 'none', 'f:f'],
  ['f32.sqrt', 0x91, 'none', 'f:f'],
  ['f32.add', 0x92, 'none', 'ff:f'],
  ['f32.sub', 0x93, 'none', 'ff:f'],
  ['f32.mul', 0x94, 'none', 'ff:f'],
  ['f32.div', 0x95, 'none', 'ff:f'],
  ['f32.min', 0x96, 'none', 'ff:f'],
  ['f32.max', 0x97, 'none', 'ff:f'],
  ['f32.copysign', 0x98, 'none', 'ff:f'],
  ['f64.abs', 0x99, 'none', 'F:F'],
  ['f64.neg', 0x9a, 'none', 'F:F'],
  ['f64.ceil', 0x9b, 'none', 'F:F'],
  ['f64.floor', 0x9c, 'none', 'F:F'],
  ['f64.trunc', 0x9d, 'none', 'F:F'],
  ['f64.nearest', 0x9e, 'none', 'F:F'],
  ['f64.sqrt', 0x9f, 'none', 'F:F'],
  ['f64.add', 0xa0, 'none', 'FF:F'],
  ['f64.sub', 0xa1, 'none', 'FF:F'],
  ['f64.mul', 0xa2, 'none', 'FF:F'],
  ['f64.div', 0xa3, 'none', 'FF:F'],
  ['f64.min', 0xa4, 'none', 'FF:F'],
  ['f64.max', 0xa5, 'none', 'FF:F'],
  ['f64.copysign', 0xa6, 'none', 'FF:F'],

  ['i32.wrap_i64', 0xa7, 'none', 'I:i'],
  ['i32.trunc_f32_s', 0xa8, 'none', 'f:i', 0, 'trunc'],
  ['i32.trunc_f32_u', 0xa9, 'none', 'f:i', 0, 'trunc'],
  ['i32.trunc_f64_s', 0xaa, 'none', 'F:i', 0, 'trunc'],
  ['i32.trunc_f64_u', 0xab, 'none', 'F:i', 0, 'trunc'],
  ['i64.extend_i32_s', 0xac, 'none', 'i:I'],
  ['i64.extend_i32_u', 0xad, 'none', 'i:I'],
  ['i64.trunc_f32_s', 0xae, 'none', 'f:I', 0, 'trunc'],
  ['i64.trunc_f32_u', 0xaf, 'none', 'f:I', 0, 'trunc'],
  ['i64.trunc_f64_s', 0xb0, 'none', 'F:I', 0, 'trunc'],
  ['i64.trunc_f64_u', 0xb1, 'none', 'F:I', 0, 'trunc'],
  ['f32.convert_i32_s', 0xb2, 'none', 'i:f'],
  ['f32.convert_i32_u', 0xb3, 'none', 'i:f'],
  ['f32.convert_i64_s', 0xb4, 'none', 'I:f'],
  ['f32.convert_i64_u', 0xb5, 'none', 'I:f'],
  ['f32.demote_f64', 0xb6, 'none', 'F:f'],
  ['f64.convert_i32_s', 0xb7, 'none', 'i:F'],
  ['f64.convert_i32_u', 0xb8, 'none', 'i:F'],
  ['f64.convert_i64_s', 0xb9, 'none', 'I:F'],
  ['f64.convert_i64_u', 0xba, 'none', 'I:F'],
  ['f64.promote_f32', 0xbb, 'none', 'f:F'],
  ['i32.reinterpret_f32', 0xbc, 'none', 'f:i'],
  ['i64.reinterpret_f64', 0xbd, 'none', 'F:I'],
  ['f32.reinterpret_i32', 0xbe, 'none', 'i:f'],
  ['f64.reinterpret_i64', 0xbf, 'none', 'I:F'],
  ['i32.extend8_s', 0xc0, 'none', 'i:i'],
  ['i32.extend16_s', 0xc1, 'none', 'i:i'],
  ['i64.extend8_s', 0xc2, 'none', 'I:I'],
  ['i64.extend16_s', 0xc3, 'none', 'I:I'],
  ['i64.extend32_s', 0xc4, 'none', 'I:I'],

  ['ref.null', 0xd0, 'ref_type', '?'],
  ['ref.is_null', 0xd1, 'none', '?'],
  ['ref.func', 0xd2, 'func', '?'],

  ['i32.trunc_sat_f32_s', 0xfc00, 'none', 'f:i'],
  ['i32.trunc_sat_f32_u', 0xfc01, 'none', 'f:i'],
  ['i32.trunc_sat_f64_s', 0xfc02, 'none', 'F:i'],
  ['i32.trunc_sat_f64_u', 0xfc03, 'none', 'F:i'],
  ['i64.trunc_sat_f32_s', 0xfc04, 'none', 'f:I'],
  ['i64.trunc_sat_f32_u', 0xfc05, 'none', 'f:I'],
  ['i64.trunc_sat_f64_s', 0xfc06, 'none', 'F:I'],
  ['i64.trunc_sat_f64_u', 0xfc07, 'none', 'F:I'],
  ['memory.init', 0xfc08, 'data_memory', 'iii:', 0, 'memory'],
  ['data.drop', 0xfc09, 'data', ':'],
  ['memory.copy', 0xfc0a, 'memory_memory', 'iii:', 0, 'memory'],
  ['memory.fill', 0xfc0b, 'memory', 'iii:', 0, 'memory'],
  ['table.init', 0xfc0c, 'elem_table', 'iii:', 0, 'table'],
  ['elem.drop', 0xfc0d, 'elem', ':'],
  ['table.copy', 0xfc0e, 'table_table', 'iii:', 0, 'table'],
  ['table.grow', 0xfc0f, 'table', '?'],
  ['table.size', 0xfc10, 'table', ':i'],
  ['table.fill', 0xfc11, 'table', '?', 0, 'table'],
] as const satisfies readonly Row[];

/** Names of all instructions, as in the text format; the typed `select` is `select_t`. */
export type OpName = (typeof rows)[number][0];

/** Instructions whose immediates are `none` and whose signature is fixed: pure operations on numbers. */
export type NumericOpName = Exclude<
  Extract<(typeof rows)[number], readonly [string, number, 'none', ...unknown[]]>,
  readonly [string, number, 'none', '?' | ':', ...unknown[]]
>[0];

/** Instructions whose operands and results depend on the context. */
export type ContextualOpName = Extract<(typeof rows)[number], readonly [string, number, ImmediateKind, '?', ...unknown[]]>[0];

/** Instructions with immediates of one of these kinds. */
export type OpNameWith<Kind extends ImmediateKind> = Extract<(typeof rows)[number], readonly [string, number, Kind, ...unknown[]]>[0];

/** Instructions that name a function, type, table, segment, global, local or label. */
export type IndexingOpName = OpNameWith<
  'label' | 'br_table' | 'func' | 'type_table' | 'local' | 'global' | 'table' | 'data' | 'elem' | 'data_memory' | 'elem_table' | 'table_table'
>;

/** Instructions that work on memories and tables as wholes: they grow, fill, copy, and access elements. */
export type BulkOpName = Exclude<OpNameWith<'memory' | 'data_memory' | 'memory_memory' | 'table' | 'elem_table' | 'table_table'>, 'memory.size' | 'table.size'>;

/** The row's signature text of an instruction, e.g. `ii:i` for `i32.add`. */
export type SignatureText<Name extends OpName> = Extract<(typeof rows)[number], readonly [Name, ...unknown[]]>[3];

/** Loads and stores. */
export type MemoryAccessOpName = Extract<(typeof rows)[number], readonly [string, number, 'memarg', ...unknown[]]>[0];

/** What a load or store accesses. */
export interface MemoryAccess {
  readonly kind: 'load' | 'store';
  /** Bytes that are read or written: 1, 2, 4 or 8. */
  readonly width: number;
  /** log2 of `width`: the largest alignment hint that validates. */
  readonly naturalAlignment: number;
}

/** What the table says of every operation. */
export interface OpcodeFacts {
  /** Row number: dense, for tables indexed by opcode. */
  readonly id: number;
  /** One byte, or prefix byte << 8 | sub-opcode. */
  readonly code: number;
  readonly immediates: ImmediateKind;
  /** Kinds of traps that the instruction itself can raise; empty = it never traps. */
  readonly traps: readonly TrapKind[];
}

/**
 * One row of the opcode table: everything that decoder, validator, printer and interpreter have to know of an operation.
 * `signature`: operand and result types; undefined where they depend on the context (`br`, `local.get`, ..).
 */
export type Opcode = OpcodeFacts &
  (
    | { readonly name: ContextualOpName; readonly signature: undefined; readonly access: undefined }
    | { readonly name: MemoryAccessOpName; readonly signature: FunctionType; readonly access: MemoryAccess }
    | { readonly name: Exclude<OpName, ContextualOpName | MemoryAccessOpName>; readonly signature: FunctionType; readonly access: undefined }
  );

const trapGroups = {
  unreachable: ['unreachable'],
  memory: ['out of bounds memory access'],
  table: ['out of bounds table access'],
  div: ['integer divide by zero', 'integer overflow'],
  rem: ['integer divide by zero'],
  trunc: ['invalid conversion to integer', 'integer overflow'],
  call_indirect: ['undefined element', 'uninitialized element', 'indirect call type mismatch'],
} as const satisfies Record<NonNullable<Row[5]>, readonly TrapKind[]>;

const typeLetters: Readonly<Record<string, ValueType>> = { i: 'i32', I: 'i64', f: 'f32', F: 'f64' };

function parseTypes(letters: string): ValueType[] {
  return [...letters].flatMap((letter) => typeLetters[letter] ?? []);
}

function parseSignature(text: string): FunctionType | undefined {
  if (text === '?') return undefined;
  const [params = '', results = ''] = text.split(':');
  return { params: parseTypes(params), results: parseTypes(results) };
}

function makeOpcode(row: Row & { readonly 0: OpName }, id: number): Opcode {
  const [name, code, immediates, signatureText, width = 0, traps] = row;
  const signature = parseSignature(signatureText);
  const facts = { id, code, immediates, traps: traps === undefined ? [] : trapGroups[traps] };
  // Which kind of name a row has is read from the same columns as its type.
  if (signature === undefined) return { name: name as ContextualOpName, ...facts, signature, access: undefined };
  if (width === 0) return { name: name as Exclude<OpName, ContextualOpName | MemoryAccessOpName>, ...facts, signature, access: undefined };
  const kind = signature.results.length === 1 ? 'load' : 'store';
  return { name: name as MemoryAccessOpName, ...facts, signature, access: { kind, width, naturalAlignment: Math.log2(width) } };
}

/** All instructions, indexed by `Opcode.id`. */
export const opcodes: readonly Opcode[] = rows.map(makeOpcode);

const oneByte: (Opcode | undefined)[] = Array.from({ length: 256 });
const prefixFc: (Opcode | undefined)[] = [];
for (const opcode of opcodes) {
  if (opcode.code < 0x100) oneByte[opcode.code] = opcode;
  else prefixFc[opcode.code & 0xff] = opcode;
}

/** Looks up a one-byte opcode. */
export function opcodeOfByte(byte: number): Opcode | undefined {
  return oneByte[byte];
}

/** Looks up the sub-opcode behind the prefix 0xfc. */
export function opcodeOfPrefixFc(subOpcode: number): Opcode | undefined {
  return prefixFc[subOpcode];
}

const byName: ReadonlyMap<string, Opcode> = new Map(opcodes.map((opcode) => [opcode.name, opcode]));

/** The row of an instruction by its name. */
export function opcodeByName(name: OpName): Opcode {
  const opcode = byName.get(name);
  if (opcode === undefined) throw new InternalError(`no opcode ${name}`);
  return opcode;
}

/** True for instructions that touch linear memory's contents or size. */
export function touchesMemory(opcode: Opcode): boolean {
  return opcode.access !== undefined || opcode.immediates === 'memory' || opcode.immediates === 'data_memory' || opcode.immediates === 'memory_memory';
}
