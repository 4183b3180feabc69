import type { FloatCond, FloatType } from '../plan/floats.js';
import type { FloatReg, Operand, Pair, Reg } from './registers.js';

/** Conditions in WebAssembly's own terms. */
export type Cond = 'eq' | 'ne' | 'lt_s' | 'lt_u' | 'gt_s' | 'gt_u' | 'le_s' | 'le_u' | 'ge_s' | 'ge_u';

/** Order conditions; equality of pairs is a test of one word. */
export type CompareCond = Exclude<Cond, 'eq' | 'ne'>;

/** `compare`: a COND b. `test`: (a AND b) COND 0, where COND is eq or ne. */
export interface WordCondition {
  readonly test: 'compare' | 'test';
  readonly cond: Cond;
  readonly a: Reg;
  readonly b: Operand;
}

/** Two words that an instruction contains. */
export interface PairImmediate {
  readonly lowImm: number;
  readonly highImm: number;
}

/** a COND b as 64-bit numbers. */
interface PairCondition {
  readonly test: 'pair';
  readonly cond: CompareCond;
  readonly a: Pair;
  /** An immediate only where `fitsPairImmediate` says so. */
  readonly b: Pair | PairImmediate;
}

/** a COND b as floats, or with `holds` false that it fails; on NaN every condition fails. */
export interface FloatCondition {
  readonly test: 'float';
  readonly type: FloatType;
  readonly cond: FloatCond;
  readonly holds: boolean;
  readonly a: FloatReg;
  readonly b: FloatReg;
}

/** The condition of which the flags tell since `holdCondition`, or with `holds` false its contrary. */
interface HeldCondition {
  readonly test: 'held';
  readonly holds: boolean;
}

export type Condition = WordCondition | PairCondition | FloatCondition | HeldCondition;

const inverseOf = {
  eq: 'ne',
  ne: 'eq',
  lt_s: 'ge_s',
  ge_s: 'lt_s',
  gt_s: 'le_s',
  le_s: 'gt_s',
  lt_u: 'ge_u',
  ge_u: 'lt_u',
  gt_u: 'le_u',
  le_u: 'gt_u',
} as const satisfies Record<Cond, Cond>;

/** The condition that holds for (b, a) exactly when `cond` holds for (a, b). */
export const swappedOf = {
  eq: 'eq',
  ne: 'ne',
  lt_s: 'gt_s',
  gt_s: 'lt_s',
  le_s: 'ge_s',
  ge_s: 'le_s',
  lt_u: 'gt_u',
  gt_u: 'lt_u',
  le_u: 'ge_u',
  ge_u: 'le_u',
} as const satisfies Record<Cond, Cond>;

export function inverse(condition: Condition): Condition {
  if (condition.test === 'float' || condition.test === 'held') return { ...condition, holds: !condition.holds };
  if (condition.test === 'pair') return { ...condition, cond: inverseOf[condition.cond] };
  return { ...condition, cond: inverseOf[condition.cond] };
}

/** General registers that the condition reads. */
export function registersOf(condition: Condition): readonly Reg[] {
  if (condition.test === 'float' || condition.test === 'held') return [];
  if (condition.test === 'pair') {
    const { a, b } = condition;
    return 'low' in b ? [a.low, a.high, b.low, b.high] : [a.low, a.high];
  }
  return 'reg' in condition.b ? [condition.a, condition.b.reg] : [condition.a];
}
