import { commutes, isPowerOfTwo } from '../core/alu.js';
import type { Context } from './context.js';
import { destination, trapLabel } from './context.js';
import { aluNumbers } from '../target/alu.js';
import type { AluOp, DivideOp, UnaryOp } from '../target/macro-assembler.js';
import type { Reg } from '../target/registers.js';
import type { Entry } from './operands.js';
import type { Held } from './temporaries.js';

/** Two-operand i32 arithmetic. Additions of constants, constant shifts and products may stay pending. */
export function selectAlu(context: Context, op: AluOp): void {
  const { state, masm } = context;
  const b = state.pop();
  const a = state.pop();
  if (op === 'add' && a.kind === 'const' && b.kind !== 'const') {
    addConstant(context, b, a.value);
    return;
  }
  if (b.kind === 'const' && a.kind !== 'const') {
    if (op === 'add') {
      addConstant(context, a, b.value);
      return;
    }
    if (op === 'sub') {
      addConstant(context, a, -b.value);
      return;
    }
    if (op === 'mul' && isPowerOfTwo(b.value)) {
      selectShift(context, a, 'shl', 31 - Math.clz32(b.value));
      return;
    }
    if (op === 'shl' || op === 'shr_s' || op === 'shr_u' || op === 'rotr') {
      selectShift(context, a, op, b.value & 31);
      return;
    }
  }
  if (op === 'mul' && masm.multiplyAdd && a.kind !== 'const' && pendProduct(context, a, b)) return;
  if (op === 'add' && masm.multiplyAdd && (a.kind === 'product' || b.kind === 'product')) {
    multiplyAdd(context, op, a, b);
    return;
  }
  if (op === 'sub' && masm.multiplyAdd && b.kind === 'product') {
    multiplyAdd(context, op, a, b);
    return;
  }
  if (op === 'and' && masm.bitFields && selectField(context, a, b)) return;
  if (masm.shiftedOperands && op !== 'mul') {
    if (b.kind === 'shift' && b.c === 0 && takesShift(op)) {
      shiftedOperand(context, op, a, b);
      return;
    }
    if (a.kind === 'shift' && a.c === 0 && takesShift(op) && commutes(aluNumbers[op])) {
      shiftedOperand(context, op, b, a);
      return;
    }
  }
  plainAlu(context, op, a, b);
}

/** `and` with a constant that changes nothing. */
export function dropMask({ state }: Context): void {
  const b = state.pop();
  const a = state.pop();
  state.stack.push(b.kind === 'const' ? a : b);
}

function takesShift(op: AluOp): boolean {
  return op === 'add' || op === 'sub' || op === 'and' || op === 'or' || op === 'xor';
}

/** Is product + constant one multiply-add, because the constant has to be in a register anyway? */
function takesMultiplyAdd(context: Context, entry: Entry, c: number): boolean {
  const { masm, state } = context;
  if (!masm.multiplyAdd || entry.kind !== 'product') return false;
  return state.contents.findPinned(c) !== undefined || !masm.fitsImmediate('add', c);
}

/** A sum stays pending: it may become an address offset, an immediate, or go straight to a local. */
export function addConstant(context: Context, entry: Entry, c: number): void {
  const { state, masm } = context;
  if (takesMultiplyAdd(context, entry, c)) {
    multiplyAdd(context, 'add', entry, { kind: 'const', value: c, high: false });
    return;
  }
  if (entry.kind === 'sum') {
    const sum = (entry.c + c) | 0;
    // A wide constant and a local from memory would both need the scratch register.
    const held = state.isHomeLocal(entry.source) && !masm.fitsImmediate('add', sum) ? state.hold({ ...entry, c: 0 }) : undefined;
    state.stack.push({ ...entry, source: held === undefined ? entry.source : { reg: held.reg }, c: sum });
    return;
  }
  if (entry.kind === 'shift' && scales(context, entry)) {
    state.stack.push({ ...entry, c: (entry.c + c) | 0 });
    return;
  }
  const held = own(context, state.hold(entry));
  state.stack.push({ kind: 'sum', source: { reg: held }, c: c | 0, high: false });
}

/** An index that an access can scale by itself, so that a constant behind it may wait for the address of a table. */
function scales({ state, masm }: Context, { shift, amount, source }: Entry & { kind: 'shift' }): boolean {
  // Constant and local would both need the scratch register.
  return masm.indexed && shift === 'shl' && amount <= 3 && !state.isHomeLocal(source);
}

/** A held register as an owned temporary: copied where it belongs to a local or constant. */
function own(context: Context, held: Held): Reg {
  if (held.owned) {
    context.state.contents.forget(held.reg);
    return held.reg;
  }
  const reg = context.state.allocate();
  context.masm.move(reg, held.reg);
  return reg;
}

function selectShift(context: Context, entry: Entry, op: 'shl' | 'shr_s' | 'shr_u' | 'rotr', amount: number): void {
  const { state, masm } = context;
  if (amount === 0) {
    state.stack.push(entry);
    return;
  }
  if (masm.shiftedOperands && entry.kind === 'sum' && entry.c === 0) {
    state.stack.push({ kind: 'shift', source: entry.source, shift: op, amount, c: 0, high: false });
    return;
  }
  const held = state.hold(entry);
  const to = destination(context, [held], held.reg);
  masm.alu(op, to.reg, held.reg, { imm: amount });
  to.finish();
}

/** Leaves a product pending if both factors can wait without costing more than the result. */
function pendProduct(context: Context, a: Entry, b: Entry): boolean {
  if (a.kind !== 'sum' || a.c !== 0) return false;
  const { state } = context;
  // Computed without temporaries, a product can load at most one factor.
  if (state.isHomeLocal(a.source) || (b.kind === 'sum' && state.isHomeLocal(b.source))) return false;
  if (b.kind === 'sum' && b.c === 0) {
    state.stack.push({ kind: 'product', a: a.source, b: b.source, high: false });
    return true;
  }
  if (b.kind !== 'const') return false;
  const held = state.hold(b);
  if (held.owned) {
    state.contents.forget(held.reg);
    state.stack.push({ kind: 'product', a: a.source, b: { reg: held.reg }, high: false });
    return true;
  }
  state.stack.push({ kind: 'product', a: a.source, b: { fixed: held.reg }, high: false });
  return true;
}

function multiplyAdd(context: Context, op: 'add' | 'sub', a: Entry, b: Entry): void {
  const { state, masm } = context;
  const product = b.kind === 'product' ? b : a;
  const other = product === b ? a : b;
  if (product.kind !== 'product') return;
  const addend = state.hold(other);
  const left = state.hold({ kind: 'sum', source: product.a, c: 0, high: false });
  const right = state.hold({ kind: 'sum', source: product.b, c: 0, high: false });
  const to = destination(context, [addend, left, right], addend.reg);
  masm.multiplyAccumulate(op, to.reg, left.reg, right.reg, addend.reg);
  to.finish();
}

/**
 * A mask of one run of bits: the field comes to the bottom in one instruction, and what is left to shift waits. Returns false where
 * that is no shorter than shift and mask.
 */
function selectField(context: Context, a: Entry, b: Entry): boolean {
  const { state, masm } = context;
  const mask = b.kind === 'const' ? b.value : a.kind === 'const' ? a.value : 0;
  const entry = b.kind === 'const' ? a : b;
  if (mask === 0) return false;
  const lowest = 31 - Math.clz32(mask & -mask);
  const bits = 32 - Math.clz32(mask >>> lowest);
  if (mask >>> lowest !== 2 ** bits - 1) return false;
  const down = entry.kind === 'shift' && entry.c === 0 ? downwards(entry) : undefined;
  if (down === undefined && (entry.kind !== 'sum' || entry.c !== 0 || masm.fitsImmediate('and', mask) || state.contents.findPinned(mask) !== undefined))
    return false;
  const lsb = lowest + (down ?? 0);
  if (lsb < 0 || lsb + bits > 32 || (entry.kind !== 'sum' && entry.kind !== 'shift')) return false;
  const held = state.hold({ kind: 'sum', source: entry.source, c: 0, high: false });
  const extract = (rd: Reg): void => {
    if (lsb + bits === 32) masm.alu('shr_u', rd, held.reg, { imm: lsb });
    else if (lsb === 0) masm.alu('and', rd, held.reg, { imm: mask >>> lowest });
    else masm.extractField(rd, held.reg, lsb, bits);
  };
  if (lowest === 0) {
    const to = destination(context, [held], held.reg);
    extract(to.reg);
    to.finish();
    return true;
  }
  state.release(held);
  const reg = state.allocate(held.reg);
  extract(reg);
  state.stack.push({ kind: 'shift', source: { reg }, shift: 'shl', amount: lowest, c: 0, high: false });
  return true;
}

/** Bits by which a shift moves down what a mask may leave of it; undefined where it does other things. */
function downwards({ shift, amount }: Entry & { kind: 'shift' }): number | undefined {
  if (shift === 'rotr') return undefined;
  return shift === 'shl' ? -amount : amount;
}

function shiftedOperand(context: Context, op: AluOp, a: Entry, b: Entry & { kind: 'shift' }): void {
  const { state, masm } = context;
  const left = state.hold(a);
  const right = state.hold({ kind: 'sum', source: b.source, c: 0, high: false });
  const to = destination(context, [left, right], left.reg);
  masm.aluShifted(op, to.reg, left.reg, right.reg, b.shift, b.amount);
  to.finish();
}

function plainAlu(context: Context, op: AluOp, a: Entry, b: Entry): void {
  const { state, masm } = context;
  if (op === 'sub' && a.kind === 'const' && masm.fitsReverse(a.value)) {
    const held = state.hold(b);
    const to = destination(context, [held], held.reg);
    masm.reverseSubtract(to.reg, held.reg, a.value);
    to.finish();
    return;
  }
  const isShort = !context.composing && context.plan.found.isShort(context.index);
  const swap = a.kind === 'const' && commutes(aluNumbers[op]);
  const left = state.hold(swap ? b : a);
  const right = state.operand(swap ? a : b, (value) => masm.fitsImmediate(op, value));
  const prefer = left.owned || right.held?.owned !== true ? left.reg : right.held.reg;
  const to = destination(context, [left, right.held], prefer);
  masm.alu(op, to.reg, left.reg, right.operand, isShort);
  to.finish();
}

/** Rotation left by n is rotation right by -n. */
export function selectRotateLeft(context: Context): void {
  const { state, masm } = context;
  const b = state.pop();
  if (b.kind === 'const') {
    state.pushConst(-b.value & 31);
  } else {
    const held = state.hold(b);
    state.release(held);
    const reg = state.allocate(held.reg);
    masm.reverseSubtract(reg, held.reg, 0);
    state.pushReg(reg);
  }
  selectAlu(context, 'rotr');
}

export function selectUnary(context: Context, op: UnaryOp): void {
  const { state, masm } = context;
  const held = state.hold(state.pop());
  const to = destination(context, [held], held.reg);
  masm.unary(op, to.reg, held.reg);
  to.finish();
}

/** Division checks: constant divisors other than 0 and -1 need none. */
export function selectDivide(context: Context, op: DivideOp): void {
  const { state, masm } = context;
  const b = state.pop();
  const a = state.pop();
  const right = state.hold(b);
  const left = state.hold(a);
  if (b.kind !== 'const' || b.value === 0) {
    masm.branchIf({ test: 'compare', cond: 'eq', a: right.reg, b: { imm: 0 } }, trapLabel(context, 'integer divide by zero'));
  }
  if (op === 'div_s' && (b.kind !== 'const' || b.value === -1)) {
    // INT_MIN / -1 overflows.
    const fine = masm.assembly.newLabel();
    masm.branchIf({ test: 'compare', cond: 'ne', a: right.reg, b: { imm: -1 } }, fine);
    masm.branchIf({ test: 'compare', cond: 'eq', a: left.reg, b: { imm: -0x8000_0000 } }, trapLabel(context, 'integer overflow'));
    masm.bind(fine);
  }
  const to = destination(context, [left, right], left.reg);
  masm.divide(op, to.reg, left.reg, right.reg);
  to.finish();
}
