/** Operations on single words. */
import { commutes } from '../alu.js';
import { fitsImmediate, fitsReverse } from '../costs.js';
import * as arithmetic from '../layout/arithmetic.js';
import { compareTest, divS, immediate, register } from '../layout/machine.js';
import { divideByZeroTrap, overflowTrap } from '../layout/select.js';
import { alu, divide, reverseSubtract, unary } from '../masm/arithmetic.js';
import { newLabel } from '../masm/assembly.js';
import { bind, branchIfWords } from '../masm/conditions.js';
import { trapLabel } from '../select/context.js';
import { hold, holdOwn, isConstant, pop, pushConstant, pushTemporary, valueOf } from './operands.js';
import { finishResult, resultOf } from './results.js';

const signBit: i32 = -0x8000_0000;

/** An operation of `arithmetic.ts` on the two topmost words. */
export function selectAlu(op: i32): void {
  const b = pop();
  const a = pop();
  if (isConstant(a)) {
    if (commutes(op)) {
      placeAlu(op, b, a);
      return;
    }
    if (op === arithmetic.sub && fitsReverse(valueOf(a))) {
      const value = valueOf(a);
      const reg = hold(b);
      const to = resultOf(reg, -1);
      reverseSubtract(to, reg, value);
      finishResult(to);
      return;
    }
  }
  placeAlu(op, a, b);
}

function placeAlu(op: i32, a: i32, b: i32): void {
  const left = hold(a);
  if (isConstant(b) && fitsImmediate(op, valueOf(b))) {
    const value = valueOf(b);
    const to = resultOf(left, -1);
    alu(op, to, left, immediate, value, false);
    finishResult(to);
    return;
  }
  const right = hold(b);
  const to = resultOf(left, right);
  alu(op, to, left, register, right, false);
  finishResult(to);
}

/** Rotation to the left is one to the right by the negative amount. */
export function selectRotateLeft(): void {
  const b = pop();
  if (isConstant(b)) pushConstant(-valueOf(b) & 31, 0);
  else {
    const reg = holdOwn(b);
    reverseSubtract(reg, reg, 0);
    pushTemporary(reg, 0);
  }
  selectAlu(arithmetic.rotr);
}

/** An operation of `machine.ts` on the topmost word. */
export function selectUnary(op: i32): void {
  const reg = hold(pop());
  const to = resultOf(reg, -1);
  unary(op, to, reg);
  finishResult(to);
}

/** A division of `machine.ts`. Constant divisors other than 0 and -1 need no checks. */
export function selectDivide(op: i32): void {
  const b = pop();
  const a = pop();
  const isVariable = !isConstant(b);
  const divisor = valueOf(b);
  const right = hold(b);
  const left = hold(a);
  if (isVariable || divisor === 0) branchIfWords(compareTest, arithmetic.eq, right, immediate, 0, trapLabel(divideByZeroTrap));
  if (op === divS && (isVariable || divisor === -1)) {
    // The least number / -1 overflows.
    const fine = newLabel();
    branchIfWords(compareTest, arithmetic.ne, right, immediate, -1, fine);
    branchIfWords(compareTest, arithmetic.eq, left, immediate, signBit, trapLabel(overflowTrap));
    bind(fine);
  }
  const to = resultOf(left, right);
  divide(op, to, left, right);
  finishResult(to);
}
