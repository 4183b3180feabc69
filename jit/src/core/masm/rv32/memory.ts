/** Loads and stores of RV32, whole and byte by byte, and slots of the frame. */
import * as arithmetic from '../../layout/arithmetic.js';
import { load16S, loadWord, storeWord } from '../../layout/machine.js';
import { accessRole } from '../../layout/placed.js';
import * as t from '../../layout/rv32-templates.js';
import { fits12 } from '../../target.js';
import { emit2, emit4, setRole } from '../records.js';
import { branchIfRegisters } from './branches.js';
import { addCode, andCode, isCompressed, loadConst, orCode, shiftCode, slotBase, slotOffset, sp, t1, t2, x0 } from './emitter.js';

const isLoad: i32 = 1;
const isSigned: i32 = 8;
/** Of lb, lbu and sb. */
const signedByteCode: i32 = 0;
const byteCode: i32 = 4;
const storeByteCode: i32 = 0;

/** The instruction's funct3: logarithm of the width, and bit 2 for what is extended by zeros. */
function accessCode(op: i32): i32 {
  const width = (op >> 1) & 3;
  return (op & isLoad) !== 0 && (op & isSigned) === 0 && width < 2 ? width | 4 : width;
}

/** Loads into a register, or stores it, at base + offset. */
export function access(op: i32, rt: i32, base: i32, offset: i32): void {
  accessFrame(op, rt, base, offset);
  setRole(accessRole);
}

/** As `access`, by the frame's registers. */
function accessFrame(op: i32, rt: i32, base: i32, offset: i32): void {
  const isWord = (op === loadWord || op === storeWord) && offset >= 0 && (offset & 3) === 0;
  const isLoading = (op & isLoad) !== 0;
  if (isWord && base === sp && offset <= 252) emit2(isLoading ? t.cLwsp : t.cSwsp, rt, offset);
  else if (isWord && isCompressed(rt) && isCompressed(base) && offset <= 124) emit4(t.cLdst, isLoading ? 0 : 1, rt, base, offset);
  else emit4(isLoading ? t.load : t.store, accessCode(op), rt, base, offset);
}

/** Branches where base + offset is no multiple of `width`, a power of two. */
export function branchIfMisaligned(width: i32, base: i32, offset: i32, target: i32): void {
  const isOff = (offset & (width - 1)) !== 0;
  if (isOff) emit4(t.aluRri, addCode, t2, base, offset);
  emit4(t.aluRri, andCode, t2, isOff ? t2 : base, width - 1);
  branchIfRegisters(arithmetic.ne, t2, x0, target);
}

/** Loads a word or half byte by byte. */
export function splitLoad(op: i32, rd: i32, base: i32, offset: i32): void {
  const bytes = op === loadWord ? 4 : 2;
  placeByte(byteCode, t1, base, offset);
  for (let byte = 1; byte < bytes; byte++) {
    placeByte(op === load16S ? signedByteCode : byteCode, t2, base, (offset + byte) | 0);
    emit2(t.cSlli, t2, 8 * byte);
    emit4(t.aluRrr, orCode, byte === bytes - 1 ? rd : t1, t1, t2);
  }
}

function placeByte(code: i32, rd: i32, base: i32, offset: i32): void {
  emit4(t.load, code, rd, base, offset);
  setRole(accessRole);
}

/** Stores a word or half byte by byte. */
export function splitStore(op: i32, rs: i32, base: i32, offset: i32): void {
  const bytes = op === storeWord ? 4 : 2;
  for (let byte = 0; byte < bytes; byte++) {
    if (byte > 0) emit4(t.shiftRri, shiftCode(arithmetic.shrU), t1, rs, 8 * byte);
    emit4(t.store, storeByteCode, byte === 0 ? rs : t1, base, (offset + byte) | 0);
    setRole(accessRole);
  }
}

export function loadSlot(rd: i32, spOffset: i32): void {
  accessFrame(loadWord, rd, slotBase(spOffset), slotOffset(spOffset));
}

export function storeSlot(rs: i32, spOffset: i32): void {
  accessFrame(storeWord, rs, slotBase(spOffset), slotOffset(spOffset));
}

export function slotAddress(rd: i32, spOffset: i32): void {
  if (fits12(spOffset)) {
    emit4(t.aluRri, addCode, rd, sp, spOffset);
    return;
  }
  loadConst(rd, spOffset);
  emit2(t.cAdd, rd, sp);
}
