/** Operands of Thumb-2's templates that say what an instruction does. */
import * as arithmetic from '../../layout/arithmetic.js';
import {
  ceil,
  extend16S,
  extend16U,
  extend8S,
  floatDiv,
  floatEq,
  floatGe,
  floatLe,
  floatLt,
  floatMul,
  floatSub,
  floor,
  nearest,
} from '../../layout/machine.js';

export const andCode = 0;
export const bicCode = 1;
export const orCode = 2;
export const ornCode = 3;
export const xorCode = 4;
export const addCode = 8;
export const adcCode = 10;
export const sbcCode = 11;
export const subCode = 13;
export const rsbCode = 14;

/** Of add, sub, and, or, xor. */
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
    default:
      return xorCode;
  }
}

/** Of the 16-bit operations that write their first operand: and, or, xor and shifts. */
export function twoAddressCode(op: i32): i32 {
  switch (op) {
    case arithmetic.and:
      return 0;
    case arithmetic.xor:
      return 1;
    case arithmetic.shl:
      return 2;
    case arithmetic.shrU:
      return 3;
    case arithmetic.shrS:
      return 4;
    default:
      return 12;
  }
}

export const lslCode = 0;
export const lsrCode = 1;
export const asrCode = 2;
export const rorCode = 3;

export function shiftCode(op: i32): i32 {
  switch (op) {
    case arithmetic.shl:
      return lslCode;
    case arithmetic.shrU:
      return lsrCode;
    case arithmetic.shrS:
      return asrCode;
    default:
      return rorCode;
  }
}

/** Of SXTH, SXTB, UXTH and UXTB, by the width of the encoding. */
export function extendCode(op: i32, isNarrow: boolean): i32 {
  switch (op) {
    case extend16S:
      return 0;
    case extend8S:
      return isNarrow ? 1 : 4;
    case extend16U:
      return isNarrow ? 2 : 1;
    default:
      return isNarrow ? 3 : 5;
  }
}

export const eqCode = 0;
export const ltUCode = 3;
export const geUCode = 2;
/** Negative, and not. */
export const miCode = 4;
export const plCode = 5;

export function condCode(cond: i32): i32 {
  switch (cond) {
    case arithmetic.eq:
      return eqCode;
    case arithmetic.ne:
      return 1;
    case arithmetic.geU:
      return geUCode;
    case arithmetic.ltU:
      return ltUCode;
    case arithmetic.gtU:
      return 8;
    case arithmetic.leU:
      return 9;
    case arithmetic.geS:
      return 10;
    case arithmetic.ltS:
      return 11;
    case arithmetic.gtS:
      return 12;
    default:
      return 13;
  }
}

/** On the flags of VCMP; they fail on NaN (Armv7-M ARM, table A7-1): eq, mi, ls, gt, ge. */
export function floatCondCode(cond: i32): i32 {
  switch (cond) {
    case floatEq:
      return eqCode;
    case floatLt:
      return miCode;
    case floatLe:
      return 9;
    case floatGe:
      return 10;
    default:
      return 12;
  }
}

/** Of operations but min and max. */
export function floatCode(op: i32): i32 {
  switch (op) {
    case floatMul:
      return 0;
    case floatSub:
      return 3;
    case floatDiv:
      return 4;
    default:
      return 1;
  }
}

export function roundCode(op: i32): i32 {
  switch (op) {
    case nearest:
      return 1;
    case ceil:
      return 2;
    case floor:
      return 3;
    default:
      return 4;
  }
}
