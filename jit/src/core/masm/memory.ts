/** Loads and stores, and slots of the frame. */
import { anchorOf, isThumb2 } from '../costs.js';
import { noForm } from '../layout/masm.js';
import { fits12 } from '../target.js';
import { refuse } from './records.js';
import * as rv32 from './rv32/memory.js';
import * as thumb2 from './thumb2/memory.js';

/** Do accesses reach the offset, a number with sign? */
export function fitsOffset(offset: i32): boolean {
  return isThumb2() ? offset >= 0 && offset <= 4095 : fits12(offset);
}

/** The least and the greatest one that they reach. */
export function leastOffset(): i32 {
  return isThumb2() ? 0 : -0x800;
}
export function greatestOffset(): i32 {
  return isThumb2() ? 0xfff : 0x7ff;
}

/** Carries out an access of `machine.ts` at base + offset: loads rt, or stores it. */
export function access(op: i32, rt: i32, base: i32, offset: i32): void {
  if (isThumb2()) thumb2.access(op, rt, base, offset);
  else rv32.access(op, rt, base, offset);
}

/** The same at base + (index << shift), shift 0..3; where `isIndexed`. */
export function accessIndexed(op: i32, rt: i32, base: i32, index: i32, shift: i32): void {
  if (isThumb2()) thumb2.accessIndexed(op, rt, base, index, shift);
  else refuse(noForm, op);
}

/** For cores that trap on misaligned accesses, where `isSplit`: branches where base + offset is no multiple of `width`. Uses no register but scratch ones. */
export function branchIfMisaligned(width: i32, base: i32, offset: i32, target: i32): void {
  if (isThumb2()) refuse(noForm, width);
  else rv32.branchIfMisaligned(width, base, offset, target);
}

/** Loads byte by byte. */
export function splitLoad(op: i32, rd: i32, base: i32, offset: i32): void {
  if (isThumb2()) refuse(noForm, op);
  else rv32.splitLoad(op, rd, base, offset);
}

/** Stores byte by byte. */
export function splitStore(op: i32, rs: i32, base: i32, offset: i32): void {
  if (isThumb2()) refuse(noForm, op);
  else rv32.splitStore(op, rs, base, offset);
}

export function loadSlot(rd: i32, spOffset: i32): void {
  if (isThumb2()) thumb2.loadSlot(rd, spOffset);
  else rv32.loadSlot(rd, spOffset);
}

export function storeSlot(rs: i32, spOffset: i32): void {
  if (isThumb2()) thumb2.storeSlot(rs, spOffset);
  else rv32.storeSlot(rs, spOffset);
}

/** rd = sp + spOffset. */
export function slotAddress(rd: i32, spOffset: i32): void {
  if (isThumb2()) thumb2.slotAddress(rd, spOffset);
  else rv32.slotAddress(rd, spOffset);
}

/** The offset by which every form of access reaches an address from what `anchorOf` says has to be loaded. */
export function offsetOf(address: i32): i32 {
  return (address - anchorOf(address)) | 0;
}
