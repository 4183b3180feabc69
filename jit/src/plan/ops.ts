import { InternalError, type Isa } from '@fireball/contracts';
import { isNumericOp, opcodes, type OpName, type ValueType } from '@fireball/wasm';
import type { Features } from '../features.js';
import { floatOps, hasFloat, signOps, type FloatOperation, type SignOperation } from './floats.js';
import type { CompareCond, Cond } from '../target/conditions.js';
import type { AluOp, DivideOp, LoadOp, PairShift, StoreOp, UnaryOp } from '../target/macro-assembler.js';

/** The i32 instructions by what the macro assembler calls them. One row per wasm instruction. */
const aluOps: Partial<Record<OpName, AluOp>> = {
  'i32.add': 'add',
  'i32.sub': 'sub',
  'i32.mul': 'mul',
  'i32.and': 'and',
  'i32.or': 'or',
  'i32.xor': 'xor',
  'i32.shl': 'shl',
  'i32.shr_s': 'shr_s',
  'i32.shr_u': 'shr_u',
  'i32.rotr': 'rotr',
};

const divideOps: Partial<Record<OpName, DivideOp>> = {
  'i32.div_s': 'div_s',
  'i32.div_u': 'div_u',
  'i32.rem_s': 'rem_s',
  'i32.rem_u': 'rem_u',
};

const compareOps: Partial<Record<OpName, Cond>> = {
  'i32.eq': 'eq',
  'i32.ne': 'ne',
  'i32.lt_s': 'lt_s',
  'i32.lt_u': 'lt_u',
  'i32.gt_s': 'gt_s',
  'i32.gt_u': 'gt_u',
  'i32.le_s': 'le_s',
  'i32.le_u': 'le_u',
  'i32.ge_s': 'ge_s',
  'i32.ge_u': 'ge_u',
};

const unaryOps: Partial<Record<OpName, UnaryOp>> = {
  'i32.extend8_s': 'extend8_s',
  'i32.extend16_s': 'extend16_s',
};

export interface LoadShape {
  /** One access of the macro assembler per loaded word, low word first. */
  readonly accesses: readonly LoadOp[];
  /** How one loaded word becomes a pair. */
  readonly extend?: 'signed' | 'unsigned';
  readonly width: number;
  /** Greatest unsigned value of a one-word result. */
  readonly max: number;
}

const u32Max = 0xffff_ffff;

const loads: Partial<Record<OpName, LoadShape>> = {
  'i32.load': { accesses: ['load'], width: 4, max: u32Max },
  'i32.load8_u': { accesses: ['load8_u'], width: 1, max: 0xff },
  'i32.load8_s': { accesses: ['load8_s'], width: 1, max: u32Max },
  'i32.load16_u': { accesses: ['load16_u'], width: 2, max: 0xffff },
  'i32.load16_s': { accesses: ['load16_s'], width: 2, max: u32Max },
  'f32.load': { accesses: ['load'], width: 4, max: u32Max },
  'i64.load': { accesses: ['load', 'load'], width: 8, max: u32Max },
  'f64.load': { accesses: ['load', 'load'], width: 8, max: u32Max },
  'i64.load8_s': { accesses: ['load8_s'], width: 1, max: u32Max, extend: 'signed' },
  'i64.load8_u': { accesses: ['load8_u'], width: 1, max: 0xff, extend: 'unsigned' },
  'i64.load16_s': { accesses: ['load16_s'], width: 2, max: u32Max, extend: 'signed' },
  'i64.load16_u': { accesses: ['load16_u'], width: 2, max: 0xffff, extend: 'unsigned' },
  'i64.load32_s': { accesses: ['load'], width: 4, max: u32Max, extend: 'signed' },
  'i64.load32_u': { accesses: ['load'], width: 4, max: u32Max, extend: 'unsigned' },
};

export interface StoreShape {
  /** Access of the macro assembler for each stored word, low word first; words of the operand beyond these are ignored. */
  readonly accesses: readonly StoreOp[];
  readonly width: number;
  /** Words of the operand. */
  readonly words: 1 | 2;
}

const stores: Partial<Record<OpName, StoreShape>> = {
  'i32.store': { accesses: ['store'], width: 4, words: 1 },
  'i32.store8': { accesses: ['store8'], width: 1, words: 1 },
  'i32.store16': { accesses: ['store16'], width: 2, words: 1 },
  'f32.store': { accesses: ['store'], width: 4, words: 1 },
  'f64.store': { accesses: ['store', 'store'], width: 8, words: 2 },
  'i64.store': { accesses: ['store', 'store'], width: 8, words: 2 },
  'i64.store8': { accesses: ['store8'], width: 1, words: 2 },
  'i64.store16': { accesses: ['store16'], width: 2, words: 2 },
  'i64.store32': { accesses: ['store'], width: 4, words: 2 },
};

/** The i64 instructions on register pairs. */
const pairOps: Partial<Record<OpName, PairOperation>> = {
  'i64.add': { kind: 'add', op: 'add' },
  'i64.sub': { kind: 'add', op: 'sub' },
  'i64.and': { kind: 'logic', op: 'and' },
  'i64.or': { kind: 'logic', op: 'or' },
  'i64.xor': { kind: 'logic', op: 'xor' },
  'i64.mul': { kind: 'multiply' },
  'i64.shl': { kind: 'shift', op: 'shl' },
  'i64.shr_s': { kind: 'shift', op: 'shr_s' },
  'i64.shr_u': { kind: 'shift', op: 'shr_u' },
  'i64.rotl': { kind: 'rotate', op: 'rotl' },
  'i64.rotr': { kind: 'rotate', op: 'rotr' },
  'i64.eq': { kind: 'equality', op: 'eq' },
  'i64.ne': { kind: 'equality', op: 'ne' },
  'i64.eqz': { kind: 'eqz' },
  'i64.lt_s': { kind: 'compare', op: 'lt_s' },
  'i64.lt_u': { kind: 'compare', op: 'lt_u' },
  'i64.gt_s': { kind: 'compare', op: 'gt_s' },
  'i64.gt_u': { kind: 'compare', op: 'gt_u' },
  'i64.le_s': { kind: 'compare', op: 'le_s' },
  'i64.le_u': { kind: 'compare', op: 'le_u' },
  'i64.ge_s': { kind: 'compare', op: 'ge_s' },
  'i64.ge_u': { kind: 'compare', op: 'ge_u' },
  'i32.wrap_i64': { kind: 'wrap' },
  'i64.extend_i32_s': { kind: 'extend', signed: true, narrow: undefined },
  'i64.extend_i32_u': { kind: 'extend', signed: false, narrow: undefined },
  'i64.extend8_s': { kind: 'extend', signed: true, narrow: 'extend8_s' },
  'i64.extend16_s': { kind: 'extend', signed: true, narrow: 'extend16_s' },
  'i64.extend32_s': { kind: 'extend', signed: true, narrow: 'none' },
};

export type PairOperation =
  | { readonly kind: 'add'; readonly op: 'add' | 'sub' }
  | { readonly kind: 'logic'; readonly op: 'and' | 'or' | 'xor' }
  | { readonly kind: 'multiply' | 'eqz' | 'wrap' }
  | { readonly kind: 'shift'; readonly op: PairShift }
  | { readonly kind: 'rotate'; readonly op: 'rotl' | 'rotr' }
  | { readonly kind: 'equality'; readonly op: 'eq' | 'ne' }
  | { readonly kind: 'compare'; readonly op: CompareCond }
  /** `narrow`: what happens to the low word of a pair first; undefined where the operand is one word. */
  | { readonly kind: 'extend'; readonly signed: boolean; readonly narrow: 'extend8_s' | 'extend16_s' | 'none' | undefined };

/** Operations on raw bits that cost nothing: the words stay where they are. */
const reinterpretations: ReadonlySet<OpName> = new Set([
  'i32.reinterpret_f32',
  'f32.reinterpret_i32',
  'i64.reinterpret_f64',
  'f64.reinterpret_i64',
]);

/** Instructions on memories and tables that a routine carries out, with the records' address as its last word. */
export const recordOps: Partial<Record<OpName, RecordShape>> = {
  'memory.grow': { operands: 1, results: ['i32'] },
  'memory.copy': { operands: 3, results: [] },
  'memory.fill': { operands: 3, results: [] },
  'memory.init': { operands: 3, results: [] },
  'table.get': { operands: 1, results: ['funcref'] },
  'table.set': { operands: 2, results: [] },
  'table.grow': { operands: 2, results: ['i32'] },
  'table.fill': { operands: 3, results: [] },
  'table.copy': { operands: 3, results: [] },
  'table.init': { operands: 3, results: [] },
};

/** Operands and results of an operation that a routine does on a record in memory. */
export interface RecordShape {
  /** One-word operands. */
  readonly operands: number;
  readonly results: readonly ValueType[];
}

/** Bit counting that Thumb-2 has and RV32IMC has not. */
const countOps: Partial<Record<OpName, UnaryOp>> = { 'i32.clz': 'clz', 'i32.ctz': 'ctz' };

/** What the planner and the selector make of an instruction; `other` where it is a case of its own. */
type Family =
  | { readonly kind: 'alu'; readonly op: AluOp }
  | { readonly kind: 'compare'; readonly cond: Cond }
  | { readonly kind: 'divide'; readonly op: DivideOp }
  | { readonly kind: 'unary' | 'count'; readonly op: UnaryOp }
  | { readonly kind: 'load'; readonly shape: LoadShape }
  | { readonly kind: 'store'; readonly shape: StoreShape }
  | { readonly kind: 'pair'; readonly operation: PairOperation }
  | { readonly kind: 'record'; readonly shape: RecordShape }
  /** Inline where the core has a floating-point unit for it. */
  | { readonly kind: 'float'; readonly operation: FloatOperation }
  | { readonly kind: 'sign'; readonly operation: SignOperation }
  /** `routine`: numeric, and inline on no instruction set. */
  | { readonly kind: 'reinterpretation' | 'routine' | 'other' };

function classify(op: OpName): Family {
  const alu = aluOps[op];
  if (alu !== undefined) return { kind: 'alu', op: alu };
  const compare = compareOps[op];
  if (compare !== undefined) return { kind: 'compare', cond: compare };
  const divide = divideOps[op];
  if (divide !== undefined) return { kind: 'divide', op: divide };
  const unary = unaryOps[op];
  if (unary !== undefined) return { kind: 'unary', op: unary };
  const count = countOps[op];
  if (count !== undefined) return { kind: 'count', op: count };
  const load = loads[op];
  if (load !== undefined) return { kind: 'load', shape: load };
  const store = stores[op];
  if (store !== undefined) return { kind: 'store', shape: store };
  const pair = pairOps[op];
  if (pair !== undefined) return { kind: 'pair', operation: pair };
  const record = recordOps[op];
  if (record !== undefined) return { kind: 'record', shape: record };
  const float = floatOps.get(op);
  if (float !== undefined) return { kind: 'float', operation: float };
  const sign = signOps[op];
  if (sign !== undefined) return { kind: 'sign', operation: sign };
  if (reinterpretations.has(op)) return { kind: 'reinterpretation' };
  return { kind: isNumericOp(op) && op !== 'i32.eqz' && op !== 'i32.rotl' ? 'routine' : 'other' };
}

const families: ReadonlyMap<OpName, Family> = new Map(opcodes.map(({ name }) => [name, classify(name)]));

export function familyOf(op: OpName): Family {
  const family = families.get(op);
  if (family === undefined) throw new InternalError(`no instruction ${op}`);
  return family;
}

/**
 * Instructions that are calls of a guest ROM routine on a core with these features: everything numeric
 * that is not inline. i64 rotations by a variable amount are, those by a constant are not.
 */
export function isRoutine(op: OpName, isa: Isa, features: Features, constantAmount: boolean): boolean {
  const family = familyOf(op);
  switch (family.kind) {
    case 'routine':
      return true;
    case 'pair':
      return family.operation.kind === 'rotate' && !constantAmount;
    case 'count':
      return isa !== 'thumb2';
    case 'float':
      return !hasFloat(family.operation, isa, features);
    default:
      return false;
  }
}
