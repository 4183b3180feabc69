/** Floats to words. Of conversions that trap, ranges are checked on the bits; what is large, negative or NaN is sorted out off the hot path. */
import { load32, load8, store32 } from '@fireball/wasm';
import * as arithmetic from '../layout/arithmetic.js';
import * as machine from '../layout/machine.js';
import * as layout from '../layout/select.js';
import { noHeld, noReg, pendingCondition } from '../layout/select.js';
import { alu } from '../masm/arithmetic.js';
import { newLabel } from '../masm/assembly.js';
import { bind, branchIf, branchIfWords, jump } from '../masm/conditions.js';
import { floatToInteger, moveFromFloat, moveToFloat } from '../masm/floats.js';
import { scratch } from '../masm/properties.js';
import { defer, trapLabel } from './context.js';
import { destination, finishDestination } from './destination.js';
import { floatEntryOf } from './entries.js';
import { popFloat } from './float-operands.js';
import { owned, ownedFloat, regOf } from './held.js';
import { pop, topEntry } from './operand-stack.js';
import { clearPending } from './pending.js';
import { allocateFloat, compute, hold, release, takeTemp } from './state.js';

const signBit: i32 = -0x8000_0000;
/** Low words of doubles from -2^31 to the last number above -2^31 - 1. */
const belowNextInteger: i32 = 0x20_0000;

/** Words of a row of what is done out of line: the labels of where it begins and where control goes back to, the registers of the float and of its word of sign and exponent, and what is converted. */
const slowLabel = layout.deferredWords;
const fineLabel = layout.deferredWords + 4;
const topRegister = layout.deferredWords + 8;
const floatRegister = layout.deferredWords + 12;
const typeOfFloat = layout.deferredWords + 16;
const isSigned = layout.deferredWords + 20;

/** Bits 63-32 of a double, or 31-0 of a single: sign and exponent of 1, 2^31 and 2^32, all with zero mantissas. */
function bitsOfOne(type: i32): i32 {
  return type === machine.f32Type ? 0x3f80_0000 : 0x3ff0_0000;
}
export function bitsOfTwo31(type: i32): i32 {
  return type === machine.f32Type ? 0x4f00_0000 : 0x41e0_0000;
}
export function bitsOfTwo32(type: i32): i32 {
  return type === machine.f32Type ? 0x4f80_0000 : 0x41f0_0000;
}

export function selectTruncate(type: i32, signed: boolean, saturating: boolean): void {
  if (saturating) toInteger(type, signed, true, popFloat(type));
  else toIntegerOrTrap(type, signed);
}

function toInteger(type: i32, signed: boolean, exactNaN: boolean, float: i32): void {
  const to = destination(noReg, ownedFloat(float), noHeld, noHeld);
  floatToInteger(type, signed, exactNaN, to, float);
  finishDestination();
}

function toIntegerOrTrap(type: i32, signed: boolean): void {
  const single = type === machine.f32Type ? topEntry(1) : 0;
  if (single !== 0 && load8(single + layout.entryKind) !== layout.floatEntry) {
    const top = hold(pop());
    const float = allocateFloat();
    moveToFloat(float, regOf(top));
    truncate(type, signed, float, top);
    return;
  }
  const float = popFloat(type);
  const reg = takeTemp(noReg);
  compute(floatEntryOf(float, type === machine.f32Type ? layout.singlePart : layout.highPart, false), reg);
  truncate(type, signed, float, owned(reg));
}

/** The float, and its word of sign and exponent, which is held in a general register. */
function truncate(type: i32, signed: boolean, float: i32, top: i32): void {
  const slow = newLabel();
  const fine = newLabel();
  if (signed) {
    twice(regOf(top));
    branchIfWords(machine.compareTest, arithmetic.geU, scratch(), machine.immediate, (2 * bitsOfTwo31(type)) | 0, slow);
  } else branchIfWords(machine.compareTest, arithmetic.geU, regOf(top), machine.immediate, bitsOfTwo32(type), slow);
  bind(fine);
  const row = defer(layout.floatTruncate);
  store32(row + slowLabel, slow);
  store32(row + fineLabel, fine);
  store32(row + topRegister, regOf(top));
  store32(row + floatRegister, float);
  store32(row + typeOfFloat, type);
  store32(row + isSigned, signed ? 1 : 0);
  release(top);
  toInteger(type, signed, false, float);
}

/** The word without its sign, into the scratch register. */
export function twice(reg: i32): void {
  alu(arithmetic.shl, scratch(), reg, machine.immediate, 1, false);
}

/** What a conversion does out of line, by its row. */
export function emitFloatDeferred(row: i32): void {
  bind(load32(row + slowLabel));
  acceptOrTrap(load32(row + typeOfFloat), load32(row + isSigned) !== 0, load32(row + topRegister), load32(row + floatRegister), load32(row + fineLabel));
}

/** A float whose word of sign and exponent is no ordinary one: goes to `fine` where it can be converted all the same, or traps. */
export function acceptOrTrap(type: i32, signed: boolean, top: i32, float: i32, fine: i32): void {
  if (signed) acceptLeast(type, top, float, bitsOfTwo31(type) | signBit, fine);
  else {
    // Negative numbers above -1 give 0.
    twice(top);
    branchIfWords(machine.compareTest, arithmetic.ltU, scratch(), machine.immediate, (2 * bitsOfOne(type)) | 0, fine);
  }
  clearPending();
  store32(pendingCondition + machine.conditionTest, machine.floatTest);
  store32(pendingCondition + machine.conditionCode, machine.floatEq);
  store32(pendingCondition + machine.conditionHolds, 0);
  store32(pendingCondition + machine.conditionType, type);
  store32(pendingCondition + machine.conditionA, float);
  store32(pendingCondition + machine.conditionB, float);
  branchIf(pendingCondition, trapLabel(layout.conversionTrap));
  jump(trapLabel(layout.overflowTrap));
}

/** -2^31, and of doubles what rounds to it, has an exponent of its own. */
function acceptLeast(type: i32, top: i32, float: i32, least: i32, fine: i32): void {
  if (type === machine.f32Type) {
    branchIfWords(machine.compareTest, arithmetic.eq, top, machine.immediate, least, fine);
    return;
  }
  const other = newLabel();
  branchIfWords(machine.compareTest, arithmetic.ne, top, machine.immediate, least, other);
  moveFromFloat(scratch(), float);
  branchIfWords(machine.compareTest, arithmetic.ltU, scratch(), machine.immediate, belowNextInteger, fine);
  bind(other);
}
