/** Arithmetic on single words. Additions of constants, constant shifts and products may stay pending. */
import { leadingZeros, load32, load8 } from '@fireball/wasm';
import { commutes, isPowerOfTwo } from '../alu.js';
import { fitsImmediate, fitsReverse } from '../costs.js';
import { operationAt } from '../instructions.js';
import * as arithmetic from '../layout/arithmetic.js';
import { flagsField, isShort } from '../layout/body.js';
import { compareTest, divS, extend16S, extend8S, immediate } from '../layout/machine.js';
import {
  divideByZeroTrap,
  entryAmount,
  entryC,
  entryFrom,
  entryKind,
  entryShift,
  entrySource,
  fixedSource,
  i32Add,
  i32Sub,
  noHeld,
  noReg,
  overflowTrap,
  ownSource,
  productEntry,
  shiftEntry,
  sumEntry,
} from '../layout/select.js';
import { alu, aluShifted, divide, extractField, move, multiplyAccumulate, reverseSubtract, unary } from '../masm/arithmetic.js';
import { newLabel } from '../masm/assembly.js';
import { bind, branchIfWords } from '../masm/conditions.js';
import { hasBitFields, isIndexed, multipliesAndAdds, shiftsOperands } from '../masm/properties.js';
import { findPinned, forget } from './contents.js';
import { currentRecord, isComposing, nextRecord, trapLabel } from './context.js';
import { destination, finishDestination } from './destination.js';
import { constEntry, isConst, isHigh, isPlainSum, productEntryOf, shiftEntryOf, sumEntryOf } from './entries.js';
import { isOwned, regOf } from './held.js';
import { pop, push } from './operand-stack.js';
import { hold, holdUnless, isHome, operandKind, operandValue, pushConst, pushReg, release, takeTemp } from './state.js';

const signBit: i32 = -0x8000_0000;

/** An operation of `arithmetic.ts` on the two topmost words. */
export function selectAlu(op: i32): void {
  const b = pop();
  const a = pop();
  const isConstantA = isConst(a);
  // Conditions one by one: those that ask for several things take more instructions.
  if (isConst(b)) {
    if (!isConstantA) {
      if (withConstant(op, a, load32(b + entryC))) return;
    }
  } else if (isConstantA) {
    if (op === arithmetic.add) {
      addConstant(b, load32(a + entryC));
      return;
    }
  }
  if (op === arithmetic.mul) {
    if (multipliesAndAdds() && !isConstantA && pendProduct(a, b)) return;
  } else if (op <= arithmetic.sub && multipliesAndAdds()) {
    const takesSecond = load8(b + entryKind) === productEntry;
    if (takesSecond || (op === arithmetic.add && load8(a + entryKind) === productEntry)) {
      multiplyAdd(op, takesSecond ? b : a, takesSecond ? a : b);
      return;
    }
  }
  if (op === arithmetic.and && hasBitFields() && selectField(a, b)) return;
  if (op <= arithmetic.xor && shiftsOperands()) {
    if (isPlainShift(b)) {
      shiftedOperand(op, a, b);
      return;
    }
    if (isPlainShift(a) && commutes(op)) {
      shiftedOperand(op, b, a);
      return;
    }
  }
  plainAlu(op, a, b);
}

/** What a constant as the second operand makes another operation, or lets wait. */
function withConstant(op: i32, a: i32, value: i32): boolean {
  if (op === arithmetic.add) addConstant(a, value);
  else if (op === arithmetic.sub) addConstant(a, -value | 0);
  else if (op === arithmetic.mul && isPowerOfTwo(value)) selectShift(a, arithmetic.shl, 31 - leadingZeros(value));
  else if (op >= arithmetic.shl && op <= arithmetic.rotr) selectShift(a, op, value & 31);
  else return false;
  return true;
}

/** `and` with a constant that changes nothing. */
export function dropMask(): void {
  const b = pop();
  const a = pop();
  push(isConst(b) ? a : b);
}

/** Is it a source that is shifted, and nothing else? */
function isPlainShift(entry: i32): boolean {
  return load8(entry + entryKind) === shiftEntry && load32(entry + entryC) === 0;
}

/** Is product + constant one multiply-add, because the constant has to be in a register anyway? */
function takesMultiplyAdd(entry: i32, c: i32): boolean {
  if (!multipliesAndAdds() || load8(entry + entryKind) !== productEntry) return false;
  return findPinned(c) !== noReg || !fitsImmediate(arithmetic.add, c);
}

/** A sum stays pending: it may become an address offset, an immediate, or go straight to a local. */
export function addConstant(entry: i32, c: i32): void {
  if (takesMultiplyAdd(entry, c)) {
    multiplyAdd(arithmetic.add, entry, constEntry(c, false));
    return;
  }
  const kind = load8(entry + entryKind);
  const from = load8(entry + entryFrom);
  const source = load32(entry + entrySource);
  const sum = (load32(entry + entryC) + c) | 0;
  if (kind === sumEntry) {
    // A wide constant and a local from memory would both need the scratch register.
    if (isHome(from, source) && !fitsImmediate(arithmetic.add, sum)) {
      const held = hold(sumEntryOf(from, source, 0, false));
      push(sumEntryOf(ownSource, regOf(held), sum, isHigh(entry)));
    } else push(sumEntryOf(from, source, sum, isHigh(entry)));
    return;
  }
  if (kind === shiftEntry && scales(entry)) {
    push(shiftEntryOf(from, source, load8(entry + entryShift), load32(entry + entryAmount), sum, isHigh(entry)));
    return;
  }
  push(sumEntryOf(ownSource, own(hold(entry)), c, false));
}

/** An index that an access can scale by itself, so that a constant behind it may wait for the address of a table. */
function scales(entry: i32): boolean {
  if (!isIndexed() || load8(entry + entryShift) !== arithmetic.shl || load32(entry + entryAmount) > 3) return false;
  // Constant and local would both need the scratch register.
  return !isHome(load8(entry + entryFrom), load32(entry + entrySource));
}

/** A held register as an owned temporary: copied where it belongs to a local or constant. */
function own(held: i32): i32 {
  const from = regOf(held);
  if (isOwned(held)) {
    forget(from);
    return from;
  }
  const reg = takeTemp(noReg);
  move(reg, from);
  return reg;
}

function selectShift(entry: i32, op: i32, amount: i32): void {
  if (amount === 0) {
    push(entry);
    return;
  }
  if (shiftsOperands() && isPlainSum(entry)) {
    push(shiftEntryOf(load8(entry + entryFrom), load32(entry + entrySource), op, amount, 0, false));
    return;
  }
  if (op === arithmetic.shrS && amount >= 16 && hasBitFields() && extendsSign(entry, amount)) return;
  const held = hold(entry);
  const to = destination(regOf(held), held, noHeld, noHeld);
  alu(op, to, regOf(held), immediate, amount, false);
  finishDestination();
}

/** What was shifted up as far is a byte or half-word whose sign is extended: one instruction. @noinline */
function extendsSign(entry: i32, amount: i32): boolean {
  if ((amount & 7) !== 0 || !isPlainShift(entry) || load8(entry + entryShift) !== arithmetic.shl || load32(entry + entryAmount) !== amount) return false;
  push(sumEntryOf(load8(entry + entryFrom), load32(entry + entrySource), 0, isHigh(entry)));
  selectUnary(amount === 16 ? extend16S : extend8S);
  return true;
}

/** Leaves a product pending if both factors can wait without costing more than the result. */
function pendProduct(a: i32, b: i32): boolean {
  if (!isPlainSum(a)) return false;
  const from = load8(a + entryFrom);
  const source = load32(a + entrySource);
  if (isPlainSum(b)) {
    const fromB = load8(b + entryFrom);
    const sourceB = load32(b + entrySource);
    if (!isHome(from, source) && !isHome(fromB, sourceB)) push(productEntryOf(from, source, fromB, sourceB, false));
    else if (isAdded()) push(productEntryOf(ownSource, own(hold(a)), ownSource, own(hold(b)), false));
    // Computed without temporaries, a product can load at most one factor.
    else return false;
    return true;
  }
  if (isHome(from, source)) return false;
  if (!isConst(b)) return false;
  const held = hold(b);
  if (isOwned(held)) {
    forget(regOf(held));
    push(productEntryOf(from, source, ownSource, regOf(held), false));
  } else push(productEntryOf(from, source, fixedSource, regOf(held), false));
  return true;
}

/** Is the result the second operand of an addition or subtraction? */
function isAdded(): boolean {
  const operation = operationAt(nextRecord());
  return operation === i32Add || operation === i32Sub;
}

/** other OP product, one instruction. */
function multiplyAdd(op: i32, product: i32, other: i32): void {
  const addend = hold(other);
  const left = hold(sumEntryOf(load8(product + entryFrom), load32(product + entrySource), 0, false));
  const right = hold(sumEntryOf(load8(product + entryShift), load32(product + entryAmount), 0, false));
  const to = destination(regOf(addend), addend, left, right);
  multiplyAccumulate(op, to, regOf(left), regOf(right), regOf(addend));
  finishDestination();
}

/**
 * A mask of one run of bits: the field comes to the bottom in one instruction, and what is left to shift waits. Returns false where
 * that is no shorter than shift and mask.
 */
function selectField(a: i32, b: i32): boolean {
  const constant = isConst(b) ? b : a;
  const entry = isConst(b) ? a : b;
  const mask = isConst(constant) ? load32(constant + entryC) : 0;
  if (mask === 0) return false;
  const lowest = 31 - leadingZeros(mask & (-mask | 0));
  const run = (mask >>> lowest) | 0;
  if ((run & (run + 1)) !== 0) return false;
  const bits = 32 - leadingZeros(run);
  const isShift = isPlainShift(entry) && load8(entry + entryShift) !== arithmetic.rotr;
  if (!isShift && (!isPlainSum(entry) || fitsImmediate(arithmetic.and, mask) || findPinned(mask) !== noReg)) return false;
  const lsb = lowest + (isShift ? downwards(entry) : 0);
  if (lsb < 0 || lsb + bits > 32) return false;
  const held = hold(sumEntryOf(load8(entry + entryFrom), load32(entry + entrySource), 0, false));
  const from = regOf(held);
  if (lowest === 0) {
    extract(destination(from, held, noHeld, noHeld), from, lsb, bits, run);
    finishDestination();
    return true;
  }
  release(held);
  const reg = takeTemp(from);
  extract(reg, from, lsb, bits, run);
  push(shiftEntryOf(ownSource, reg, arithmetic.shl, lowest, 0, false));
  return true;
}

function extract(rd: i32, from: i32, lsb: i32, bits: i32, run: i32): void {
  if (lsb + bits === 32) alu(arithmetic.shrU, rd, from, immediate, lsb, false);
  else if (lsb === 0) alu(arithmetic.and, rd, from, immediate, run, false);
  else extractField(rd, from, lsb, bits);
}

/** Bits by which a shift moves down what a mask may leave of it. */
function downwards(entry: i32): i32 {
  const amount = load32(entry + entryAmount);
  return load8(entry + entryShift) === arithmetic.shl ? -amount : amount;
}

function shiftedOperand(op: i32, a: i32, b: i32): void {
  const left = hold(a);
  const right = hold(sumEntryOf(load8(b + entryFrom), load32(b + entrySource), 0, false));
  const to = destination(regOf(left), left, right, noHeld);
  aluShifted(op, to, regOf(left), regOf(right), load8(b + entryShift), load32(b + entryAmount));
  finishDestination();
}

function plainAlu(op: i32, a: i32, b: i32): void {
  const isConstantA = isConst(a);
  if (op === arithmetic.sub && isConstantA && fitsReverse(load32(a + entryC))) {
    const held = hold(b);
    const to = destination(regOf(held), held, noHeld, noHeld);
    reverseSubtract(to, regOf(held), load32(a + entryC));
    finishDestination();
    return;
  }
  const isShortShift = !isComposing() && (load32(currentRecord() + flagsField) & isShort) !== 0;
  const swaps = isConstantA && commutes(op);
  const second = swaps ? a : b;
  const left = hold(swaps ? b : a);
  const right = holdUnless(second, isConst(second) && fitsImmediate(op, load32(second + entryC)));
  const to = destination(!isOwned(left) && isOwned(right) ? regOf(right) : regOf(left), left, right, noHeld);
  alu(op, to, regOf(left), operandKind(right), operandValue(right, second), isShortShift);
  finishDestination();
}

/** Rotation left by n is rotation right by -n. */
export function selectRotateLeft(): void {
  const b = pop();
  if (isConst(b)) pushConst(-load32(b + entryC) & 31, false);
  else {
    const held = hold(b);
    release(held);
    const reg = takeTemp(regOf(held));
    reverseSubtract(reg, regOf(held), 0);
    pushReg(reg, false);
  }
  selectAlu(arithmetic.rotr);
}

/** An operation of `machine.ts` on the topmost word. */
export function selectUnary(op: i32): void {
  const held = hold(pop());
  const to = destination(regOf(held), held, noHeld, noHeld);
  unary(op, to, regOf(held));
  finishDestination();
}

/** A division of `machine.ts`. Constant divisors other than 0 and -1 need no checks. */
export function selectDivide(op: i32): void {
  const b = pop();
  const a = pop();
  const right = hold(b);
  const left = hold(a);
  const isVariable = !isConst(b);
  if (isVariable || load32(b + entryC) === 0) branchIfWords(compareTest, arithmetic.eq, regOf(right), immediate, 0, trapLabel(divideByZeroTrap));
  if (op === divS && (isVariable || load32(b + entryC) === -1)) {
    // The least number / -1 overflows.
    const fine = newLabel();
    branchIfWords(compareTest, arithmetic.ne, regOf(right), immediate, -1, fine);
    branchIfWords(compareTest, arithmetic.eq, regOf(left), immediate, signBit, trapLabel(overflowTrap));
    bind(fine);
  }
  const to = destination(regOf(left), left, right, noHeld);
  divide(op, to, regOf(left), regOf(right));
  finishDestination();
}
