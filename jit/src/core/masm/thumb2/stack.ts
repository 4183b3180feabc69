/** The stack pointer of Thumb-2, and frames. */
import { load32, store32 } from '@fireball/wasm';
import * as layout from '../../layout/masm.js';
import * as t from '../../layout/thumb2-templates.js';
import { isModifiedImmediate } from '../../target.js';
import { branchTo } from '../leaving.js';
import { emit1, emit2, isUnsigned } from '../records.js';
import { bitCount } from '../registers.js';
import { addCode, ltUCode, subCode } from './codes.js';
import { loadConst, lr, pc, r12 } from './emitter.js';

/** Callee-saved registers that a push without others may take along, least one first. */
const firstSaved: i32 = 4;
const lastSaved: i32 = 11;

/** Moves sp by `bytes`. */
export function adjustStack(bytes: i32): void {
  if (bytes === 0) return;
  const isDown = bytes < 0;
  const size = isDown ? -bytes : bytes;
  if (size <= 508) emit2(t.spAdjustN, isDown ? 1 : 0, size);
  else if (size <= 4092) emit2(t.spAdjustW, isDown ? 1 : 0, size);
  else {
    loadConst(r12, size);
    emit2(t.spAdjustR, isDown ? subCode : addCode, r12);
  }
}

export function adjustStackKeeping(bytes: i32): void {
  for (let rest = bytes; rest > 0; rest -= 4088) adjustStack(rest < 4088 ? rest : 4088);
}

export function stackCheck(frameBytes: i32, limit: i32, overflow: i32): void {
  if (frameBytes === 0 && isModifiedImmediate(limit)) {
    emit1(t.cmpSpI, limit);
    isUnsigned();
  } else {
    // Large frames: sp - frameBytes may wrap, so the borrow counts as overflow too (hazard 7).
    loadConst(r12, (frameBytes + limit) | 0);
    emit2(t.subFromSp, r12, r12);
  }
  branchTo(overflow, t.conditionKind, ltUCode);
}

/** What is pushed, as a set. */
function savedSet(): i32 {
  let saved = load32(layout.frameSaved);
  if (load32(layout.frameSavesLink) !== 0) saved |= 1 << lr;
  // Keep sp a multiple of 8 with a register that nobody needs; the link register spares the return.
  return (bitCount(saved) & 1) === 0 ? saved : saved | (1 << spareOf(saved));
}

function spareOf(saved: i32): i32 {
  if ((saved & (1 << lr)) === 0) return lr;
  for (let reg = firstSaved; reg <= lastSaved; reg++) if ((saved & (1 << reg)) === 0) return reg;
  return r12;
}

/** Are all but one of these low registers? */
function isNarrow(set: i32, other: i32): boolean {
  return (set & ~0xff & ~(1 << other)) === 0;
}

export function savedPlaces(): i32 {
  const saved = savedSet();
  let offset = load32(layout.frameSlotBytes);
  let count = 0;
  for (let reg = 0; reg <= lr; reg++) {
    if ((saved & (1 << reg)) === 0) continue;
    if (reg !== r12) {
      const row = layout.savedRows + count * layout.savedStride;
      store32(row + layout.savedRegister, reg);
      store32(row + layout.savedOffset, offset);
      count++;
    }
    offset += 4;
  }
  return count;
}

export function frameBytes(): i32 {
  return load32(layout.frameSlotBytes) + 4 * bitCount(savedSet());
}

export function prologue(): void {
  const saved = savedSet();
  if (saved !== 0) emit1(isNarrow(saved, lr) ? t.pushN : t.pushW, saved);
  adjustStack(-load32(layout.frameSlotBytes));
}

export function epilogue(): void {
  adjustStack(load32(layout.frameSlotBytes));
  const popped = load32(layout.frameStackArguments);
  let saved = savedSet();
  const isDirect = (saved & (1 << lr)) !== 0 && popped === 0;
  if (isDirect) saved = (saved & ~(1 << lr)) | (1 << pc);
  if (saved !== 0) emit1(isNarrow(saved, isDirect ? pc : 0) ? t.popN : t.popW, saved);
  if (isDirect) return;
  adjustStack(popped);
  emit1(t.bxR, lr);
}
