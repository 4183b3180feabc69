import { anything, u32Max, type Bound } from './bounds.js';
import { lastTurn, turnOf, type Count } from './counted.js';
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
  if (cond === undefined || flags.kind === 'other' || flags.kind === 'all below') return opaque;
  if (flags.kind === 'subtract') return { cond, a: flags.a, b: flags.b };
  // The carry of a result is not that of a comparison with 0.
  return cond === 'eq' || cond === 'ne' ? { cond, a: flags.value, b: constant(0) } : opaque;
}

function plainCondition(cond: FlagCond): Cond | undefined {
  return cond === inverseOfFlag('pl') || cond === 'pl' || cond === 'vs' || cond === 'vc' ? undefined : (cond as Cond);
}

/** What holds where the branch is taken and where it is not; undefined where that cannot happen. */
export function split(point: Point, effect: Effect & { kind: 'branch' | 'branch on flags' }): { taken: State | undefined; passed: State | undefined } {
  const { state } = point;
  if (effect.kind === 'branch on flags' && state.flags?.kind === 'all below') return splitAll(point, effect.cond, state.flags.compared);
  const { cond, a, b } = comparisonOf(point, effect);
  // What the copy does not carry along: straight code with many checks would take the square of its length.
  state.prune();
  const taken = state.clone();
  if (cond === undefined) return { taken, passed: state };
  return {
    taken: assume(point, taken, cond, a, b) ? taken : undefined,
    passed: assume(point, state, inverseOf[cond], a, b) ? state : undefined,
  };
}

/** On one side of the branch all of the numbers are below what they have been compared with. */
function splitAll(
  point: Point,
  cond: FlagCond,
  compared: readonly { readonly a: Value; readonly b: Value }[],
): { taken: State | undefined; passed: State | undefined } {
  const { state } = point;
  state.prune();
  const taken = state.clone();
  const below = cond === 'ge_u' ? state : cond === 'lt_u' ? taken : undefined;
  const isPossible = below === undefined || compared.every(({ a, b }) => assume(point, below, 'lt_u', a, b));
  if (isPossible) return { taken, passed: state };
  return below === taken ? { taken: undefined, passed: state } : { taken, passed: undefined };
}

/** Adds a COND b to what is known; false where that is impossible. */
function assume(point: Point, state: State, cond: Cond, a: Value, b: Value): boolean {
  switch (cond) {
    case 'eq': {
      const [left, right] = [state.boundOf(a), state.boundOf(b)];
      return state.refine(a, right) && state.refine(b, left);
    }
    case 'ne':
      return differ(point, state, a, b) && differ(point, state, b, a);
    case 'lt_u':
      return below(point, state, a, b, 1);
    case 'ge_u':
      return below(point, state, b, a, 0);
    case 'gt_u':
      return below(point, state, b, a, 1);
    case 'le_u':
      return below(point, state, a, b, 0);
    case 'lt_s':
      return belowSigned(point, state, a, b, 1);
    case 'ge_s':
      return belowSigned(point, state, b, a, 0);
    case 'gt_s':
      return belowSigned(point, state, b, a, 1);
    case 'le_s':
      return belowSigned(point, state, a, b, 0);
  }
}

const signedMax = 0x7fff_ffff;

/** a + gap <= b as signed words: of those that are not negative it is the same as unsigned. */
function belowSigned(point: Point, state: State, a: Value, b: Value, gap: 0 | 1): boolean {
  if (state.boundOf(a).hi > signedMax) return true;
  return state.refine(b, { ...anything, hi: signedMax }) && below(point, state, a, b, gap);
}

/** Another number than the one that `b` certainly is. */
function differ({ proof }: Point, state: State, a: Value, b: Value): boolean {
  const other = state.boundOf(b);
  if (other.lo !== other.hi) return true;
  const count = state.countOf(a);
  const turn = count && turnOf(count, other.lo);
  if (count !== undefined && turn !== undefined) {
    proof.symbols.tryLimit(count.turns, turn);
    if (!state.excludeTurn(count.turns, turn)) return false;
  }
  const { lo, hi } = state.boundOf(a);
  if (lo === hi && lo === other.lo) return false;
  if (lo === other.lo) return state.refine(a, { ...anything, lo: lo + 1 });
  return hi === other.lo ? state.refine(a, { ...anything, hi: hi - 1 }) : true;
}

/** a + gap <= b. */
function below(point: Point, state: State, a: Value, b: Value, gap: 0 | 1): boolean {
  const [left, right] = [state.boundOf(a), state.boundOf(b)];
  if (right.hi < gap || left.lo > u32Max - gap) return false;
  const record = gap === 1 ? countOf(point, state, b) : undefined;
  const upper = { ...anything, hi: right.hi - gap, below: record, limit: right.hi - gap };
  const lower = { ...anything, lo: left.lo + gap };
  tryLimit(point, state.countOf(a), upper, 1);
  tryLimit(point, state.countOf(b), lower, -1);
  return state.refine(a, upper) && state.refine(b, lower);
}

/** The loop may end because of this comparison: in the turn behind the last one in which a count in this direction passes it. */
function tryLimit({ proof }: Point, count: Count | undefined, limits: Bound, direction: 1 | -1): void {
  if (count === undefined || count.step * direction < 0) return;
  const last = lastTurn(count, limits);
  if (last >= 0) proof.symbols.tryLimit(count.turns, last + 1);
}

/** The record of the table whose element count this number is. */
function countOf({ proof }: Point, state: State, value: Value): number | undefined {
  const { origin } = state.factOf(value.symbol);
  if (value.add !== 0 || origin?.kind !== 'loaded' || origin.address.symbol !== 0) return undefined;
  const record = origin.address.add;
  return proof.facts.tables.some((table) => table.record === record) ? record : undefined;
}
