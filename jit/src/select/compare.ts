import type { OpName } from '@fireball/wasm';
import type { Instruction } from '../plan/body.js';
import { type Cond, inverse, swappedOf } from '../target/conditions.js';
import { noReg } from '../target/registers.js';
import type { Context } from './context.js';
import { destination, nextInstruction } from './context.js';
import type { PendingCondition } from './pending-condition.js';
import type { Entry } from './operands.js';
import { branchOnCondition, enterIf } from './control.js';

export function selectCompare(context: Context, cond: Cond): void {
  const { state, masm } = context;
  const b = state.pop();
  const a = state.pop();
  const swap = a.kind === 'const' && b.kind !== 'const';
  const left = state.hold(swap ? b : a);
  const right = state.operand(swap ? a : b, (value) => masm.fitsImmediate('compare', value));
  consume(context, {
    condition: { test: 'compare', cond: swap ? swappedOf[cond] : cond, a: left.reg, b: right.operand },
    held: right.held === undefined ? [left] : [left, right.held],
  });
}

/** i32.eqz of a plain value. */
export function selectEqz(context: Context): void {
  const held = context.state.hold(context.state.pop());
  consume(context, {
    condition: { test: 'compare', cond: 'eq', a: held.reg, b: { imm: 0 } },
    held: [held],
  });
}

/** i32.and whose only use is a condition: flags instead of a value. */
export function selectTest(context: Context): boolean {
  const next = nextInstruction(context)?.op;
  if (next !== 'br_if' && next !== 'if' && next !== 'select' && next !== 'i32.eqz') return false;
  const { state, masm } = context;
  const b = state.pop();
  const a = state.pop();
  const swap = a.kind === 'const';
  const first = state.hold(swap ? b : a);
  const second = state.operand(swap ? a : b, (value) => masm.fitsImmediate('test', value));
  consume(context, {
    condition: { test: 'test', cond: 'ne', a: first.reg, b: second.operand },
    held: second.held === undefined ? [first] : [first, second.held],
  });
  return true;
}

/** A value used as a condition: true unless 0. */
export function truthOf(context: Context, entry: Entry): PendingCondition {
  const held = context.state.hold(entry);
  return { condition: { test: 'compare', cond: 'ne', a: held.reg, b: { imm: 0 } }, held: [held] };
}

/** Hands a condition to the instruction that follows, or makes it a value. */
export function consume(context: Context, pending: PendingCondition): void {
  let current = pending;
  for (;;) {
    const next = nextInstruction(context);
    if (next?.op === 'i32.eqz') {
      context.index++;
      current = { ...current, condition: inverse(current.condition) };
      continue;
    }
    if (next?.op === 'br_if') {
      context.index++;
      branchOnCondition(context, current, next);
    } else if (next?.op === 'if') {
      context.index++;
      enterIf(context, current, next);
    } else if (next?.op === 'select') {
      context.index++;
      selectBetween(context, current);
    } else makeValue(context, current);
    return;
  }
}

function makeValue(context: Context, pending: PendingCondition): void {
  if (holdInFlags(context, pending)) return;
  const to = destination(context, pending.held);
  context.masm.setIf(to.reg, pending.condition);
  to.finish();
}

/** Instructions whose code can leave the flags alone. */
const quiet: ReadonlySet<OpName> = new Set<OpName>(['nop', 'local.get', 'local.set', 'local.tee', 'i32.const', 'i32.add', 'i32.sub']);

/** A condition that a local only takes to a branch a few instructions further on: the flags take it there. */
function holdInFlags(context: Context, { condition, held }: PendingCondition): boolean {
  const { masm, plan, state } = context;
  const set = nextInstruction(context);
  if (set?.op !== 'local.set' || masm.holdCondition === undefined || (condition.test !== 'compare' && condition.test !== 'test')) return false;
  const isQuiet = (insn: Instruction | undefined): boolean => insn !== undefined && quiet.has(insn.op) && !(insn.op.startsWith('local.') && insn.a === set.a);
  let use = context.index + 2;
  while (isQuiet(plan.body[use])) use++;
  if (plan.live?.lastConditions.has(use) !== true || plan.body[use]?.a !== set.a) return false;
  masm.holdCondition(condition);
  for (const each of held) state.release(each);
  context.index++;
  context.inFlags = { local: set.a, use };
  return true;
}

/** The `local.get` of a condition that is in the flags. Returns false for any other. */
export function takeFromFlags(context: Context): boolean {
  if (context.inFlags?.use !== context.index) return false;
  context.inFlags = undefined;
  consume(context, { condition: { test: 'held', holds: true }, held: [] });
  return true;
}

/** select: the stack holds the value if true, then the value if false. */
export function selectBetween(context: Context, pending: PendingCondition): void {
  const { state, masm } = context;
  const whenFalse = state.pop();
  if (whenFalse.high) {
    selectPair(context, pending, whenFalse);
    return;
  }
  const whenTrue = state.pop();
  const fits = (value: number): boolean => masm.fitsChoose(value) && state.contents.findPinned(value) === undefined;
  const a = state.operand(whenTrue, fits);
  const b = state.operand(whenFalse, fits);
  const prefer = a.held?.owned === true ? a.held.reg : b.held?.owned === true ? b.held.reg : noReg;
  const to = destination(context, [...pending.held, a.held, b.held], prefer);
  masm.choose(to.reg, pending.condition, a.operand, b.operand);
  to.finish();
}

/** A pair is chosen word by word under one branch. */
function selectPair(context: Context, pending: PendingCondition, falseHigh: Entry): void {
  const { state, masm } = context;
  const falseLow = state.pop();
  const trueHigh = state.pop();
  const trueLow = state.pop();
  const low = state.holdOwn(falseLow);
  const high = state.holdOwn(falseHigh);
  const trueWords = [state.hold(trueLow), state.hold(trueHigh)] as const;
  const skip = masm.assembly.newLabel();
  masm.branchIf(inverse(pending.condition), skip);
  masm.move(low, trueWords[0].reg);
  masm.move(high, trueWords[1].reg);
  masm.bind(skip);
  for (const held of [...pending.held, ...trueWords]) state.release(held);
  state.pushReg(low);
  state.pushReg(high, true);
}
