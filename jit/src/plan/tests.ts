/** What comparisons of locals with constants say of the locals. */
import { inverseOf, swappedOf, type Cond } from '../target/conditions.js';
import { refined, type LocalFact } from './local-facts.js';
import { u32Max, type Symbol, type Test } from './symbols.js';

const signBit = 0x8000_0000;

/** The comparison of two operands, if one is a local and the other a constant. */
export function testOf(cond: Cond, a: Symbol, b: Symbol): Test | undefined {
  if (a.kind === 'local' && b.kind === 'const') return { local: a, cond, value: b.value >>> 0 };
  return a.kind === 'const' && b.kind === 'local' ? { local: b, cond: swappedOf[cond], value: a.value >>> 0 } : undefined;
}

/** What is true where the operand is not 0. */
export function conditionOf(symbol: Symbol): Test | undefined {
  if (symbol.kind === 'local') return { local: symbol, cond: 'ne', value: 0 };
  return symbol.kind === 'value' && symbol.c === 0 ? symbol.test : undefined;
}

export function negated(test: Test): Test {
  return { ...test, cond: inverseOf[test.cond] };
}

/** What is known of the local's word where the test has come out true. Its own fact where it says no more; nothing is remembered of words without a limit. */
export function refinedBy(fact: LocalFact | undefined, { local: { c }, cond, value }: Test): LocalFact | undefined {
  if (cond === 'ne') return fact && (refined(fact, 0, u32Max, (value - c) >>> 0) ?? fact);
  const range = rangeWhere(cond, value, c === 0 ? (fact?.max ?? u32Max) : u32Max);
  // The word is in the range less c: two ranges, where that wraps.
  const [min, max] = [(range.min - c) >>> 0, (range.max - c) >>> 0];
  if (range.min > range.max || min > max || (min === 0 && max === u32Max)) return fact;
  if (fact === undefined && max === u32Max) return undefined;
  return refined(fact, min, max) ?? fact;
}

/** Numbers of which the condition is true; `most`: the greatest that it can be about. */
function rangeWhere(cond: Exclude<Cond, 'ne'>, value: number, most: number): { readonly min: number; readonly max: number } {
  const isNegative = value >= signBit;
  const anything = { min: 0, max: u32Max };
  switch (cond) {
    case 'eq':
      return { min: value, max: value };
    case 'lt_u':
      return { min: 0, max: value - 1 };
    case 'le_u':
      return { min: 0, max: value };
    case 'gt_u':
      return { min: value + 1, max: u32Max };
    case 'ge_u':
      return { min: value, max: u32Max };
    case 'gt_s':
      return isNegative && value !== u32Max ? anything : { min: (value + 1) >>> 0, max: signBit - 1 };
    case 'ge_s':
      return isNegative ? anything : { min: value, max: signBit - 1 };
    case 'lt_s':
      return isNegative || most >= signBit ? anything : { min: 0, max: value - 1 };
    case 'le_s':
      return isNegative || most >= signBit ? anything : { min: 0, max: value };
  }
}
