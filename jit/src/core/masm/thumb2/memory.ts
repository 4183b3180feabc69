/** Loads and stores of Thumb-2, and slots of the frame. Armv7-M carries out misaligned single accesses (ARM, A3.2.1). */
import { load16S, load16U, load8S, load8U, loadWord, store16, store8, storeWord } from '../../layout/machine.js';
import { accessRole } from '../../layout/placed.js';
import * as t from '../../layout/thumb2-templates.js';
import { emit2, emit3, emit4, emit5, setRole } from '../records.js';
import { forgetFlags, isLow, loadConst, r0, r12, sp, wrote } from './emitter.js';
import { adjustStack } from './stack.js';

const isLoad: i32 = 1;

/** Of 16-bit accesses with an index. */
function narrowCode(op: i32): i32 {
  switch (op) {
    case storeWord:
      return 0;
    case store16:
      return 1;
    case store8:
      return 2;
    case load8S:
      return 3;
    case loadWord:
      return 4;
    case load16U:
      return 5;
    case load8U:
      return 6;
    default:
      return 7;
  }
}

/** Loads into a register, or stores it, at base + offset. */
export function access(op: i32, rt: i32, base: i32, offset: i32): void {
  if (!isLow(rt | base) || !accessNarrow(op, rt, base, offset)) emit4(t.ldstRi12, op, rt, base, offset);
  setRole(accessRole);
  if ((op & isLoad) !== 0) wrote(rt);
}

/** By a 16-bit form, if there is one. */
function accessNarrow(op: i32, rt: i32, base: i32, offset: i32): boolean {
  switch (op) {
    case loadWord:
    case storeWord:
      if ((offset & ~0x7c) !== 0) return false;
      emit4(t.ldstWordN, op & isLoad, rt, base, offset);
      return true;
    case load8U:
    case store8:
      if (offset > 31) return false;
      emit4(t.ldstByteN, op & isLoad, rt, base, offset);
      return true;
    case load16U:
    case store16:
      if ((offset & ~0x3e) !== 0) return false;
      emit4(t.ldstHalfN, op & isLoad, rt, base, offset);
      return true;
    case load8S:
    case load16S:
    default:
      return false;
  }
}

/** At base + (index << shift). */
export function accessIndexed(op: i32, rt: i32, base: i32, index: i32, shift: i32): void {
  if (shift === 0 && isLow(rt | base | index)) emit4(t.ldstRrN, narrowCode(op), rt, base, index);
  else emit5(t.ldstRr, op, rt, base, index, shift);
  setRole(accessRole);
  if ((op & isLoad) !== 0) wrote(rt);
}

export function loadSlot(rd: i32, spOffset: i32): void {
  // rd itself can hold the offset.
  if (spOffset > 4095) farSlot(loadWord, rd, spOffset, rd);
  else nearSlot(loadWord, rd, spOffset);
  wrote(rd);
}

export function storeSlot(rs: i32, spOffset: i32): void {
  if (spOffset <= 4095) nearSlot(storeWord, rs, spOffset);
  else if (rs === r12) storeScratchFar(spOffset);
  else farSlot(storeWord, rs, spOffset, r12);
}

function nearSlot(op: i32, rt: i32, spOffset: i32): void {
  if (isLow(rt) && spOffset <= 1020) emit3(t.ldstSpN, op & isLoad, rt, spOffset);
  else emit4(t.ldstRi12, op, rt, sp, spOffset);
}

function farSlot(op: i32, rt: i32, spOffset: i32, at: i32): void {
  loadConst(at, spOffset);
  emit3(t.ldstSpR, op & isLoad, rt, at);
}

/** The offset needs a register while the scratch register is taken: r0 makes room, and waits below the frame. */
function storeScratchFar(spOffset: i32): void {
  const bytes = 8;
  adjustStack(-bytes);
  storeSlot(r0, 0);
  farSlot(storeWord, r12, spOffset + bytes, r0);
  loadSlot(r0, 0);
  adjustStack(bytes);
}

export function slotAddress(rd: i32, spOffset: i32): void {
  loadConst(rd, -spOffset);
  emit2(t.subFromSp, rd, rd);
  forgetFlags();
}
