/** Branches of RV32 on registers, and jumps. */
import * as arithmetic from '../../layout/arithmetic.js';
import * as t from '../../layout/rv32-templates.js';
import { branchTo } from '../leaving.js';
import { bytesOf } from '../records.js';
import { isCompressed, x0 } from './emitter.js';

export const eqCode = 0;
export const neCode = 1;
export const ltCode = 4;
export const ltuCode = 6;
/** What follows the code of a condition is that of the contrary. */
export const contrary = 1;

/** Branches where a COND b. */
export function branchIfRegisters(cond: i32, a: i32, b: i32, target: i32): void {
  switch (cond) {
    case arithmetic.eq:
    case arithmetic.ne:
      branchByZero(cond - arithmetic.eq, a, b, target);
      return;
    case arithmetic.ltS:
    case arithmetic.geS:
      branchBy(cond - arithmetic.ltS + ltCode, a, b, target);
      return;
    case arithmetic.gtS:
    case arithmetic.leS:
      branchBy(cond - arithmetic.gtS + ltCode, b, a, target);
      return;
    case arithmetic.ltU:
    case arithmetic.geU:
      branchBy(cond - arithmetic.ltU + ltuCode, a, b, target);
      return;
    default:
      branchBy(cond - arithmetic.gtU + ltuCode, b, a, target);
  }
}

/** By a code that is one of eq and ne. */
function branchByZero(code: i32, a: i32, b: i32, target: i32): void {
  const other = b === x0 ? a : b;
  if ((a === x0 || b === x0) && isCompressed(other)) branchTo(target, t.zeroKind, bytesOf(code, a, b, other));
  else branchBy(code, a, b, target);
}

/** `code`: the branch's funct3. */
export function branchBy(code: i32, a: i32, b: i32, target: i32): void {
  branchTo(target, t.compareKind, bytesOf(code, a, b, 0));
}

export function jump(target: i32): void {
  branchTo(target, t.jumpKind, x0);
}
