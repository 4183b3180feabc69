import type { Reg } from './abi.js';
import { anything, either, exactly, u32Max, upTo, type Bound } from './bounds.js';
import type { Computation, Effect, Source } from './instruction.js';
import { differenceBound, highProductBound, productBound, resultBound, signExtendedBound, sumBound } from './ranges.js';
import { conditionalResult, fail, fresh, read, write, type Point } from './point.js';
import { constant, plus, same, type Value } from './values.js';

/** Value of an operand; a shifted register as far as constants go. */
export function sourceValue(point: Point, source: Source): Value | undefined {
  if ('imm' in source) return constant(source.imm);
  const value = read(point, source.reg);
  const { shift } = source;
  if (shift === undefined) return value;
  return value.symbol === 0 && shift.op === 'shl' ? constant(value.add * 2 ** shift.amount) : undefined;
}

function sourceBound(point: Point, source: Source): Bound {
  const value = sourceValue(point, source);
  if (value !== undefined) return point.state.boundOf(value);
  if ('imm' in source || source.shift === undefined) return anything;
  const bound = point.state.boundOf(read(point, source.reg));
  return resultBound(source.shift.op, bound, exactly(source.shift.amount));
}

/** Executes the instructions that only compute. */
export function compute(point: Point, effect: Computation): void {
  switch (effect.kind) {
    case 'constant':
      assign(point, effect.rd, () => constant(effect.value));
      return;
    case 'pc':
      assign(point, effect.rd, () => constant(point.proof.facts.address + point.located.offset + effect.value));
      return;
    case 'upper half':
      assign(point, effect.rd, () => {
        const low = read(point, effect.rd);
        return low.symbol === 0 ? constant((low.add & 0xffff) + effect.value * 0x1_0000) : fresh(point, 0);
      });
      return;
    case 'move':
      assign(point, effect.rd, () => read(point, effect.rs));
      return;
    case 'data':
      data(point, effect);
      return;
    case 'multiply-add': {
      const [a, b, addend] = [effect.a, effect.b, effect.addend].map((reg) => point.state.boundOf(read(point, reg))) as [Bound, Bound, Bound];
      const bound = (effect.op === 'add' ? sumBound : differenceBound)(addend, productBound(a, b));
      assign(point, effect.rd, () => bounded(point, 0, bound));
      return;
    }
    case 'long multiply': {
      const a = point.state.boundOf(read(point, effect.a));
      const b = point.state.boundOf(read(point, effect.b));
      assign(point, effect.low, () => bounded(point, 0, productBound(a, b)));
      assign(point, effect.high, () => bounded(point, 1, highProductBound(a, b)));
      return;
    }
    case 'bit field': {
      const shifted = resultBound('shr_u', point.state.boundOf(read(point, effect.rs)), exactly(effect.lsb));
      assign(point, effect.rd, () => bounded(point, 0, resultBound('and', shifted, exactly(2 ** effect.bits - 1))));
      return;
    }
    case 'sign extension': {
      const bound = signExtendedBound(point.state.boundOf(read(point, effect.rs)), effect.bits);
      assign(point, effect.rd, () => bounded(point, 0, bound));
      return;
    }
    case 'opaque':
      for (const reg of effect.reads) read(point, reg);
      effect.writes.forEach((reg, index) => assign(point, reg, () => fresh(point, index, upTo(effect.max ?? u32Max))));
      return;
    case 'compare':
      compare(point, effect);
      return;
    case 'none':
      return;
    default:
      effect satisfies never;
  }
}

function compare(point: Point, effect: Computation & { kind: 'compare' }): void {
  const a = read(point, effect.a);
  const b = sourceValue(point, effect.b);
  const { flags } = point.state;
  const { condition } = point.located;
  if (condition === undefined) {
    point.state.flags = effect.test === 'subtract' && b !== undefined ? { kind: 'subtract', a, b } : { kind: 'other' };
    return;
  }
  if (flags === undefined) throw fail(point, 'the condition reads flags that nothing has set');
  // Where the condition fails, the carry says that something was not below.
  const before = flags.kind === 'subtract' ? [flags] : flags.kind === 'all below' ? flags.compared : [];
  const isBelow = condition === 'lt_u' && before.length > 0 && effect.test === 'subtract' && b !== undefined;
  point.state.flags = isBelow ? { kind: 'all below', compared: [...before, { a, b }] } : { kind: 'other' };
}

/** A number of which the range alone is known: a constant where only one is left. */
function bounded(point: Point, index: number, bound: Bound): Value {
  return bound.lo === bound.hi ? constant(bound.lo) : fresh(point, index, bound);
}

/** Writes a result; under a condition the old value may stay. */
function assign(point: Point, rd: Reg, result: () => Value): void {
  const { state, located, proof } = point;
  if (located.condition === undefined) {
    write(point, rd, result());
    return;
  }
  if (state.flags === undefined) throw fail(point, 'the condition reads flags that nothing has set');
  const old = state.registers[rd];
  const oldBound = old === undefined ? anything : state.boundOf(old);
  const value = result();
  if (same(old, value)) return;
  const bound = either(oldBound, state.boundOf(value), proof.facts.memory?.minBytes ?? 0);
  write(point, rd, old === undefined ? undefined : fresh(point, conditionalResult, bound));
}

function data(point: Point, effect: Effect & { kind: 'data' }): void {
  const { state, located } = point;
  const { flags, readsFlags } = located.instruction;
  if (readsFlags && state.flags === undefined) throw fail(point, 'reads flags that nothing has set');
  const a = read(point, effect.a);
  const b = sourceValue(point, effect.b);
  let result: Value | undefined;
  const isBit = effect.op === 'sbc' && b !== undefined && isBorrowOfOne(point, a, b);
  assign(point, effect.rd, () => (result = isBit ? bounded(point, 0, { ...anything, hi: 1 }) : dataResult(point, effect, a, b)));
  if (flags === 'subtract' && b !== undefined) point.state.flags = { kind: 'subtract', a, b };
  else if (flags === 'result' && result !== undefined) point.state.flags = { kind: 'result', value: result };
  else if (flags !== undefined) point.state.flags = { kind: 'other' };
}

/** a - (a - 1) less the borrow of a - 1: whether a is another number than 0. */
function isBorrowOfOne({ state }: Point, a: Value, b: Value): boolean {
  const { flags } = state;
  return flags?.kind === 'subtract' && same(flags.a, a) && same(flags.b, constant(1)) && same(b, plus(a, -1));
}

function dataResult(point: Point, { op, a: left, b: right }: Effect & { kind: 'data' }, a: Value, b: Value | undefined): Value {
  if (b?.symbol === 0) {
    if (op === 'add') return plus(a, b.add);
    if (op === 'sub') return plus(a, -b.add);
  }
  if (a.symbol === 0 && b !== undefined && op === 'add') return plus(b, a.add);
  const bound = resultBound(op, point.state.boundOf(a), sourceBound(point, right));
  if (bound.lo !== bound.hi && op === 'shl' && b?.symbol === 0) return fresh(point, 0, bound, { kind: 'scaled', of: read(point, left), shift: b.add });
  return bounded(point, 0, bound);
}
