import type { OpName } from '@fireball/wasm';
import type { Instruction } from '../plan/body.js';
import { type Cond, inverse, registersOf, swappedOf } from '../target/conditions.js';
import type { ConditionalOp } from '../target/macro-assembler.js';
import { noReg } from '../target/registers.js';
import type { Context } from './context.js';
import { destination, localWords, nextInstruction } from './context.js';
import type { PendingCondition } from './pending-condition.js';
import type { Entry } from './operands.js';
import { addConstant } from './arithmetic.js';
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

/** i32.and, a constant and a comparison that together are one of the sum that is masked. */
export function selectInterval(context: Context): boolean {
  const { state, plan } = context;
  const interval = plan.found.intervalAt(context.index);
  if (interval === undefined) return false;
  const b = state.pop();
  const a = state.pop();
  context.index += 2;
  addConstant(context, b.kind === 'const' ? a : b, interval.delta);
  state.pushConst(interval.limit);
  selectCompare(context, interval.cond);
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
  if (context.masm.countsByFlags && selectConditional(context, pending, { kind: 'const', value: 1, high: false })) return;
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
  if (plan.live?.isLastCondition(use) !== true || plan.body[use]?.a !== set.a) return false;
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
  if (isZero(whenFalse) && selectConditional(context, pending, whenTrue)) return;
  if (isZero(whenTrue) && selectConditional(context, { ...pending, condition: inverse(pending.condition) }, whenFalse)) return;
  const fits = (value: number): boolean => masm.fitsChoose(value) && state.contents.findPinned(value) === undefined;
  const a = state.operand(whenTrue, fits);
  const b = state.operand(whenFalse, fits);
  const prefer = a.held?.owned === true ? a.held.reg : b.held?.owned === true ? b.held.reg : noReg;
  const to = destination(context, [...pending.held, a.held, b.held], prefer);
  masm.choose(to.reg, pending.condition, a.operand, b.operand);
  to.finish();
}

function isZero(entry: Entry): boolean {
  return entry.kind === 'const' && entry.value === 0;
}

const conditionalOps: ReadonlyMap<OpName, ConditionalOp> = new Map([
  ['i32.add', 'add'],
  ['i32.sub', 'sub'],
  ['i32.or', 'or'],
  ['i32.xor', 'xor'],
]);

/** An operation whose one operand is `value` or 0, by the condition: done under the condition. Returns false where none follows. */
function selectConditional(context: Context, pending: PendingCondition, value: Entry): boolean {
  const { state, masm, plan } = context;
  const next = nextInstruction(context);
  const behind = plan.body[context.index + 2];
  const isLocal = next?.op === 'local.get' && localWords(context, next.a).length === 1;
  const op = conditionalOps.get((isLocal ? behind?.op : next?.op) ?? 'nop');
  if (op === undefined || (op === 'sub' && isLocal)) return false;
  const left: Entry | undefined = isLocal ? { kind: 'sum', source: { word: localWords(context, next.a)[0] as number }, c: 0, high: false } : state.stack.at(-1);
  if (left === undefined || left.kind === 'const' || left.kind === 'float') return false;
  if (!isLocal) state.pop();
  context.index += isLocal ? 2 : 1;
  const right = state.operand(value, (imm) => masm.fitsAluIf(op, imm));
  const kept = state.hold(left);
  const to = destination(context, [kept, right.held, ...pending.held], kept.reg);
  const { reg } = to;
  const isOperand = (right.held?.reg === reg || registersOf(pending.condition).includes(reg)) && reg !== kept.reg;
  if (isOperand) {
    masm.choose(reg, pending.condition, right.operand, { imm: 0 });
    masm.alu(op, reg, kept.reg, { reg });
  } else {
    if (reg !== kept.reg) masm.move(reg, kept.reg);
    masm.aluIf(op, reg, pending.condition, right.operand);
  }
  to.finish();
  return true;
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
