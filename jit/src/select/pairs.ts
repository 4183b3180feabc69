import { InternalError } from '@fireball/contracts';
import type { PairOperation } from '../plan/family.js';
import { pairDestination, type Context } from './context.js';
import { consume } from './compare.js';
import { selectAlu, selectUnary } from './arithmetic.js';
import { swappedOf, type CompareCond, type PairImmediate } from '../target/conditions.js';
import type { AluOp, PairShift, Shift } from '../target/macro-assembler.js';
import type { Pair, Reg } from '../target/registers.js';
import { registerOf, signOf, type Entry, type Source } from './operands.js';
import { holdPair, isConstant, popPair, valueOf, type HeldPair, type PairEntry } from './pair-entries.js';
import { selectPairMultiply } from './products.js';

function immediateOf(value: bigint): PairImmediate {
  return { lowImm: Number(BigInt.asIntN(32, value)), highImm: Number(BigInt.asIntN(32, value >> 32n)) };
}

function releasePair(context: Context, pair: HeldPair): void {
  for (const held of pair.held) context.state.release(held);
}

function pushPair(context: Context, pair: Pair): void {
  context.state.pushReg(pair.low);
  context.state.pushReg(pair.high, true);
}

/** A read of a register that somebody else keeps alive. */
export function reading(reg: Reg): Entry {
  return { kind: 'sum', source: { fixed: reg }, c: 0, high: false };
}

/** Runs a single-word operation on two entries; its result in an owned register. */
export function wordOperation(context: Context, op: AluOp, a: Entry, b: Entry): Reg {
  const { state } = context;
  state.stack.push(a, b);
  composed(context, () => selectAlu(context, op));
  return state.holdOwn(state.pop());
}

/** Runs a part of an instruction, whose result nothing may be fused with. */
export function composed(context: Context, part: () => void): void {
  context.composing = true;
  part();
  context.composing = false;
}

/** An instruction on two words. */
export function selectPair(context: Context, pair: PairOperation): void {
  switch (pair.kind) {
    case 'add':
      selectPairAdd(context, pair.op);
      return;
    case 'logic':
      selectPairLogic(context, pair.op);
      return;
    case 'multiply':
      selectPairMultiply(context);
      return;
    case 'shift':
      selectPairShift(context, pair.op);
      return;
    case 'rotate':
      selectPairRotate(context, pair.op);
      return;
    case 'equality':
      selectPairEquality(context, pair.op);
      return;
    case 'eqz':
      selectPairEqz(context);
      return;
    case 'compare':
      selectPairCompare(context, pair.op);
      return;
    case 'wrap':
      selectWrap(context);
      return;
    case 'extend':
      if (pair.narrow !== undefined) selectWrap(context);
      if (pair.narrow === 'extend8_s' || pair.narrow === 'extend16_s') selectUnary(context, pair.narrow);
      selectExtend(context, pair.signed);
      return;
    default:
      pair satisfies never;
  }
}

function selectPairAdd(context: Context, op: 'add' | 'sub'): void {
  const { masm } = context;
  let right = popPair(context);
  let left = popPair(context);
  if (op === 'add' && isConstant(left)) [left, right] = [right, left];
  if (isConstant(right)) {
    const value = valueOf(right);
    for (const [as, imm] of [
      [op, immediateOf(value)],
      [op === 'add' ? 'sub' : 'add', immediateOf(-value)],
    ] as const) {
      if (!masm.fitsPairImmediate(as, imm)) continue;
      const held = holdPair(context, left);
      const to = pairDestination(context, held.held, [held.high], []);
      masm.addPair(as, to.pair, held, imm);
      to.finish();
      return;
    }
  }
  addRegisters(context, op, left, right);
}

function addRegisters(context: Context, op: 'add' | 'sub', a: PairEntry, b: PairEntry): void {
  const right = holdPair(context, b);
  const left = holdPair(context, a);
  const operands = [...left.held, ...right.held];
  const to = pairDestination(context, operands, [left.high, right.high], []);
  context.masm.addPair(op, to.pair, left, right);
  to.finish();
}

/** and, or, xor: word by word, constants folded. */
function selectPairLogic(context: Context, op: 'and' | 'or' | 'xor'): void {
  const { state } = context;
  const b = popPair(context);
  const a = popPair(context);
  const low = foldedLogic(context, op, a.low, b.low);
  const high = foldedLogic(context, op, a.high, b.high);
  state.stack.push({ ...low, high: false }, { ...high, high: true });
}

function foldedLogic(context: Context, op: 'and' | 'or' | 'xor', a: Entry, b: Entry): Entry {
  const { state } = context;
  const constant = b.kind === 'const' ? b.value : a.kind === 'const' ? a.value : undefined;
  const other = b.kind === 'const' ? a : b;
  if (constant !== undefined) {
    const unchanged = op === 'and' ? constant === -1 : constant === 0;
    if (unchanged) return other;
    const absorbs = (op === 'and' && constant === 0) || (op === 'or' && constant === -1);
    if (absorbs) {
      state.releaseEntry(other);
      return { kind: 'const', value: constant, high: false };
    }
  }
  return { kind: 'sum', source: { reg: wordOperation(context, op, a, b) }, c: 0, high: false };
}

function selectPairShift(context: Context, op: PairShift): void {
  const { state, masm } = context;
  const amount = popPair(context);
  state.releaseEntry(amount.high);
  if (amount.low.kind === 'const') {
    shiftByConstant(context, op, amount.low.value & 63);
    return;
  }
  const count = state.holdOwn(amount.low);
  const value = holdPair(context, popPair(context));
  // The word into which bits come from the other one is written first.
  const [lowAvoids, highAvoids] = op === 'shl' ? [[], [value.low, count]] : [[value.high, count], []];
  const to = pairDestination(context, [...value.held, { reg: count, owned: true }], lowAvoids, highAvoids);
  masm.shiftPair(op, to.pair, value, count);
  to.finish();
}

const zero: Entry = { kind: 'const', value: 0, high: false };

/** Words that are shifted as a whole wait for who needs them: one of the two is often dropped. */
function shiftByConstant(context: Context, op: PairShift, amount: number): void {
  const { state } = context;
  const value = popPair(context);
  if (amount === 0) {
    state.stack.push(value.low, value.high);
    return;
  }
  const left = op === 'shl';
  const [far, near] = left ? [value.high, value.low] : [value.low, value.high];
  const back: Shift = left ? 'shr_u' : 'shl';
  let farResult: Entry;
  let nearResult: Entry;
  if (amount < 32) {
    const source = sourceOf(context, near);
    if (far.kind === 'const' && far.value === 0) farResult = shifted(shared(context, source), back, 32 - amount);
    else {
      const moved = wordOperation(context, left ? 'shl' : 'shr_u', { ...far, high: false }, constant(amount));
      farResult = owned(combine(context, moved, reading(registerOf(source, state.allocation.localRegs)), back, 32 - amount));
    }
    nearResult = shifted(source, op, amount);
  } else {
    state.releaseEntry(far);
    const source = sourceOf(context, near);
    nearResult = op === 'shr_s' ? shifted(shared(context, source), 'shr_s', 31) : zero;
    farResult = amount === 32 ? { kind: 'sum', source, c: 0, high: false } : shifted(source, op, amount - 32);
  }
  const [low, high] = left ? [nearResult, farResult] : [farResult, nearResult];
  state.stack.push({ ...low, high: false }, { ...high, high: true });
}

function shifted(source: Source, shift: Shift, amount: number): Entry {
  return { kind: 'shift', source, shift, amount, c: 0, high: false };
}

/** The entry's value in a register, for an entry that keeps it there. */
function sourceOf({ state }: Context, entry: Entry): Source {
  if (entry.kind === 'sum' && entry.c === 0 && !state.isHomeLocal(entry.source)) return entry.source;
  const held = state.hold(entry);
  return held.owned ? { reg: held.reg } : { fixed: held.reg };
}

/** The same source for one more entry. */
function shared({ state }: Context, source: Source): Source {
  if ('reg' in source) state.temporaries.take(source.reg);
  return source;
}

/** moved | (near shifted by amount). */
function combine(context: Context, moved: Reg, near: Entry, shift: Shift, amount: number): Reg {
  const { state } = context;
  state.stack.push(owned(moved), near, constant(amount));
  composed(context, () => {
    selectAlu(context, shift);
    selectAlu(context, 'or');
  });
  return state.holdOwn(state.pop());
}

export function constant(value: number): Entry {
  return { kind: 'const', value, high: false };
}

export function owned(reg: Reg): Entry {
  return { kind: 'sum', source: { reg }, c: 0, high: false };
}

/** A rotation by a constant; others are routines. */
function selectPairRotate(context: Context, op: 'rotl' | 'rotr'): void {
  const { state } = context;
  const { low, high } = popPair(context);
  // A computed amount may have a constant low word and a high word in a register.
  state.releaseEntry(high);
  if (low.kind !== 'const') throw new InternalError('rotation by a variable amount is a routine');
  const amount = (op === 'rotl' ? low.value : -low.value) & 63;
  const value = popPair(context);
  // Rotating by 32 swaps the words; what is left is below 32.
  const swapped = amount >= 32 ? { low: value.high, high: value.low } : value;
  const rest = amount & 31;
  if (rest === 0) {
    state.stack.push({ ...swapped.low, high: false }, { ...swapped.high, high: true });
    return;
  }
  const source = holdPair(context, swapped);
  const parts = [
    [source.low, source.high],
    [source.high, source.low],
  ].map(([main, other]) => {
    const moved = wordOperation(context, 'shl', reading(main as Reg), constant(rest));
    return combine(context, moved, reading(other as Reg), 'shr_u', 32 - rest);
  });
  releasePair(context, source);
  pushPair(context, { low: parts[0] as Reg, high: parts[1] as Reg });
}

/** eq, ne: the words' differences, ored, against 0. */
function selectPairEquality(context: Context, cond: 'eq' | 'ne'): void {
  const b = popPair(context);
  const a = popPair(context);
  const low = foldedLogic(context, 'xor', a.low, b.low);
  const high = foldedLogic(context, 'xor', a.high, b.high);
  testBoth(context, cond, low, high);
}

function selectPairEqz(context: Context): void {
  const { low, high } = popPair(context);
  testBoth(context, 'eq', low, high);
}

function testBoth(context: Context, cond: 'eq' | 'ne', low: Entry, high: Entry): void {
  const reg = wordOperation(context, 'or', { ...low, high: false }, { ...high, high: false });
  consume(context, {
    condition: { test: 'compare', cond, a: reg, b: { imm: 0 } },
    held: [{ reg, owned: true }],
  });
}

function selectPairCompare(context: Context, cond: CompareCond): void {
  let b = popPair(context);
  let a = popPair(context);
  if (isConstant(a)) {
    [a, b] = [b, a];
    cond = swappedOf[cond];
  }
  if (isConstant(b) && compareWithConstant(context, cond, a, valueOf(b))) return;
  const right = holdPair(context, b);
  const left = holdPair(context, a);
  consume(context, {
    condition: { test: 'pair', cond, a: left, b: right },
    held: [...left.held, ...right.held],
  });
}

/** a COND value exactly if a OTHER value + 1. */
const beforeNext: Partial<Record<CompareCond, CompareCond>> = { gt_s: 'ge_s', le_s: 'lt_s', gt_u: 'ge_u', le_u: 'lt_u' };

/** Returns false where the constant has to be in registers. */
function compareWithConstant(context: Context, cond: CompareCond, a: PairEntry, value: bigint): boolean {
  const { state, masm } = context;
  const isSigned = cond.endsWith('_s');
  const next = beforeNext[cond];
  const bound = next === undefined ? value : value + 1n;
  const order = next ?? cond;
  if (isSigned && bound === 0n) {
    // The sign says it.
    state.releaseEntry(a.low);
    const high = state.hold(a.high);
    consume(context, { condition: { test: 'compare', cond: order, a: high.reg, b: { imm: 0 } }, held: [high] });
    return true;
  }
  const isLast = isSigned ? BigInt.asIntN(64, bound) !== bound : BigInt.asUintN(64, bound) === 0n;
  const imm = immediateOf(bound);
  if ((next !== undefined && isLast) || !masm.fitsPairImmediate('compare', imm)) return false;
  const left = holdPair(context, a);
  consume(context, { condition: { test: 'pair', cond: order, a: left, b: imm }, held: left.held });
  return true;
}

function selectWrap(context: Context): void {
  context.state.releaseEntry(context.state.pop());
}

/** i64.extend_i32_u, i64.extend_i32_s, i64.extend32_s: a low word and its extension. */
export function selectExtend(context: Context, signed: boolean): void {
  const { state } = context;
  const low = state.pop();
  if (!signed) {
    state.stack.push({ ...low, high: false }, { kind: 'const', value: 0, high: true });
    return;
  }
  if (low.kind === 'const') {
    state.stack.push({ ...low, high: false }, { ...constant(low.value >> 31), high: true });
    return;
  }
  const source = sourceOf(context, low);
  state.stack.push({ kind: 'sum', source, c: 0, high: false }, signOf(shared(context, source)));
}
