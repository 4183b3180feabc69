/** Integer arithmetic of RV32 on single words. */
import * as arithmetic from '../../layout/arithmetic.js';
import { clz, ctz, extend16S, extend8S, extend8U } from '../../layout/machine.js';
import { noForm } from '../../layout/masm.js';
import * as t from '../../layout/rv32-templates.js';
import { emit2, emit3, emit4, refuse } from '../records.js';
import { addCode, aluCode, andCode, compressedCode, divCode, fits6, isCompressed, move, shiftCode, subCode, t1, x0 } from './emitter.js';

export function aluRegister(op: i32, rd: i32, a: i32, b: i32): void {
  const other = rd === a ? b : a;
  switch (op) {
    case arithmetic.rotr:
      // (a >> n) | (a << (-n & 31)); the hardware takes shift amounts modulo 32.
      emit4(t.aluRrr, subCode, t1, x0, b);
      emit4(t.aluRrr, aluCode(arithmetic.shl), t1, a, t1);
      emit4(t.aluRrr, aluCode(arithmetic.shrU), rd, a, b);
      aluRegister(arithmetic.or, rd, rd, t1);
      return;
    case arithmetic.add:
      if ((rd === a || rd === b) && a !== x0 && b !== x0) {
        emit2(t.cAdd, rd, other);
        return;
      }
      break;
    case arithmetic.and:
    case arithmetic.or:
    case arithmetic.xor:
    case arithmetic.sub:
      if (isCompressed(rd) && isCompressed(other) && (rd === a || (rd === b && op !== arithmetic.sub))) {
        emit3(t.cAlu, compressedCode(op), rd, other);
        return;
      }
      break;
    default:
  }
  emit4(t.aluRrr, aluCode(op), rd, a, b);
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
      if (rd === a && isCompressed(rd) && fits6(value)) emit2(t.cAndi, rd, value);
      else emit4(t.aluRri, andCode, rd, a, value);
      return;
    case arithmetic.or:
    case arithmetic.xor:
      emit4(t.aluRri, aluCode(op), rd, a, value);
      return;
    case arithmetic.rotr:
      rotateImmediate(rd, a, value & 31);
      return;
    case arithmetic.mul:
      refuse(noForm, op);
      return;
    default:
      shiftImmediate(op, rd, a, value & 31);
  }
}

function addImmediate(rd: i32, a: i32, value: i32): void {
  if (value === 0) move(rd, a);
  else if (rd === a && fits6(value)) emit2(t.cAddi, rd, value);
  else emit4(t.aluRri, addCode, rd, a, value);
}

export function shiftImmediate(op: i32, rd: i32, a: i32, amount: i32): void {
  if (amount === 0) move(rd, a);
  else if (op === arithmetic.shl && rd === a) emit2(t.cSlli, rd, amount);
  else if (op !== arithmetic.shl && rd === a && isCompressed(rd)) emit3(t.cShr, op === arithmetic.shrU ? 0 : 1, rd, amount);
  else emit4(t.shiftRri, shiftCode(op), rd, a, amount);
}

function rotateImmediate(rd: i32, a: i32, amount: i32): void {
  if (amount === 0) {
    move(rd, a);
    return;
  }
  emit4(t.shiftRri, shiftCode(arithmetic.shl), t1, a, 32 - amount);
  shiftImmediate(arithmetic.shrU, rd, a, amount);
  aluRegister(arithmetic.or, rd, rd, t1);
}

export function reverseSubtract(rd: i32, a: i32, value: i32): void {
  if (value !== 0) refuse(noForm, value);
  emit4(t.aluRrr, subCode, rd, x0, a);
}

export function unary(op: i32, rd: i32, a: i32): void {
  if (op === clz || op === ctz) refuse(noForm, op);
  else if (op === extend8U) aluImmediate(arithmetic.and, rd, a, 255);
  else {
    // Shifts up and back, by the bits that are no part of the value.
    const unused = op === extend8S ? 24 : 16;
    const isSigned = op === extend8S || op === extend16S;
    shiftImmediate(arithmetic.shl, rd, a, unused);
    shiftImmediate(isSigned ? arithmetic.shrS : arithmetic.shrU, rd, rd, unused);
  }
}

export function divide(op: i32, rd: i32, a: i32, b: i32): void {
  emit4(t.aluRrr, divCode + op, rd, a, b);
}
