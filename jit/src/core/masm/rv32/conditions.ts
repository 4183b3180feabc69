/** Comparisons of RV32 and what consumes them, and branch tables. */
import { load32 } from '@fireball/wasm';
import * as arithmetic from '../../layout/arithmetic.js';
import {
  bitsTest,
  compareTest,
  conditionA,
  conditionAHigh,
  conditionB,
  conditionBHigh,
  conditionBKind,
  conditionCode,
  conditionHolds,
  conditionTest,
  conditionType,
  floatTest,
  heldTest,
  immediate,
  pairTest,
  register,
} from '../../layout/machine.js';
import { noForm } from '../../layout/masm.js';
import * as t from '../../layout/rv32-templates.js';
import { bindLabel, newLabel } from '../assembly.js';
import { readsRegister } from '../condition-words.js';
import { branchTo } from '../leaving.js';
import { emit2, emit3, emit4, refuse } from '../records.js';
import { aluImmediate, aluRegister } from './arithmetic.js';
import { branchIfRegisters, jump } from './branches.js';
import { loadConst, move, shiftCode, sltCode, sltuCode, t1, t2, x0, xorCode } from './emitter.js';
import { compareFloats, setIfFloats } from './floats.js';
import { branchPair } from './pairs.js';

/** rd = a OP b. */
export function alu(op: i32, rd: i32, a: i32, bKind: i32, b: i32): void {
  if (bKind === immediate) aluImmediate(op, rd, a, b);
  else aluRegister(op, rd, a, b);
}

export function setIf(rd: i32, condition: i32): void {
  const test = load32(condition + conditionTest);
  const cond = load32(condition + conditionCode);
  const a = load32(condition + conditionA);
  const bKind = load32(condition + conditionBKind);
  const b = load32(condition + conditionB);
  switch (test) {
    case pairTest:
      choose(rd, condition, immediate, 1, immediate, 0);
      return;
    case floatTest:
      setIfFloats(rd, load32(condition + conditionType), cond, load32(condition + conditionHolds), a, b);
      return;
    case bitsTest:
      alu(arithmetic.and, rd, a, bKind, b);
      setIfWords(rd, cond, rd, immediate, 0);
      return;
    case heldTest:
      refuse(noForm, test);
      return;
    default:
      setIfWords(rd, cond, a, bKind, b);
  }
}

function setIfWords(rd: i32, cond: i32, a: i32, bKind: i32, b: i32): void {
  if (cond <= arithmetic.ne) {
    setIfEqual(rd, cond, a, bKind, b);
    return;
  }
  const code = cond < arithmetic.ltU ? sltCode : sltuCode;
  const isConstant = bKind === immediate && b !== 0;
  const right = bKind === register ? b : x0;
  // Orders are in fours: lt, ge, gt, le; the second of each two is the contrary of a comparison.
  if ((cond & 2) === 0) {
    if (isConstant) emit4(t.aluRri, code, rd, a, b);
    else emit4(t.aluRrr, code, rd, a, right);
  } else {
    if (isConstant) loadConst(t1, b);
    emit4(t.aluRrr, code, rd, isConstant ? t1 : right, a);
  }
  if ((cond & 1) !== 0) emit4(t.aluRri, xorCode, rd, rd, 1);
}

function setIfEqual(rd: i32, cond: i32, a: i32, bKind: i32, b: i32): void {
  const isZero = bKind === immediate && b === 0;
  if (bKind === register) aluRegister(arithmetic.sub, rd, a, b);
  else if (!isZero) aluImmediate(arithmetic.add, rd, a, -b | 0);
  const difference = isZero ? a : rd;
  if (cond === arithmetic.eq) emit4(t.aluRri, sltuCode, rd, difference, 1);
  else emit4(t.aluRrr, sltuCode, rd, x0, difference);
}

export function aluIf(op: i32, rd: i32, condition: i32, bKind: i32, b: i32): void {
  const done = newLabel();
  branchWhere(condition, 1, done);
  alu(op, rd, rd, bKind, b);
  bindLabel(done);
}

export function choose(rd: i32, condition: i32, trueKind: i32, whenTrue: i32, falseKind: i32, whenFalse: i32): void {
  const isMask = load32(condition + conditionTest) === bitsTest;
  // Behind the and, rd may overwrite its operands.
  if (isMask) alu(arithmetic.and, t1, load32(condition + conditionA), load32(condition + conditionBKind), load32(condition + conditionB));
  const isTrue = trueKind === register && whenTrue === rd;
  const isFalse = falseKind === register && whenFalse === rd;
  const done = newLabel();
  if (isTrue || isFalse) {
    chooseBranch(condition, isTrue ? 0 : 1, done);
    if (isTrue) set(rd, falseKind, whenFalse);
    else set(rd, trueKind, whenTrue);
  } else if (!isMask && readsRegister(condition, rd)) {
    // rd is read by the branch: write it behind.
    const otherwise = newLabel();
    branchWhere(condition, 1, otherwise);
    set(rd, trueKind, whenTrue);
    jump(done);
    bindLabel(otherwise);
    set(rd, falseKind, whenFalse);
  } else {
    set(rd, trueKind, whenTrue);
    chooseBranch(condition, 0, done);
    set(rd, falseKind, whenFalse);
  }
  bindLabel(done);
}

/** Branches where the condition holds, or with `contrary` where it does not; a mask's bits are in t1. */
function chooseBranch(condition: i32, contrary: i32, target: i32): void {
  if (load32(condition + conditionTest) !== bitsTest) branchWhere(condition, contrary, target);
  else branchIfRegisters(load32(condition + conditionCode) ^ contrary, t1, x0, target);
}

function set(rd: i32, kind: i32, value: i32): void {
  if (kind === register) move(rd, value);
  else loadConst(rd, value);
}

export function branchIf(condition: i32, target: i32): void {
  branchWhere(condition, 0, target);
}

/** Branches where the condition holds, or with `contrary` where it does not. */
function branchWhere(condition: i32, contrary: i32, target: i32): void {
  const test = load32(condition + conditionTest);
  const cond = load32(condition + conditionCode);
  const a = load32(condition + conditionA);
  const bKind = load32(condition + conditionBKind);
  const b = load32(condition + conditionB);
  switch (test) {
    case pairTest:
      branchPair(cond ^ contrary, a, load32(condition + conditionAHigh), bKind, b, load32(condition + conditionBHigh), target);
      return;
    case floatTest:
      compareFloats(t1, load32(condition + conditionType), cond, a, b);
      branchIfRegisters((load32(condition + conditionHolds) ^ contrary) !== 0 ? arithmetic.ne : arithmetic.eq, t1, x0, target);
      return;
    case heldTest:
      refuse(noForm, test);
      return;
    default:
      branchIfWords(test, cond ^ contrary, a, bKind, b, target);
  }
}

/** Branches where a comparison or test of words holds. */
export function branchIfWords(test: i32, cond: i32, a: i32, bKind: i32, b: i32, target: i32): void {
  if (test !== compareTest) {
    alu(arithmetic.and, t1, a, bKind, b);
    branchIfRegisters(cond, t1, x0, target);
  } else if (bKind === register) branchIfRegisters(cond, a, b, target);
  else if (b === 0) branchIfRegisters(cond, a, x0, target);
  else {
    loadConst(t1, b);
    branchIfRegisters(cond, a, t1, target);
  }
}

export function branchTable(index: i32, labels: i32, count: i32, otherwise: i32): void {
  if (otherwise >= 0) {
    loadConst(t1, count);
    branchIfRegisters(arithmetic.geU, index, t1, otherwise);
  }
  // An array of 4-byte jumps: pc + 4 * index, past the 3 instructions that follow auipc.
  emit4(t.shiftRri, shiftCode(arithmetic.shl), t1, index, 2);
  emit2(t.auipc, t2, 0);
  emit2(t.cAdd, t1, t2);
  emit3(t.jalr, x0, t1, 10);
  for (let entry = 0; entry < count; entry++) branchTo(load32(labels + (entry << 2)), t.linkKind, x0);
}
