import type { BulkOpName, NumericOpName, OpName, ValueType } from '@fireball/wasm';
import type { AluOp, CompareCond, Cond, DivideOp, LoadOp, PairShift, StoreOp, UnaryOp } from '../target/operations.js';
import type { FloatOperation, SignOperation } from './floats.js';

export interface LoadShape {
  /** One access of the macro assembler per loaded word, low word first. */
  readonly accesses: readonly LoadOp[];
  /** How one loaded word becomes a pair. */
  readonly extend?: 'signed' | 'unsigned';
  readonly width: number;
  /** Greatest unsigned value of a one-word result. */
  readonly max: number;
}

export interface StoreShape {
  /** Access of the macro assembler for each stored word, low word first; words of the operand beyond these are ignored. */
  readonly accesses: readonly StoreOp[];
  readonly width: number;
  /** Words of the operand. */
  readonly words: 1 | 2;
}

/** An i64 instruction on register pairs, by what the macro assembler calls it. */
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

/** Operands and results of an operation that a routine does on records in memory. */
export interface RecordShape {
  /** One-word operands. */
  readonly operands: number;
  readonly results: readonly ValueType[];
}

/** What the planner and the selector make of the instruction `Op`. */
export type Family<Op extends OpName = OpName> =
  /** Of i32, by what the macro assembler calls it. */
  | { readonly kind: 'alu'; readonly op: AluOp }
  | { readonly kind: 'compare'; readonly cond: Cond }
  | { readonly kind: 'divide'; readonly op: DivideOp }
  | { readonly kind: 'unary'; readonly op: UnaryOp }
  /** Bit counting that Thumb-2 has and RV32IMC has not. */
  | { readonly kind: 'count'; readonly op: UnaryOp }
  | { readonly kind: 'load'; readonly shape: LoadShape }
  | { readonly kind: 'store'; readonly shape: StoreShape }
  | { readonly kind: 'pair'; readonly operation: PairOperation }
  /** Inline where the core has a floating-point unit for it. */
  | { readonly kind: 'float'; readonly operation: FloatOperation }
  | { readonly kind: 'sign'; readonly operation: SignOperation }
  /** On raw bits, and costs nothing: the words stay where they are. */
  | { readonly kind: 'reinterpretation' }
  /** A routine carries it out on the records of memories and tables (`recordOps`). */
  | (Op extends BulkOpName ? { readonly kind: 'record'; readonly op: Op } : never)
  /** Numeric, and inline on no instruction set: a routine of the ROM. */
  | (Op extends NumericOpName ? { readonly kind: 'routine' } : never)
  /** A case of its own in plan.ts and in walk.ts. */
  | { readonly kind: 'special'; readonly op: Op };
