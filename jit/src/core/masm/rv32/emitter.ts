/** Moves and constants of RV32IMC, and how its templates name registers and operations. 16-bit forms are taken where the registers allow. */
import * as arithmetic from '../../layout/arithmetic.js';
import * as t from '../../layout/rv32-templates.js';
import { hi20, lo12 } from '../../derive.js';
import { fits12 } from '../../target.js';
import { emit2, emit4 } from '../records.js';

export const x0 = 0;
export const ra = 1;
export const sp = 2;
/** Link register of runtime routines. */
export const t0 = 5;
export const t1 = 6;
export const t2 = 7;

export const addCode = 0;
export const sltCode = 2;
export const sltuCode = 3;
export const xorCode = 4;
export const orCode = 6;
export const andCode = 7;
export const subCode = 8;
export const mulCode = 16;
export const mulhCode = 17;
export const mulhuCode = 19;
/** The first of the four divisions. */
export const divCode = 20;

/** Of an operation of two registers; with a constant, of add, and, or, xor. */
export function aluCode(op: i32): i32 {
  switch (op) {
    case arithmetic.add:
      return addCode;
    case arithmetic.sub:
      return subCode;
    case arithmetic.and:
      return andCode;
    case arithmetic.or:
      return orCode;
    case arithmetic.xor:
      return xorCode;
    case arithmetic.shl:
      return 1;
    case arithmetic.shrS:
      return 13;
    case arithmetic.shrU:
      return 5;
    default:
      return mulCode;
  }
}

/** Of shifts by a constant. */
export function shiftCode(op: i32): i32 {
  switch (op) {
    case arithmetic.shl:
      return 0;
    case arithmetic.shrU:
      return 1;
    default:
      return 3;
  }
}

/** Of the 16-bit operations on two registers: sub, xor, or, and. */
export function compressedCode(op: i32): i32 {
  switch (op) {
    case arithmetic.sub:
      return 0;
    case arithmetic.xor:
      return 1;
    case arithmetic.or:
      return 2;
    default:
      return 3;
  }
}

export function isCompressed(reg: i32): boolean {
  return reg >= 8 && reg <= 15;
}

/** Is the value one of 6 bits with sign? */
export function fits6(value: i32): boolean {
  return value >= -32 && value <= 31;
}

export function move(rd: i32, rs: i32): void {
  if (rd === rs) return;
  if (rs === x0) emit2(t.cLi, rd, 0);
  else emit2(t.cMv, rd, rs);
}

export function loadConst(rd: i32, value: i32): void {
  const lower = lo12(value);
  if (fits6(value)) emit2(t.cLi, rd, value);
  else if (fits12(value)) emit4(t.aluRri, addCode, rd, x0, value);
  else if (lower === 0) loadUpper(rd, value >>> 12);
  else if (fits6(lower)) {
    loadConst(rd, hi20(value) << 12);
    emit2(t.cAddi, rd, lower);
  } else emit2(t.liImm32, rd, value);
}

function loadUpper(rd: i32, upper: i32): void {
  if (upper >= 1 && upper <= 31 && rd !== sp) emit2(t.cLui, rd, upper);
  else emit2(t.lui, rd, upper);
}

/** Base register that reaches a slot of the frame by `slotOffset` (hazard 7: beyond 512 slots). */
export function slotBase(spOffset: i32): i32 {
  if (fits12(spOffset)) return sp;
  emit2(t.lui, t1, hi20(spOffset));
  emit2(t.cAdd, t1, sp);
  return t1;
}

/** Offset of a slot from its base. */
export function slotOffset(spOffset: i32): i32 {
  return fits12(spOffset) ? spOffset : lo12(spOffset);
}
