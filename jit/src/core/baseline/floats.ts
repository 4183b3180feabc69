/** Operations of the core's floating-point unit. Values live in general registers and homes; the unit's registers hold them for one operation, or until a comparison is consumed. */
import { load32, store32 } from '@fireball/wasm';
import { fitsImmediate } from '../costs.js';
import * as arithmetic from '../layout/arithmetic.js';
import * as layout from '../layout/baseline.js';
import * as families from '../layout/families.js';
import * as machine from '../layout/machine.js';
import { pendingCondition } from '../layout/select.js';
import { alu, loadConst } from '../masm/arithmetic.js';
import { newLabel } from '../masm/assembly.js';
import { bind, branchIfWords } from '../masm/conditions.js';
import {
  fitsFloatSlot,
  floatBinary,
  floatFromInteger,
  floatPrecision,
  floatRound,
  floatSqrt,
  floatToInteger,
  loadFloatSlot,
  moveFromFloat,
  moveToFloat,
  storeFloatSlot,
} from '../masm/floats.js';
import { scratch } from '../masm/properties.js';
import { acceptOrTrap, bitsOfTwo31, bitsOfTwo32, twice } from '../select/truncation.js';
import { consume, pend } from './conditions.js';
import { detailOf } from './details.js';
import {
  hold,
  homeOfValue,
  isTemporary,
  kindOf,
  pop,
  popRows,
  push,
  pushTemporary,
  readInto,
  release,
  releaseRow,
  storeRow,
  takeTemporary,
  valueOf,
} from './operands.js';
import { finishResult, resultOf } from './results.js';

/** Registers of the unit: for operands, and for results that must be apart from these. */
const firstFloat: i32 = 0;
const secondFloat: i32 = 1;
const resultFloat: i32 = 2;

const signBit: i32 = -0x8000_0000;

/** An operation of the family of floats that the core has. */
export function selectFloat(operation: i32): void {
  const type = detailOf(operation, 1);
  const what = detailOf(operation, 2);
  switch (detailOf(operation, 0)) {
    case families.floatBinary:
      popFloat(type, secondFloat);
      popFloat(type, firstFloat);
      floatBinary(what, type, resultFloat, firstFloat, secondFloat);
      pushFloat(type, resultFloat);
      return;
    case families.floatSqrt:
      popFloat(type, firstFloat);
      floatSqrt(type, resultFloat, firstFloat);
      pushFloat(type, resultFloat);
      return;
    case families.floatRound:
      popFloat(type, firstFloat);
      floatRound(what, type, resultFloat, firstFloat);
      pushFloat(type, resultFloat);
      return;
    case families.floatCompare:
      compareFloats(type, what);
      return;
    case families.floatConvert: {
      const reg = hold(pop());
      floatFromInteger(type, (what & families.isSigned) !== 0, resultFloat, reg);
      release(reg);
      pushFloat(type, resultFloat);
      return;
    }
    case families.floatTruncate:
      truncateFloat(type, (what & families.isSigned) !== 0, (what & families.isSaturating) !== 0);
      return;
    default:
      popFloat(type === machine.f32Type ? machine.f64Type : machine.f32Type, firstFloat);
      floatPrecision(type, resultFloat, firstFloat);
      pushFloat(type, resultFloat);
  }
}

/** The topmost value goes to a register of the unit. */
function popFloat(type: i32, float: i32): void {
  if (type === machine.f64Type) {
    popDouble(float);
    return;
  }
  const row = pop();
  if (kindOf(row) === layout.slotKind && fitsFloatSlot(valueOf(row))) {
    loadFloatSlot(type, float, valueOf(row));
    return;
  }
  const reg = hold(row);
  moveToFloat(float, reg);
  release(reg);
}

/** A double gets there by way of two words of the frame that lie behind one another: its home, unless it is in a local's. */
function popDouble(float: i32): void {
  const rows = popRows(2);
  const high = rows + layout.operandStride;
  const isTogether = kindOf(rows) === layout.slotKind && kindOf(high) === layout.slotKind && valueOf(high) === valueOf(rows) + 4 && (valueOf(rows) & 7) === 0;
  const home = isTogether ? valueOf(rows) : homeOfValue(load32(layout.valueCount), 0);
  if (!isTogether) {
    storeRow(rows, home);
    storeRow(high, home + 4);
    releaseRow(rows);
    releaseRow(high);
  }
  loadFloatSlot(machine.f64Type, float, home);
}

/** A value in a register of the unit goes on the stack. */
function pushFloat(type: i32, float: i32): void {
  if (type === machine.f64Type) {
    const home = homeOfValue(load32(layout.valueCount), 0);
    storeFloatSlot(type, float, home);
    push(layout.slotKind, home, 0);
    push(layout.slotKind, home + 4, 1);
    return;
  }
  const reg = resultOf(-1, -1);
  moveFromFloat(reg, float);
  finishResult(reg);
}

function compareFloats(type: i32, what: i32): void {
  popFloat(type, secondFloat);
  popFloat(type, firstFloat);
  pend(machine.floatTest, what & ~families.fails, firstFloat, machine.register, secondFloat);
  store32(pendingCondition + machine.conditionHolds, (what & families.fails) !== 0 ? 0 : 1);
  store32(pendingCondition + machine.conditionType, type);
  consume();
}

/** To a word. */
function truncateFloat(type: i32, signed: boolean, saturating: boolean): void {
  if (!saturating) checkRange(type, signed);
  else popFloat(type, firstFloat);
  const reg = resultOf(-1, -1);
  floatToInteger(type, signed, saturating, reg, firstFloat);
  finishResult(reg);
}

/** Takes the topmost value into a register of the unit, and traps unless it can be converted: most can by their word of sign and exponent alone. */
function checkRange(type: i32, signed: boolean): void {
  const row = pop();
  // It stays on the stack as long as its upper word is looked at.
  const top = takeTemporary();
  readInto(top, row);
  push(kindOf(row), valueOf(row), type === machine.f64Type ? 1 : 0);
  popFloat(type, firstFloat);
  const fine = newLabel();
  if (signed) {
    twice(top);
    branchIfWords(machine.compareTest, arithmetic.ltU, scratch(), machine.immediate, (2 * bitsOfTwo31(type)) | 0, fine);
  } else branchIfWords(machine.compareTest, arithmetic.ltU, top, machine.immediate, bitsOfTwo32(type), fine);
  acceptOrTrap(type, signed, top, firstFloat, fine);
  bind(fine);
  release(top);
}

/** abs, neg and copysign: the sign bit of the (upper) word, in a general register. */
export function selectSign(operation: i32): void {
  const op = detailOf(operation, 0);
  const high = detailOf(operation, 1) === machine.f64Type ? 1 : 0;
  if (op === arithmetic.copysign) {
    copySign(high);
    return;
  }
  const reg = hold(pop());
  const to = isTemporary(reg) ? reg : takeTemporary();
  if (op === arithmetic.neg) flipSign(to, reg);
  else if (fitsImmediate(arithmetic.and, ~signBit)) alu(arithmetic.and, to, reg, machine.immediate, ~signBit, false);
  else {
    alu(arithmetic.shl, to, reg, machine.immediate, 1, false);
    alu(arithmetic.shrU, to, to, machine.immediate, 1, false);
  }
  pushTemporary(to, high);
}

function flipSign(to: i32, reg: i32): void {
  if (fitsImmediate(arithmetic.xor, signBit)) alu(arithmetic.xor, to, reg, machine.immediate, signBit, false);
  else {
    loadConst(scratch(), signBit);
    alu(arithmetic.xor, to, reg, machine.register, scratch(), false);
  }
}

/** a ^ ((a ^ b) & sign) */
function copySign(high: i32): void {
  const sign = hold(pop());
  if (high !== 0) releaseRow(pop());
  const reg = hold(pop());
  const to = isTemporary(sign) ? sign : takeTemporary();
  alu(arithmetic.xor, to, reg, machine.register, sign, false);
  alu(arithmetic.shrU, to, to, machine.immediate, 31, false);
  alu(arithmetic.shl, to, to, machine.immediate, 31, false);
  alu(arithmetic.xor, to, to, machine.register, reg, false);
  release(reg);
  pushTemporary(to, high);
}
