/** Loads and stores of wasm memory: each is checked by itself, at the memory's address in a register. */
import { load32, store32 } from '@fireball/wasm';
import { anchorOf, checkedReach, fitsImmediate } from '../costs.js';
import * as arithmetic from '../layout/arithmetic.js';
import * as layout from '../layout/baseline.js';
import { boundsRoutine, splitsMisaligned } from '../layout/environment.js';
import { noAccess, notExtended, signExtended } from '../layout/families.js';
import { hasBytes, isFixed, isTrusted, lastByte, memoryBase } from '../layout/function.js';
import { compareTest, immediate, register } from '../layout/machine.js';
import { outOfBoundsTrap } from '../layout/select.js';
import { alu, loadConst } from '../masm/arithmetic.js';
import { newLabel } from '../masm/assembly.js';
import { exactBoundsCheck } from '../masm/calls.js';
import { bind, branchIfWords, jump } from '../masm/conditions.js';
import { access, accessIndexed, branchIfMisaligned, fitsOffset, offsetOf, splitLoad, splitStore } from '../masm/memory.js';
import { isIndexed, isSplit, scratch } from '../masm/properties.js';
import { zeroRegister } from '../masm/roles.js';
import { limitOf } from '../select/bounds-checks.js';
import { trapLabel } from '../select/context.js';
import { isBelow } from '../unsigned.js';
import { detailOf } from './details.js';
import { hold, isConstant, isTemporary, pop, pushTemporary, release, releaseRow, takeTemporary, valueOf } from './operands.js';
import { extendWord } from './pairs.js';
import { takeMemoryOffset } from './reading.js';
import { finishPair, finishResult, pairResultOf, resultOf } from './results.js';

function bytesOf(op: i32): i32 {
  return 1 << ((op >> 1) & 3);
}

export function selectLoad(operation: i32): void {
  const first = detailOf(operation, 0);
  const second = detailOf(operation, 1);
  const extension = detailOf(operation, 2);
  const isPair = second !== noAccess;
  locate(pop(), takeMemoryOffset(), isPair ? 8 : bytesOf(first), isPair);
  const base = load32(layout.accessBase);
  const index = load32(layout.accessIndex);
  if (isPair) {
    // The upper word is loaded from where the lower one was.
    pairResultOf(-1, -1, false, false);
    placeAccess(first, load32(layout.lowResult), 0);
    placeAccess(second, load32(layout.highResult), 4);
    release(base);
    finishPair();
  } else if (extension !== notExtended) {
    const reg = isTemporary(base) ? base : index >= 0 && isTemporary(index) ? index : takeTemporary();
    placeAccess(first, reg, 0);
    pushTemporary(reg, 0);
    extendWord(extension === signExtended);
  } else {
    const reg = resultOf(base, index);
    placeAccess(first, reg, 0);
    finishResult(reg);
  }
}

export function selectStore(operation: i32): void {
  const first = detailOf(operation, 0);
  const second = detailOf(operation, 1);
  const isPair = second !== noAccess;
  const offset = takeMemoryOffset();
  const high = detailOf(operation, 2) === 2 ? pop() : 0;
  const upper = isPair ? hold(high) : -1;
  if (high !== 0 && !isPair) releaseRow(high);
  const low = hold(pop());
  locate(pop(), offset, isPair ? 8 : bytesOf(first), isPair);
  placeAccess(first, low, 0);
  release(low);
  if (isPair) {
    placeAccess(second, upper, 4);
    release(upper);
  }
  release(load32(layout.accessBase));
  if (load32(layout.accessIndex) >= 0) release(load32(layout.accessIndex));
}

/** Finds base and index, or offset, for an access of so many bytes at the index in a row and an offset, which is proved to lie in memory. `isPair`: there are two words. */
function locate(row: i32, offset: i32, bytes: i32, isPair: boolean): void {
  store32(layout.accessIndex, -1);
  store32(layout.accessIsKnown, 0);
  if (isConstant(row) && isInside(valueOf(row), offset, bytes)) {
    locateConstant((valueOf(row) + offset) | 0);
    return;
  }
  let index = hold(row);
  if (index === zeroRegister()) {
    // The exact check has no entry for it.
    index = takeTemporary();
    loadConst(index, 0);
  }
  checkBounds(index, offset, bytes);
  const memory = load32(layout.memoryReg);
  if (isIndexed() && offset === 0 && !isPair) {
    store32(layout.accessBase, memory);
    store32(layout.accessIndex, index);
    return;
  }
  const last = offset + bytes - 1;
  const isNear = fitsOffset(offset) && fitsOffset(last);
  const base = isTemporary(index) ? index : takeTemporary();
  alu(arithmetic.add, base, index, register, memory, false);
  if (!isNear) addOffset(base, offset);
  store32(layout.accessBase, base);
  store32(layout.accessOffset, isNear ? offset : 0);
}

function addOffset(base: i32, offset: i32): void {
  if (fitsImmediate(arithmetic.add, offset)) alu(arithmetic.add, base, base, immediate, offset, false);
  else {
    loadConst(scratch(), offset);
    alu(arithmetic.add, base, base, register, scratch(), false);
  }
}

/** Are so many bytes at address + offset there for certain? */
function isInside(address: i32, offset: i32, bytes: i32): boolean {
  if (load32(hasBytes) === 0) return false;
  const first = (address + offset) | 0;
  if (isBelow(first, address)) return false;
  const last = (first + bytes - 1) | 0;
  return !isBelow(last, first) && !isBelow(load32(lastByte), last);
}

/** At so many bytes from the memory's beginning. */
function locateConstant(distance: i32): void {
  const address = (load32(memoryBase) + distance) | 0;
  store32(layout.accessIsKnown, 1);
  store32(layout.accessAddress, address);
  if (fitsOffset(distance) && fitsOffset(distance + 7)) {
    store32(layout.accessBase, load32(layout.memoryReg));
    store32(layout.accessOffset, distance);
    return;
  }
  const base = takeTemporary();
  const anchor = fitsOffset(offsetOf(address) + 7) ? anchorOf(address) : address;
  loadConst(base, anchor);
  store32(layout.accessBase, base);
  store32(layout.accessOffset, (address - anchor) | 0);
}

/** Proves that so many bytes at index + offset lie in memory, or traps. */
function checkBounds(index: i32, offset: i32, bytes: i32): void {
  if (load32(isTrusted) !== 0) return;
  const reach = (offset + bytes - 1) | 0;
  if (isChecked(index, reach)) return;
  if (isBelow(reach, offset) || reach === -1) {
    // Beyond all addresses.
    jump(trapLabel(outOfBoundsTrap));
  } else if (load32(isFixed) === 0) checkGrowing(index, reach);
  else checkFixed(index, checkedReach(reach));
}

/** Has the register of a local been checked for so much, with the value that it has? If not, it is from here on. */
function isChecked(index: i32, reach: i32): boolean {
  const bit = 1 << index;
  if ((load32(layout.localRegs) & bit) === 0) return false;
  const at = layout.checkedReaches + (index << 2);
  const before = load32(layout.checkedRegs);
  if ((before & bit) !== 0 && !isBelow(load32(at), reach)) return true;
  store32(layout.checkedRegs, before | bit);
  store32(at, reach);
  return false;
}

/** The size is a constant. */
function checkFixed(index: i32, reach: i32): void {
  const trap = trapLabel(outOfBoundsTrap);
  if (load32(hasBytes) === 0 || isBelow(load32(lastByte), reach)) {
    jump(trap);
    return;
  }
  const last = (load32(lastByte) - reach) | 0;
  if (last === load32(layout.limit) && load32(layout.limitReg) >= 0) branchIfWords(compareTest, arithmetic.gtU, index, register, load32(layout.limitReg), trap);
  else if (fitsImmediate(arithmetic.compare, last)) branchIfWords(compareTest, arithmetic.gtU, index, immediate, last, trap);
  else if (last !== -1 && fitsImmediate(arithmetic.compare, last + 1)) branchIfWords(compareTest, arithmetic.geU, index, immediate, last + 1, trap);
  else {
    loadConst(scratch(), last);
    branchIfWords(compareTest, arithmetic.gtU, index, register, scratch(), trap);
  }
}

/** What is below a limit is in bounds however small the memory is; the routine looks at its size. */
function checkGrowing(index: i32, reach: i32): void {
  const limit = limitOf(reach);
  if (limit === 0) {
    exactBoundsCheck(index, reach + 1, load32(boundsRoutine));
    return;
  }
  const fine = newLabel();
  branchIfWords(compareTest, arithmetic.ltU, index, immediate, limit, fine);
  exactBoundsCheck(index, reach + 1, load32(boundsRoutine));
  bind(fine);
}

/** One access of `machine.ts`, so many bytes behind the address; byte by byte where the core traps on misaligned ones, and this one is. */
function placeAccess(op: i32, rt: i32, bytes: i32): void {
  const base = load32(layout.accessBase);
  const index = load32(layout.accessIndex);
  if (index >= 0) {
    accessIndexed(op, rt, base, index, 0);
    return;
  }
  const offset = load32(layout.accessOffset) + bytes;
  const width = bytesOf(op);
  const isKnown = load32(layout.accessIsKnown) !== 0;
  const isAligned = isKnown && ((load32(layout.accessAddress) + bytes) & (width - 1)) === 0;
  if (!isSplit() || load32(splitsMisaligned) === 0 || width === 1 || isAligned) access(op, rt, base, offset);
  else if (isKnown) placeBytes(op, rt, base, offset);
  else {
    const misaligned = newLabel();
    const done = newLabel();
    branchIfMisaligned(width, base, offset, misaligned);
    access(op, rt, base, offset);
    jump(done);
    bind(misaligned);
    placeBytes(op, rt, base, offset);
    bind(done);
  }
}

function placeBytes(op: i32, rt: i32, base: i32, offset: i32): void {
  if ((op & 1) !== 0) splitLoad(op, rt, base, offset);
  else splitStore(op, rt, base, offset);
}
