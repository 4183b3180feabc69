/** Comparisons and what consumes them, jumps and branch tables. */
import { fitsImmediate, isThumb2 } from '../costs.js';
import * as arithmetic from '../layout/arithmetic.js';
import { compareTest } from '../layout/machine.js';
import { noForm } from '../layout/masm.js';
import { fits12, isModifiedImmediate } from '../target.js';
import { bindLabel } from './assembly.js';
import { refuse } from './records.js';
import * as rv32Branches from './rv32/branches.js';
import * as rv32 from './rv32/conditions.js';
import * as thumb2 from './thumb2/conditions.js';
import { forgetFlags } from './thumb2/emitter.js';

/** Binds a label here, from where on nothing is known of flags. */
export function bind(label: i32): void {
  forgetFlags();
  bindLabel(label);
}

/** rd = does the condition hold? */
export function setIf(rd: i32, condition: i32): void {
  if (isThumb2()) thumb2.setIf(rd, condition);
  else rv32.setIf(rd, condition);
}

/** rd = condition ? whenTrue : whenFalse; rd may be any of the registers involved. */
export function choose(rd: i32, condition: i32, trueKind: i32, whenTrue: i32, falseKind: i32, whenFalse: i32): void {
  if (isThumb2()) thumb2.choose(rd, condition, trueKind, whenTrue, falseKind, whenFalse);
  else rv32.choose(rd, condition, trueKind, whenTrue, falseKind, whenFalse);
}

/** Can `choose` take the constant as an immediate? */
export function fitsChoose(value: i32): boolean {
  return isThumb2() ? isModifiedImmediate(value) : fits12(value);
}

/** rd = condition ? rd OP b : rd, for what 0 as the second operand turns into nothing: add, sub, or, xor. */
export function aluIf(op: i32, rd: i32, condition: i32, bKind: i32, b: i32): void {
  if (isThumb2()) thumb2.aluIf(op, rd, condition, bKind, b);
  else rv32.aluIf(op, rd, condition, bKind, b);
}

/** Can `aluIf` take the constant as an immediate? */
export function fitsAluIf(op: i32, value: i32): boolean {
  return isThumb2() ? isModifiedImmediate(value) : fitsImmediate(op, value);
}

export function branchIf(condition: i32, target: i32): void {
  if (isThumb2()) thumb2.branchIf(condition, target);
  else rv32.branchIf(condition, target);
}

/** Branches where a comparison or test of words holds: as `branchIf`, without a condition in memory. */
export function branchIfWords(test: i32, cond: i32, a: i32, bKind: i32, b: i32, target: i32): void {
  if (isThumb2()) thumb2.branchIfWords(test, cond, a, bKind, b, target);
  else rv32.branchIfWords(test, cond, a, bKind, b, target);
}

/** Where `holdsConditions`: until somebody consumes the condition `heldTest` for the last time, operations on single words leave the flags alone, and no other condition may be asked for. Of words only. */
export function holdCondition(condition: i32): void {
  if (isThumb2()) thumb2.holdCondition(condition);
  else refuse(noForm, condition);
}

export function jump(target: i32): void {
  if (isThumb2()) thumb2.jump(target);
  else rv32Branches.jump(target);
}

/** Jump to the label in word `index` of those at an address, or to `otherwise` where index >= count (unsigned), which cannot be where that is -1. Labels must lie ahead. */
export function branchTable(index: i32, labels: i32, count: i32, otherwise: i32): void {
  if (isThumb2()) thumb2.branchTable(index, labels, count, otherwise);
  else rv32.branchTable(index, labels, count, otherwise);
}

/** Joint checks, where `checksJointly`: one comparison of registers, words at an address, with a limit that `immediateLimit` has given; until it is released single words can be computed, loaded and stored. */
export function compareJointly(registers: i32, count: i32, limit: i32): void {
  if (isThumb2()) thumb2.compareJointly(registers, count, limit);
  else refuse(noForm, limit);
}

/** From here on, what is placed leaves the flags alone. */
export function holdJointly(): void {
  if (isThumb2()) thumb2.holdJointly();
  else refuse(noForm, 0);
}

/** Branches to `slow` unless all were below the limit. */
export function branchJointly(slow: i32): void {
  if (isThumb2()) thumb2.branchJointly(slow);
  else refuse(noForm, slow);
}

export function releaseJointly(): void {
  if (isThumb2()) thumb2.releaseJointly();
  else refuse(noForm, 0);
}

/** Branches to `slow` unless a < limit (unsigned). */
export function boundsCheck(a: i32, limitKind: i32, limit: i32, slow: i32): void {
  branchIfWords(compareTest, arithmetic.geU, a, limitKind, limit, slow);
}
