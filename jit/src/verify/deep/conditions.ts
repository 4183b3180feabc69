import { anything, u32Max } from './bounds.js';
import { inverseOf, type Cond, type Effect, type FlagCond } from './instruction.js';
import { fail, read, type Point } from './point.js';
import type { State } from './state.js';
import { sourceValue } from './arithmetic.js';
import { inverseOfFlag } from './thumb2.js';
import { constant, type Value } from './values.js';

/** What a conditional branch compares: for sign and overflow conditions nothing that helps a proof. */
interface Comparison {
  readonly cond: Cond | undefined;
  readonly a: Value;
  readonly b: Value;
}

const opaque: Comparison = { cond: undefined, a: constant(0), b: constant(0) };

function comparisonOf(point: Point, effect: Effect & { kind: 'branch' | 'branch on flags' }): Comparison {
  if (effect.kind === 'branch') {
    const b = sourceValue(point, effect.b);
    return b === undefined ? opaque : { cond: effect.cond, a: read(point, effect.a), b };
  }
  const { flags } = point.state;
  if (flags === undefined) throw fail(point, 'reads flags that nothing has set');
  const cond = plainCondition(effect.cond);
  if (cond === undefined || flags.kind === 'other') return opaque;
  if (flags.kind === 'subtract') return { cond, a: flags.a, b: flags.b };
  // The carry of a result is not that of a comparison with 0.
  return cond === 'eq' || cond === 'ne' ? { cond, a: flags.value, b: constant(0) } : opaque;
}

function plainCondition(cond: FlagCond): Cond | undefined {
  return cond === inverseOfFlag('pl') || cond === 'pl' || cond === 'vs' || cond === 'vc' ? undefined : (cond as Cond);
}

/** What holds where the branch is taken and where it is not; undefined where that cannot happen. */
export function split(point: Point, effect: Effect & { kind: 'branch' | 'branch on flags' }): { taken: State | undefined; passed: State | undefined } {
  const { cond, a, b } = comparisonOf(point, effect);
  const { state } = point;
  // What the copy does not carry along: straight code with many checks would take the square of its length.
  state.prune();
  const taken = state.clone();
  if (cond === undefined) return { taken, passed: state };
  return {
    taken: assume(point, taken, cond, a, b) ? taken : undefined,
    passed: assume(point, state, inverseOf[cond], a, b) ? state : undefined,
  };
}

/** Adds a COND b to what is known; false where that is impossible. */
function assume(point: Point, state: State, cond: Cond, a: Value, b: Value): boolean {
  switch (cond) {
    case 'eq': {
      const [left, right] = [state.boundOf(a), state.boundOf(b)];
      return state.refine(a, right) && state.refine(b, left);
    }
    case 'ne':
      return differ(state, a, b) && differ(state, b, a);
    case 'lt_u':
      return below(point, state, a, b, 1);
    case 'ge_u':
      return below(point, state, b, a, 0);
    case 'gt_u':
      return below(point, state, b, a, 1);
    case 'le_u':
      return below(point, state, a, b, 0);
    case 'lt_s':
    case 'ge_s':
    case 'gt_s':
    case 'le_s':
      return true;
  }
}

/** Another number than the one that `b` certainly is. */
function differ(state: State, a: Value, b: Value): boolean {
  const other = state.boundOf(b);
  const { lo, hi } = state.boundOf(a);
  if (other.lo !== other.hi) return true;
  if (lo === hi && lo === other.lo) return false;
  if (lo === other.lo) return state.refine(a, { ...anything, lo: lo + 1 });
  return hi === other.lo ? state.refine(a, { ...anything, hi: hi - 1 }) : true;
}

/** a + gap <= b. */
function below(point: Point, state: State, a: Value, b: Value, gap: 0 | 1): boolean {
  const [left, right] = [state.boundOf(a), state.boundOf(b)];
  if (right.hi < gap || left.lo > u32Max - gap) return false;
  const record = gap === 1 ? countOf(point, state, b) : undefined;
  const upper = { ...anything, hi: right.hi - gap, below: record };
  return state.refine(a, upper) && state.refine(b, { ...anything, lo: left.lo + gap });
}

/** The record of the table whose element count this number is. */
function countOf({ proof }: Point, state: State, value: Value): number | undefined {
  const { origin } = state.factOf(value.symbol);
  if (value.add !== 0 || origin?.kind !== 'loaded' || origin.address.symbol !== 0) return undefined;
  const record = origin.address.add;
  return proof.facts.tables.some((table) => table.record === record) ? record : undefined;
}
