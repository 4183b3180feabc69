/** Comparisons of Thumb-2 and what consumes them, jumps and branch tables. */
import { leadingZeros, load32, store32 } from '@fireball/wasm';
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
  conditionLasts,
  conditionTest,
  floatTest,
  heldTest,
  immediate,
  register,
} from '../../layout/machine.js';
import { heldCode, noForm } from '../../layout/masm.js';
import * as t from '../../layout/thumb2-templates.js';
import { isModifiedImmediate } from '../../target.js';
import { isBelow } from '../../unsigned.js';
import { bindLabel, newLabel, tableEntry } from '../assembly.js';
import { branchTo } from '../leaving.js';
import { bytesOf, emit1, emit2, emit3, emit4, emit5, isUnsigned, refuse } from '../records.js';
import { shiftImmediate } from './arithmetic.js';
import { aluCode, condCode, eqCode, geUCode, lslCode, miCode, plCode, sbcCode, subCode } from './codes.js';
import { areFlagsOf, forgetFlags, isHeld, isLow, loadConst, move, r12, wrote } from './emitter.js';
import { compareFloats } from './floats.js';
import { comparePair } from './pairs.js';

const compareCode: i32 = 13;
const compareNegativeCode: i32 = 8;
const testCode: i32 = 0;

/** Sets flags; returns the condition code to use. */
function compare(condition: i32): i32 {
  const test = load32(condition + conditionTest);
  if (test === heldTest) return takeHeld(load32(condition + conditionLasts) !== 0) ^ (load32(condition + conditionHolds) ^ 1);
  const cond = load32(condition + conditionCode);
  const a = load32(condition + conditionA);
  const bKind = load32(condition + conditionBKind);
  const b = load32(condition + conditionB);
  if (test === compareTest || test === bitsTest) return compareWords(test, cond, a, bKind, b);
  if (isHeld()) refuse(noForm, test);
  if (test === floatTest) return compareFloats(cond, load32(condition + conditionHolds), a, b);
  return condCode(comparePair(cond, a, load32(condition + conditionAHigh), bKind, b, load32(condition + conditionBHigh)));
}

/** Sets flags as a comparison or test of words; returns the condition code to use. */
function compareWords(test: i32, cond: i32, a: i32, bKind: i32, b: i32): i32 {
  if (isHeld()) refuse(noForm, test);
  if (test === compareTest && bKind === immediate && b === 0 && areFlagsOf(a)) {
    if (cond === arithmetic.eq || cond === arithmetic.ne) return condCode(cond);
    if (cond === arithmetic.ltS) return miCode;
    if (cond === arithmetic.geS) return plCode;
  }
  forgetFlags();
  if (test === bitsTest) placeTest(a, bKind, b);
  else if (bKind === register) placeComparison(a, b);
  else if (isBelow(b, 0x100) && isLow(a)) emit2(t.cmpRi8N, a, b);
  else {
    const isPositive = isModifiedImmediate(b);
    emit3(t.cmpRi, isPositive ? compareCode : compareNegativeCode, a, isPositive ? b : -b | 0);
    isUnsigned();
  }
  return condCode(cond);
}

function placeTest(a: i32, bKind: i32, b: i32): void {
  if (bKind === immediate) {
    emit3(t.cmpRi, testCode, a, b);
    isUnsigned();
  } else if (isLow(a | b)) emit2(t.tstRrN, a, b);
  else emit3(t.cmpRr, testCode, a, b);
}

function placeComparison(a: i32, b: i32): void {
  if (!isLow(b)) emit2(t.cmpHiN, a, b);
  else emit2(isLow(a) ? t.cmpRrN : t.cmpHiLowN, a, b);
}

/** The flags tell of a condition of words until somebody consumes what is held. */
export function holdCondition(condition: i32): void {
  store32(heldCode, compare(condition));
}

function takeHeld(lasts: boolean): i32 {
  if (!isHeld()) {
    refuse(noForm, heldTest);
    return eqCode;
  }
  const code = load32(heldCode);
  if (!lasts) store32(heldCode, -1);
  return code;
}

export function compareJointly(registers: i32, count: i32, limit: i32): void {
  if (count === 0) {
    refuse(noForm, limit);
    return;
  }
  compareWords(compareTest, arithmetic.geU, load32(registers), immediate, limit);
  for (let index = 1; index < count; index++) {
    emit2(t.itCmpI, load32(registers + (index << 2)), limit);
    isUnsigned();
  }
}

export function holdJointly(): void {
  store32(heldCode, geUCode);
}

export function branchJointly(slow: i32): void {
  branchOn(geUCode, slow);
}

export function releaseJointly(): void {
  store32(heldCode, -1);
}

/** As `compare`, but may destroy rd: a test of the lowest bits is a 16-bit shift. */
function compareInto(rd: i32, condition: i32): i32 {
  if (load32(condition + conditionTest) !== bitsTest || load32(condition + conditionBKind) === register) return compare(condition);
  const a = load32(condition + conditionA);
  const mask = load32(condition + conditionB);
  if (!isLow(rd) || !isLow(a) || mask <= 0 || (mask & (mask + 1)) !== 0) return compare(condition);
  forgetFlags();
  emit4(t.shiftRriN, lslCode, rd, a, leadingZeros(mask));
  return condCode(load32(condition + conditionCode));
}

export function setIf(rd: i32, condition: i32): void {
  const test = load32(condition + conditionTest);
  if (test !== compareTest && test !== bitsTest) {
    setOnFlags(rd, compare(condition));
    return;
  }
  const cond = load32(condition + conditionCode);
  const a = load32(condition + conditionA);
  const bKind = load32(condition + conditionBKind);
  const b = load32(condition + conditionB);
  if (test === compareTest && bKind === immediate && b === 0 && setIfZero(rd, cond, a)) return;
  const isOperand = rd === a || (bKind === register && b === rd);
  const isEarly = isLow(rd) && !isOperand && !areFlagsOf(a);
  if (isEarly) emit2(t.movRi8N, rd, 0);
  const code = compareWords(test, cond, a, bKind, b);
  if (isEarly) setUnder(code, rd);
  else setOnFlags(rd, code);
}

/** rd = a COND 0, where that takes no flags. */
function setIfZero(rd: i32, cond: i32, a: i32): boolean {
  if (cond === arithmetic.eq) {
    emit2(t.clzRr, rd, a);
    shiftImmediate(arithmetic.shrU, rd, rd, 5);
  } else if (cond === arithmetic.ltS) shiftImmediate(arithmetic.shrU, rd, a, 31);
  else if (cond === arithmetic.ne) setUnlessZero(rd, a);
  else return false;
  return true;
}

/** a - (a - 1) less the borrow of a - 1. */
function setUnlessZero(rd: i32, a: i32): void {
  const less = rd === a ? r12 : rd;
  if (isLow(less | a)) emit4(t.addsubRri3N, 1, less, a, 1);
  else emit5(t.aluRri, subCode, 1, less, a, 1);
  emit5(t.aluRrr, sbcCode, 0, rd, a, less);
  forgetFlags();
}

function setOnFlags(rd: i32, code: i32): void {
  // Flags are live: mov.w, not movs.
  emit3(t.movRimm, 0, rd, 0);
  setUnder(code, rd);
}

function setUnder(code: i32, rd: i32): void {
  emit3(isLow(rd) ? t.itMovIN : t.itMovI, code, rd, 1);
  wrote(rd);
}

export function aluIf(op: i32, rd: i32, condition: i32, bKind: i32, b: i32): void {
  const code = compare(condition);
  const isNarrow = op === arithmetic.add && isLow(rd);
  if (bKind === register) {
    if (isNarrow && isLow(b)) emit3(t.itAddN, code, rd, b);
    else emit4(t.itAlu, code, aluCode(op), rd, b);
  } else if (isNarrow && isBelow(b, 0x100)) emit3(t.itAddIN, code, rd, b);
  else {
    emit4(t.itAluI, code, aluCode(op), rd, b);
    isUnsigned();
  }
  wrote(rd);
}

export function choose(rd: i32, condition: i32, trueKind: i32, whenTrue: i32, falseKind: i32, whenFalse: i32): void {
  // Flags first: behind the comparison rd may overwrite its operands, with moves that keep flags.
  const isTrue = trueKind === register && whenTrue === rd;
  const isFalse = falseKind === register && whenFalse === rd;
  const code = isTrue || isFalse ? compare(condition) : compareInto(rd, condition);
  if (isTrue) moveUnder(code ^ 1, rd, falseKind, whenFalse);
  else {
    if (falseKind === register) move(rd, whenFalse);
    else {
      emit3(t.movRimm, 0, rd, whenFalse);
      isUnsigned();
    }
    moveUnder(code, rd, trueKind, whenTrue);
  }
  wrote(rd);
}

function moveUnder(code: i32, rd: i32, kind: i32, value: i32): void {
  if (kind === register) emit3(t.itMov, code, rd, value);
  else if (isLow(rd) && isBelow(value, 0x100)) emit3(t.itMovIN, code, rd, value);
  else {
    emit3(t.itMovI, code, rd, value);
    isUnsigned();
  }
}

/** Branches if the condition holds of the current flags. */
export function branchOn(code: i32, target: i32): void {
  branchTo(target, t.conditionKind, code);
}

export function branchIf(condition: i32, target: i32): void {
  const test = load32(condition + conditionTest);
  const bKind = load32(condition + conditionBKind);
  if (test === compareTest || test === bitsTest)
    branchIfWords(test, load32(condition + conditionCode), load32(condition + conditionA), bKind, load32(condition + conditionB), target);
  else branchOn(compare(condition), target);
}

/** Branches where a comparison or test of words holds. */
export function branchIfWords(test: i32, cond: i32, a: i32, bKind: i32, b: i32, target: i32): void {
  if (b === 0 && isOfZero(test, cond, a, bKind)) {
    // Wider forms compare first, which changes the flags.
    forgetFlags();
    branchTo(target, t.zeroKind, bytesOf(condCode(cond), a, 0, 0));
  } else branchOn(compareWords(test, cond, a, bKind, b), target);
}

/** Is it whether a low register is 0, or is not, and flags do not tell? Conditions one by one: together they take more instructions. @noinline */
function isOfZero(test: i32, cond: i32, a: i32, bKind: i32): boolean {
  if (bKind !== immediate) return false;
  if (test !== compareTest) return false;
  if ((cond | 1) !== arithmetic.ne) return false;
  if (!isLow(a)) return false;
  return !areFlagsOf(a);
}

export function jump(target: i32): void {
  branchTo(target, t.jumpKind);
}

export function branchTable(index: i32, labels: i32, count: i32, otherwise: i32): void {
  if (otherwise >= 0) branchBehindTable(index, count, otherwise);
  emit1(t.tbh, index);
  const table = newLabel();
  bindLabel(table);
  for (let entry = 0; entry < count; entry++) tableEntry(t.tableEntry, table, load32(labels + (entry << 2)), t.jumpKind);
}

function branchBehindTable(index: i32, count: i32, otherwise: i32): void {
  const fits = isModifiedImmediate(count);
  if (!fits) loadConst(r12, count);
  branchIfWords(compareTest, arithmetic.geU, index, fits ? immediate : register, fits ? count : r12, otherwise);
}
