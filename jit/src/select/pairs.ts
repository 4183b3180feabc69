import { InternalError } from '@fireball/contracts';
import type { PairOperation } from '../plan/family.js';
import { pairDestination, type Context } from './context.js';
import { consume } from './compare.js';
import { selectAlu, selectUnary } from './arithmetic.js';
import { swappedOf, type CompareCond, type PairImmediate } from '../target/conditions.js';
import type { AluOp, PairShift, Shift } from '../target/macro-assembler.js';
import type { Pair, Reg } from '../target/registers.js';
import type { Entry } from './operands.js';
import type { Held } from './temporaries.js';

/** Two words of the stack: low below high. */
interface PairEntry {
  readonly low: Entry;
  readonly high: Entry;
}

interface HeldPair extends Pair {
  readonly held: readonly [Held, Held];
}

function popPair(context: Context): PairEntry {
  const high = context.state.pop();
  const low = context.state.pop();
  return { low, high };
}

function holdPair(context: Context, pair: PairEntry): HeldPair {
  const low = context.state.hold(pair.low);
  const high = context.state.hold(pair.high);
  return { low: low.reg, high: high.reg, held: [low, high] };
}

/** Both words are constants. */
interface ConstantPair {
  readonly low: Entry & { readonly kind: 'const' };
  readonly high: Entry & { readonly kind: 'const' };
}

function isConstant(pair: PairEntry): pair is ConstantPair {
  return pair.low.kind === 'const' && pair.high.kind === 'const';
}

function valueOf({ low, high }: ConstantPair): bigint {
  return (BigInt(high.value) << 32n) | BigInt(low.value >>> 0);
}

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

/** The same, for the holder's last read of it. */
function lastUse(held: Held): Entry {
  return held.owned ? owned(held.reg) : reading(held.reg);
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

function selectPairMultiply(context: Context): void {
  const right = holdPair(context, popPair(context));
  const left = holdPair(context, popPair(context));
  // In place it is slower: only where registers are short.
  const read = context.state.temporaries.hasFree(2) ? [left.low, left.high, right.low, right.high] : [];
  const to = pairDestination(context, [...left.held, ...right.held], read, read);
  context.masm.multiplyPair(to.pair, left, right);
  to.finish();
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

function shiftByConstant(context: Context, op: PairShift, amount: number): void {
  const { state } = context;
  const value = popPair(context);
  if (amount === 0) {
    state.stack.push(value.low, value.high);
    return;
  }
  const left = op === 'shl';
  const { held } = holdPair(context, value);
  const [far, near] = left ? [held[1], held[0]] : held;
  const forth: Shift = left ? 'shl' : 'shr_u';
  const back: Shift = left ? 'shr_u' : 'shl';
  let rdFar: Reg;
  let rdNear: Entry;
  if (amount < 32) {
    const moved = wordOperation(context, forth, lastUse(far), constant(amount));
    rdFar = combine(context, moved, reading(near.reg), back, 32 - amount);
    rdNear = owned(wordOperation(context, op, lastUse(near), constant(amount)));
  } else {
    state.release(far);
    rdNear = op === 'shr_s' ? owned(wordOperation(context, 'shr_s', reading(near.reg), constant(31))) : zero;
    rdFar = amount === 32 ? state.holdOwn(lastUse(near)) : wordOperation(context, op, lastUse(near), constant(amount - 32));
  }
  const farEntry = owned(rdFar);
  const [low, high] = left ? [rdNear, farEntry] : [farEntry, rdNear];
  state.stack.push({ ...low, high: false }, { ...high, high: true });
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

function copyOf(context: Context, entry: Entry): Reg {
  const { state } = context;
  const reg = state.allocate();
  state.compute(entry, reg);
  return reg;
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
  const held = state.hold(low);
  const high = wordOperation(context, 'shr_s', reading(held.reg), constant(31));
  const reg = held.owned && state.temporaries.isExclusive(held.reg) ? held.reg : copyOf(context, reading(held.reg));
  if (reg !== held.reg) state.release(held);
  state.contents.forget(reg);
  pushPair(context, { low: reg, high });
}
