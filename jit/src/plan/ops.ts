import type { OpName } from '@fireball/wasm';
import type { AluOp, Cond, DivideOp, LoadOp, StoreOp, UnaryOp } from '../select/machine.js';

/** The i32 instructions by what the machine calls them. One row per wasm instruction. */
export const aluOps: Partial<Record<OpName, AluOp>> = {
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

export const divideOps: Partial<Record<OpName, DivideOp>> = {
  'i32.div_s': 'div_s',
  'i32.div_u': 'div_u',
  'i32.rem_s': 'rem_s',
  'i32.rem_u': 'rem_u',
};

export const compareOps: Partial<Record<OpName, Cond>> = {
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

export const unaryOps: Partial<Record<OpName, UnaryOp>> = {
  'i32.extend8_s': 'extend8_s',
  'i32.extend16_s': 'extend16_s',
};

export interface LoadShape {
  /** One machine access per result word, low word first. */
  readonly accesses: readonly LoadOp[];
  readonly width: number;
  /** Greatest unsigned value of a one-word result. */
  readonly max: number;
}

const u32Max = 0xffff_ffff;

export const loads: Partial<Record<OpName, LoadShape>> = {
  'i32.load': { accesses: ['load'], width: 4, max: u32Max },
  'i32.load8_u': { accesses: ['load8_u'], width: 1, max: 0xff },
  'i32.load8_s': { accesses: ['load8_s'], width: 1, max: u32Max },
  'i32.load16_u': { accesses: ['load16_u'], width: 2, max: 0xffff },
  'i32.load16_s': { accesses: ['load16_s'], width: 2, max: u32Max },
  'i64.load': { accesses: ['load', 'load'], width: 8, max: u32Max },
};

export interface StoreShape {
  /** Machine access of each stored word, low word first; words of the operand beyond these are ignored. */
  readonly accesses: readonly StoreOp[];
  readonly width: number;
  /** Words of the operand. */
  readonly words: 1 | 2;
}

export const stores: Partial<Record<OpName, StoreShape>> = {
  'i32.store': { accesses: ['store'], width: 4, words: 1 },
  'i32.store8': { accesses: ['store8'], width: 1, words: 1 },
  'i32.store16': { accesses: ['store16'], width: 2, words: 1 },
  'i64.store': { accesses: ['store', 'store'], width: 8, words: 2 },
  'i64.store8': { accesses: ['store8'], width: 1, words: 2 },
  'i64.store16': { accesses: ['store16'], width: 2, words: 2 },
  'i64.store32': { accesses: ['store'], width: 4, words: 2 },
};
