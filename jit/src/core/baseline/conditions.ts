/** Comparisons, and what consumes them: where that is the next instruction, the result is no number. */
import { load32, store32 } from '@fireball/wasm';
import { fitsImmediate } from '../costs.js';
import * as arithmetic from '../layout/arithmetic.js';
import * as layout from '../layout/baseline.js';
import * as machine from '../layout/machine.js';
import { brIf, i32Eqz, ifOp, pendingCondition, select } from '../layout/select.js';
import { choose, setIf } from '../masm/conditions.js';
import { invert, swapped } from '../masm/condition-words.js';
import { hold, isConstant, isHighRow, isTemporary, pop, popRows, pushTemporary, release, takeTemporary, topRows, valueOf } from './operands.js';
import { nextByte, skip } from './reading.js';
import { finishResult, resultOf } from './results.js';

const selectOfType: i32 = 0x1c;

/** i32 comparisons, by their condition. */
export function compareWords(cond: i32): void {
  let b = pop();
  let a = pop();
  let code = cond;
  if (isConstant(a)) {
    const other = a;
    a = b;
    b = other;
    code = swapped(cond);
  }
  const left = hold(a);
  if (isConstant(b) && fitsImmediate(arithmetic.compare, valueOf(b))) {
    pend(machine.compareTest, code, left, machine.immediate, valueOf(b));
    holdPending(left);
  } else {
    const right = hold(b);
    pend(machine.compareTest, code, left, machine.register, right);
    holdPending(left);
    holdPending(right);
  }
  consume();
}

/** Is the topmost word 0? */
export function compareWithZero(): void {
  pendZero(arithmetic.eq, hold(pop()));
  consume();
}

/** Makes a comparison of words the pending condition, which holds no registers so far. */
export function pend(test: i32, cond: i32, a: i32, bKind: i32, b: i32): void {
  store32(layout.pendingRegs, 0);
  store32(pendingCondition + machine.conditionTest, test);
  store32(pendingCondition + machine.conditionCode, cond);
  store32(pendingCondition + machine.conditionHolds, 1);
  store32(pendingCondition + machine.conditionA, a);
  store32(pendingCondition + machine.conditionBKind, bKind);
  store32(pendingCondition + machine.conditionB, b);
}

/** It holds a register until it is consumed. */
export function holdPending(reg: i32): void {
  store32(layout.pendingRegs, load32(layout.pendingRegs) | (1 << reg));
}

/** The comparison of a register with 0, which it holds. */
export function pendZero(cond: i32, reg: i32): void {
  pend(machine.compareTest, cond, reg, machine.immediate, 0);
  holdPending(reg);
}

/** It has been consumed. */
export function releasePending(): void {
  store32(layout.isPending, 0);
  store32(layout.busy, load32(layout.busy) & ~load32(layout.pendingRegs));
}

/** Leaves the pending condition to the next instruction, if that is one that consumes it, or makes a number of it. */
export function consume(): void {
  let next = nextByte();
  while (next === i32Eqz) {
    invert(pendingCondition);
    skip(1);
    next = nextByte();
  }
  if (next === brIf || next === ifOp || next === select || next === selectOfType) {
    store32(layout.isPending, 1);
    return;
  }
  const reg = resultOf(-1, -1);
  setIf(reg, pendingCondition);
  releasePending();
  finishResult(reg);
}

/** Has the condition of the instruction in question be pending: what has been compared in front of it, or that the topmost word is not 0. */
export function takeCondition(): void {
  if (load32(layout.isPending) === 0) pendZero(arithmetic.ne, hold(pop()));
}

/** select: of two values of one word or two. */
export function selectValue(): void {
  takeCondition();
  const isPair = isHighRow(topRows(1)) !== 0;
  if (isPair) choosePair();
  else chooseWord();
}

function chooseWord(): void {
  const b = hold(pop());
  const a = hold(pop());
  // The condition's registers stay held: the result is in none of them.
  const reg = resultOf(a, b);
  choose(reg, pendingCondition, machine.register, a, machine.register, b);
  releasePending();
  finishResult(reg);
}

function choosePair(): void {
  if (load32(pendingCondition + machine.conditionTest) !== machine.compareTest) makeNumber();
  const rows = popRows(4);
  chooseInto(rows, 0);
  chooseInto(rows, 1);
  releasePending();
}

/** Fewer registers, and none of floats: the condition is that a number is not 0. */
function makeNumber(): void {
  const reg = takeTemporary();
  setIf(reg, pendingCondition);
  releasePending();
  pendZero(arithmetic.ne, reg);
}

/** The word of a number of the choice between two pairs, whose words lie at `rows`. What the condition reads is left alone: it is asked once more for the second word. */
function chooseInto(rows: i32, high: i32): void {
  const a = hold(rows + high * layout.operandStride);
  const b = hold(rows + (2 + high) * layout.operandStride);
  const reg = isTemporary(a) ? a : isTemporary(b) ? b : takeTemporary();
  choose(reg, pendingCondition, machine.register, a, machine.register, b);
  release(a);
  release(b);
  pushTemporary(reg, high);
}
