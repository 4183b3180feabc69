/** The stack pointer of RV32, and frames. */
import { load32, store32 } from '@fireball/wasm';
import * as arithmetic from '../../layout/arithmetic.js';
import * as layout from '../../layout/masm.js';
import * as t from '../../layout/rv32-templates.js';
import { fits12 } from '../../target.js';
import { emit1, emit2, emit4 } from '../records.js';
import { bitCount } from '../registers.js';
import { branchIfRegisters } from './branches.js';
import { addCode, fits6, loadConst, ra, sp, t1 } from './emitter.js';
import { loadSlot, storeSlot } from './memory.js';

/** Frames of so many bytes have all slots within 12 bits with sign, and keep sp a multiple of 16. */
const mostNear: i32 = 2032;

/** Moves sp by `bytes`. */
export function adjustStack(bytes: i32): void {
  if (bytes === 0) return;
  if (fits6(bytes)) emit2(t.cAddi, sp, bytes);
  else if ((bytes & 15) === 0 && bytes >= -512 && bytes <= 496) emit1(t.cAddi16sp, bytes);
  else if (fits12(bytes)) emit4(t.aluRri, addCode, sp, sp, bytes);
  else {
    loadConst(t1, bytes);
    emit2(t.cAdd, sp, t1);
  }
}

export function adjustStackKeeping(bytes: i32): void {
  for (let rest = bytes; rest > 0; rest -= mostNear) adjustStack(rest < mostNear ? rest : mostNear);
}

export function stackCheck(frame: i32, limit: i32, overflow: i32): void {
  loadConst(t1, (frame + limit) | 0);
  branchIfRegisters(arithmetic.ltU, sp, t1, overflow);
}

/** Bytes of the saved registers. */
function savedBytes(): i32 {
  return 4 * (bitCount(load32(layout.frameSaved)) + load32(layout.frameSavesLink));
}

export function frameBytes(): i32 {
  return (load32(layout.frameSlotBytes) + savedBytes() + 15) & ~15;
}

/** Bytes of the upper part of the frame, which has the saved registers at its top; frames beyond 2 KiB move sp twice so that offsets stay short. */
function upperBytes(): i32 {
  const total = frameBytes();
  return total <= mostNear ? total : (savedBytes() + 15) & ~15;
}

/** Finds where registers are, by distance from the beginning of the upper part: the link register first, at the top. */
function findSaved(below: i32): i32 {
  let offset = below + upperBytes();
  let count = 0;
  if (load32(layout.frameSavesLink) !== 0) addSaved(count++, ra, (offset -= 4));
  const saved = load32(layout.frameSaved);
  for (let reg = 0; reg < 32; reg++) if ((saved & (1 << reg)) !== 0) addSaved(count++, reg, (offset -= 4));
  return count;
}

function addSaved(index: i32, reg: i32, offset: i32): void {
  const row = layout.savedRows + index * layout.savedStride;
  store32(row + layout.savedRegister, reg);
  store32(row + layout.savedOffset, offset);
}

export function savedPlaces(): i32 {
  return findSaved(frameBytes() - upperBytes());
}

export function prologue(): void {
  const upper = upperBytes();
  const count = findSaved(0);
  adjustStack(-upper);
  for (let index = 0; index < count; index++) {
    const row = layout.savedRows + index * layout.savedStride;
    storeSlot(load32(row + layout.savedRegister), load32(row + layout.savedOffset));
  }
  adjustStack(upper - frameBytes());
}

export function epilogue(): void {
  const upper = upperBytes();
  const count = findSaved(0);
  adjustStack(frameBytes() - upper);
  for (let index = 0; index < count; index++) {
    const row = layout.savedRows + index * layout.savedStride;
    loadSlot(load32(row + layout.savedRegister), load32(row + layout.savedOffset));
  }
  adjustStack(upper + load32(layout.frameStackArguments));
  emit1(t.cJr, ra);
}
