/** Moves and constants of Thumb-2; which register's flags are current. 16-bit forms are taken where registers and flags allow. */
import { load32, store32 } from '@fireball/wasm';
import * as layout from '../../layout/masm.js';
import * as t from '../../layout/thumb2-templates.js';
import { isModifiedImmediate } from '../../target.js';
import { isBelow } from '../../unsigned.js';
import { emit2, emit3, isUnsigned } from '../records.js';

export const r0 = 0;
export const r12 = 12;
export const sp = 13;
export const lr = 14;
export const pc = 15;

/** Is the register one that 16-bit forms take? So asked of several at once, as `a | b`: none has a sign. */
export function isLow(reg: i32): boolean {
  return reg < 8;
}

/** Do the flags tell of a condition? What is placed meanwhile leaves them alone. */
export function isHeld(): boolean {
  return load32(layout.heldCode) >= 0;
}

/** Whether operations set flags: 16-bit forms always do. */
export function setsFlags(): i32 {
  return isHeld() ? 0 : 1;
}

/** The flags are those of no register. */
export function forgetFlags(): void {
  store32(layout.flagsOf, -1);
}

/** Are sign and zero flags those of the register? */
export function areFlagsOf(reg: i32): boolean {
  return load32(layout.flagsOf) === reg;
}

/** The register was written, and flags were not. */
export function wrote(rd: i32): void {
  if (areFlagsOf(rd)) forgetFlags();
}

/** The register was written, and sign and zero flags are its own unless they tell of a condition. */
export function wroteFlags(rd: i32): void {
  if (isHeld()) wrote(rd);
  else store32(layout.flagsOf, rd);
}

export function move(rd: i32, rs: i32): void {
  if (rd === rs) return;
  emit2(t.movRr, rd, rs);
  wrote(rd);
}

export function loadConst(rd: i32, value: i32): void {
  if (isBelow(value, 0x100)) {
    if (isLow(rd)) {
      if (!isHeld()) {
        emit2(t.movRi8N, rd, value);
        store32(layout.flagsOf, rd);
        return;
      }
    }
  }
  if (isModifiedImmediate(value)) {
    emit3(t.movRimm, 0, rd, value);
    isUnsigned();
  } else if (isModifiedImmediate(~value)) {
    emit3(t.movRimm, 1, rd, ~value);
    isUnsigned();
  } else if (isBelow(value, 0x1_0000)) emit2(t.movw, rd, value);
  else {
    emit2(t.movImm32, rd, value);
    isUnsigned();
  }
  wrote(rd);
}
