/** Integer arithmetic of Thumb-2 on single words. */
import { leadingZeros } from '@fireball/wasm';
import * as arithmetic from '../../layout/arithmetic.js';
import { clz, ctz, divS, divU, remS } from '../../layout/machine.js';
import { noForm } from '../../layout/masm.js';
import * as t from '../../layout/thumb2-templates.js';
import { isModifiedImmediate } from '../../target.js';
import { isBelow } from '../../unsigned.js';
import { emit2, emit3, emit4, emit5, emit7, isUnsigned, refuse } from '../records.js';
import { addCode, aluCode, andCode, bicCode, extendCode, orCode, ornCode, rorCode, rsbCode, shiftCode, subCode, twoAddressCode, xorCode } from './codes.js';
import { isLow, move, r12, setsFlags, wrote, wroteFlags } from './emitter.js';

export function aluRegister(op: i32, rd: i32, a: i32, b: i32): void {
  const s = setsFlags();
  const isNarrow = s === 1 && isLow(rd | a | b);
  const other = rd === a ? b : a;
  switch (op) {
    case arithmetic.add:
      if (isNarrow) emit4(t.addsubRrrN, 0, rd, a, b);
      else if (rd === a || rd === b) {
        emit2(t.addRrN, rd, other);
        wrote(rd);
        return;
      } else emit5(t.aluRrr, addCode, s, rd, a, b);
      break;
    case arithmetic.sub:
      if (isNarrow) emit4(t.addsubRrrN, 1, rd, a, b);
      else emit5(t.aluRrr, subCode, s, rd, a, b);
      break;
    case arithmetic.and:
    case arithmetic.or:
    case arithmetic.xor:
      if (isNarrow && (rd === a || rd === b)) emit3(t.aluRrN, twoAddressCode(op), rd, other);
      else emit5(t.aluRrr, aluCode(op), s, rd, a, b);
      break;
    case arithmetic.mul:
      if (isNarrow && (rd === a || rd === b)) emit2(t.mulN, rd, other);
      else {
        emit3(t.mulRrr, rd, a, b);
        wrote(rd);
        return;
      }
      break;
    case arithmetic.rotr:
      emit5(t.shiftRrr, rorCode, s, rd, a, b);
      break;
    default:
      // The hardware shifts by the low byte; wasm counts modulo 32.
      emit5(t.aluRri, andCode, 0, r12, b, 31);
      shiftRegister(op, rd, a, r12);
      return;
  }
  wroteFlags(rd);
}

/** By the low byte of `amount`. */
export function shiftRegister(op: i32, rd: i32, a: i32, amount: i32): void {
  const s = setsFlags();
  if (s === 1 && rd === a && isLow(rd | amount)) emit3(t.aluRrN, twoAddressCode(op), rd, amount);
  else emit5(t.shiftRrr, shiftCode(op), s, rd, a, amount);
  wroteFlags(rd);
}

export function aluImmediate(op: i32, rd: i32, a: i32, value: i32): void {
  switch (op) {
    case arithmetic.add:
      addImmediate(rd, a, value);
      return;
    case arithmetic.sub:
      addImmediate(rd, a, -value | 0);
      return;
    case arithmetic.and:
      andImmediate(rd, a, value);
      return;
    case arithmetic.or:
      if (isModifiedImmediate(value)) setByImmediate(orCode, rd, a, value);
      else setByImmediate(ornCode, rd, a, ~value);
      return;
    case arithmetic.xor:
      xorImmediate(rd, a, value);
      return;
    case arithmetic.mul:
      refuse(noForm, op);
      return;
    default:
      shiftImmediate(op, rd, a, value & 31);
  }
}

/** An operation that sets flags where it may. */
function setByImmediate(code: i32, rd: i32, a: i32, value: i32): void {
  emit5(t.aluRri, code, setsFlags(), rd, a, value);
  isUnsigned();
  wroteFlags(rd);
}

function addImmediate(rd: i32, a: i32, value: i32): void {
  if (value === 0) {
    move(rd, a);
    return;
  }
  const less = -value | 0;
  if (addNarrow(0, rd, a, value) || addNarrow(1, rd, a, less)) return;
  if (isModifiedImmediate(value)) setByImmediate(addCode, rd, a, value);
  else if (isModifiedImmediate(less)) setByImmediate(subCode, rd, a, less);
  else {
    if (isBelow(value, 0x1000)) emit4(t.addsubRri12, 0, rd, a, value);
    else {
      emit4(t.addsubRri12, 1, rd, a, less);
      isUnsigned();
    }
    wrote(rd);
  }
}

/** Adds, or subtracts, by a 16-bit form, if there is one. */
function addNarrow(subtracts: i32, rd: i32, a: i32, value: i32): boolean {
  if (setsFlags() === 0 || !isLow(rd)) return false;
  if (rd === a && isBelow(value, 0x100)) emit3(t.addsubRi8N, subtracts, rd, value);
  else if (isLow(a) && isBelow(value, 8)) emit4(t.addsubRri3N, subtracts, rd, a, value);
  else return false;
  wroteFlags(rd);
  return true;
}

function andImmediate(rd: i32, a: i32, value: i32): void {
  const isByte = value === 0xff;
  const isHalf = value === 0xffff;
  if ((isByte || isHalf) && isLow(rd | a)) {
    emit3(t.bitsRrN, isByte ? 3 : 2, rd, a);
    wrote(rd);
  } else if (isModifiedImmediate(value)) setByImmediate(andCode, rd, a, value);
  else if (isModifiedImmediate(~value)) setByImmediate(bicCode, rd, a, ~value);
  else if (isHalf) {
    emit3(t.bitsRr, 1, rd, a);
    wrote(rd);
  } else extractField(rd, a, 0, 32 - leadingZeros(value));
}

function xorImmediate(rd: i32, a: i32, value: i32): void {
  if (value !== -1) setByImmediate(xorCode, rd, a, value);
  else if (isLow(rd | a) && setsFlags() === 1) {
    emit3(t.aluRrN, 15, rd, a);
    wroteFlags(rd);
  } else {
    emit2(t.mvnRr, rd, a);
    wrote(rd);
  }
}

export function shiftImmediate(op: i32, rd: i32, a: i32, amount: i32): void {
  if (amount === 0) {
    move(rd, a);
    return;
  }
  const s = setsFlags();
  if (isLow(rd | a) && s === 1 && op !== arithmetic.rotr) emit4(t.shiftRriN, shiftCode(op), rd, a, amount);
  else emit5(t.shiftRri, shiftCode(op), s, rd, a, amount);
  wroteFlags(rd);
}

export function reverseSubtract(rd: i32, a: i32, value: i32): void {
  const s = setsFlags();
  if (value === 0 && s === 1 && isLow(rd | a)) {
    emit2(t.negRrN, rd, a);
    wroteFlags(rd);
  } else setByImmediate(rsbCode, rd, a, value);
}

export function aluShifted(op: i32, rd: i32, a: i32, b: i32, shift: i32, amount: i32): void {
  if (op > arithmetic.xor) {
    refuse(noForm, op);
    return;
  }
  emit7(t.aluRrsh, aluCode(op), setsFlags(), rd, a, b, shiftCode(shift), amount);
  wroteFlags(rd);
}

export function extractField(rd: i32, a: i32, lsb: i32, bits: i32): void {
  emit4(t.ubfxRr, rd, a, lsb, bits);
  wrote(rd);
}

export function multiplyAccumulate(op: i32, rd: i32, a: i32, b: i32, addend: i32): void {
  emit5(t.mlaRrrr, op === arithmetic.add ? 0 : 1, rd, a, b, addend);
  wrote(rd);
}

export function unary(op: i32, rd: i32, a: i32): void {
  if (op === clz) emit2(t.clzRr, rd, a);
  else if (op === ctz) {
    emit2(t.rbitRr, rd, a);
    emit2(t.clzRr, rd, rd);
  } else if (isLow(rd | a)) emit3(t.bitsRrN, extendCode(op, true), rd, a);
  else emit3(t.bitsRr, extendCode(op, false), rd, a);
  wrote(rd);
}

export function divide(op: i32, rd: i32, a: i32, b: i32): void {
  const code = op === divS || op === remS ? 0 : 1;
  if (op === divS || op === divU) emit4(t.divRrr, code, rd, a, b);
  else {
    // The least integer divided by -1 gives itself here, so that the remainder comes out as 0, as wasm wants.
    emit4(t.divRrr, code, r12, a, b);
    emit5(t.mlaRrrr, 1, rd, r12, b, a);
  }
  wrote(rd);
}
