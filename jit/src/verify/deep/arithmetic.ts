import type { Reg } from '../../select/machine.js';
import { anything, either, smear, u32Max, upTo, type Bound } from './bounds.js';
import type { DataOp, Effect, Source } from './instruction.js';
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
  return shiftedBound(source.shift.op, bound, source.shift.amount);
}

function shiftedBound(op: string, bound: Bound, amount: number): Bound {
  switch (op) {
    case 'shl':
      return bound.hi * 2 ** amount <= u32Max ? { lo: bound.lo * 2 ** amount, hi: bound.hi * 2 ** amount, extent: 0 } : anything;
    case 'shr_u':
      return { lo: bound.lo >>> amount, hi: bound.hi >>> amount, extent: 0 };
    case 'shr_s':
      return bound.hi <= 0x7fff_ffff ? { lo: bound.lo >>> amount, hi: bound.hi >>> amount, extent: 0 } : anything;
    default:
      return anything;
  }
}

function resultBound(op: DataOp, a: Bound, b: Bound): Bound {
  switch (op) {
    case 'and':
      return upTo(Math.min(a.hi, b.hi));
    case 'bic':
      return upTo(a.hi);
    case 'or':
    case 'xor':
      return upTo(smear(Math.max(a.hi, b.hi)));
    case 'add':
      return a.hi + b.hi <= u32Max ? { lo: a.lo + b.lo, hi: a.hi + b.hi, extent: 0 } : anything;
    case 'mul':
      return upTo(a.hi * b.hi);
    case 'shl':
    case 'shr_u':
    case 'shr_s':
      if (b.lo === b.hi) return shiftedBound(op, a, b.lo);
      return op === 'shr_u' ? upTo(a.hi) : anything;
    default:
      return anything;
  }
}

/** Executes the instructions that only compute. */
export function compute(point: Point, effect: Effect): void {
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
    case 'opaque':
      for (const reg of effect.reads) read(point, reg);
      effect.writes.forEach((reg, index) => assign(point, reg, () => fresh(point, index, upTo(effect.max ?? u32Max))));
      return;
    case 'compare': {
      const a = read(point, effect.a);
      const b = sourceValue(point, effect.b);
      point.state.flags = effect.test === 'subtract' && b !== undefined ? { kind: 'subtract', a, b } : { kind: 'other' };
      return;
    }
    default:
      return;
  }
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
  assign(point, effect.rd, () => (result = dataResult(point, effect, a, b)));
  if (flags === 'subtract' && b !== undefined) point.state.flags = { kind: 'subtract', a, b };
  else if (flags === 'result' && result !== undefined) point.state.flags = { kind: 'result', value: result };
  else if (flags !== undefined) point.state.flags = { kind: 'other' };
}

function dataResult(point: Point, { op, a: left, b: right }: Effect & { kind: 'data' }, a: Value, b: Value | undefined): Value {
  if (b?.symbol === 0) {
    if (op === 'add') return plus(a, b.add);
    if (op === 'sub') return plus(a, -b.add);
  }
  if (a.symbol === 0 && b !== undefined && op === 'add') return plus(b, a.add);
  const bound = resultBound(op, point.state.boundOf(a), sourceBound(point, right));
  if (bound.lo === bound.hi && op !== 'other') return constant(bound.lo);
  if (op === 'shl' && b?.symbol === 0) return fresh(point, 0, bound, { kind: 'scaled', of: read(point, left), shift: b.add });
  return fresh(point, 0, bound);
}
