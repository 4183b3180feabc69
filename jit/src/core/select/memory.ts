/** Loads and stores of wasm memory. */
import { load32, store32 } from '@fireball/wasm';
import * as layout from '../layout/addresses.js';
import { splitsMisaligned } from '../layout/environment.js';
import { noAccess, notExtended, signExtended } from '../layout/families.js';
import { deferredWords, noHeld, noReg, splitLoad as splitLoadCode, splitStore as splitStoreCode } from '../layout/select.js';
import { bindLabel, newLabel } from '../masm/assembly.js';
import { bind, jump } from '../masm/conditions.js';
import { access, accessIndexed, branchIfMisaligned, splitLoad, splitStore } from '../masm/memory.js';
import { isSplit } from '../masm/properties.js';
import { locate, releaseLocated, widthOf } from './addresses.js';
import { isWorthKeeping } from './contents.js';
import { defer } from './context.js';
import { destination, finishDestination, finishPair, pairDestination, resultHigh, resultLow } from './destination.js';
import { detail } from './families.js';
import { regOf } from './held.js';
import { pop } from './operand-stack.js';
import { selectExtend } from './pairs.js';
import { hold, pushReg, release, releaseEntry, takeTemp } from './state.js';

/** The second access of the machine; -1 where there is none. */
function secondOf(record: i32): i32 {
  const second = detail(record, 1);
  return second === noAccess ? -1 : second;
}

/** @noinline */
export function selectLoad(record: i32): void {
  const first = detail(record, 0);
  const second = secondOf(record);
  const extension = detail(record, 2);
  locate(record, pop(), first, second);
  if (extension !== notExtended) {
    const reg = takeTemp(noReg);
    accessAt(first, reg, 0);
    releaseLocated();
    pushReg(reg, false);
    selectExtend(extension === signExtended);
  } else if (second < 0) {
    const from = load32(layout.locatedIndex) === noReg ? load32(layout.locatedBase) : load32(layout.locatedIndex);
    const prefer = isWorthKeeping(from) ? noReg : from;
    accessAt(first, destination(prefer, load32(layout.locatedHeld), load32(layout.locatedHeld2), noHeld), 0);
    finishDestination();
  } else {
    // The upper word is loaded from where the lower one was.
    const base = load32(layout.locatedBase);
    pairDestination(1 << base, 0, noHeld, noHeld, load32(layout.locatedHeld), load32(layout.locatedHeld2), noHeld);
    accessAt(first, resultLow(), 0);
    accessAt(second, resultHigh(), 4);
    finishPair();
  }
}

/** @noinline */
export function selectStore(record: i32): void {
  const first = detail(record, 0);
  const second = secondOf(record);
  const high = detail(record, 2) === 2 ? pop() : 0;
  const low = hold(pop());
  const upper = second < 0 ? noHeld : hold(high);
  if (high !== 0 && second < 0) releaseEntry(high);
  locate(record, pop(), first, second);
  // All words are checked before the first is written.
  accessAt(first, regOf(low), 0);
  release(low);
  if (second >= 0) {
    accessAt(second, regOf(upper), 4);
    release(upper);
  }
  releaseLocated();
}

/** Of an access out of line: the labels where it begins, and where it is left; which access, its register, base and offset. */
const misalignedWord = deferredWords;
const backWord = deferredWords + 4;
const accessWord = deferredWords + 8;
const regWord = deferredWords + 12;
const baseWord = deferredWords + 16;
const offsetWord = deferredWords + 20;

/** One access, so many bytes behind the address; where the core traps on misaligned ones, bytes out of line for an address that turns out to be. */
function accessAt(op: i32, rt: i32, bytes: i32): void {
  const base = load32(layout.locatedBase);
  const index = load32(layout.locatedIndex);
  if (index !== noReg) {
    accessIndexed(op, rt, base, index, load32(layout.locatedShift));
    return;
  }
  const offset = load32(layout.locatedOffset) + bytes;
  const width = widthOf(op);
  const isKnown = load32(layout.isLocated) !== 0;
  const isAligned = isKnown && (load32(layout.locatedAddress) & (width - 1)) === 0;
  if (!isSplit() || load32(splitsMisaligned) === 0 || width === 1 || isAligned) access(op, rt, base, offset);
  else if (isKnown) splitAccess(op, rt, base, offset);
  else {
    const misaligned = newLabel();
    const back = newLabel();
    branchIfMisaligned(width, base, offset, misaligned);
    access(op, rt, base, offset);
    bindLabel(back);
    const row = defer(isLoad(op) ? splitLoadCode : splitStoreCode);
    store32(row + misalignedWord, misaligned);
    store32(row + backWord, back);
    store32(row + accessWord, op);
    store32(row + regWord, rt);
    store32(row + baseWord, base);
    store32(row + offsetWord, offset);
  }
}

function isLoad(op: i32): boolean {
  return (op & 1) !== 0;
}

/** Byte by byte. */
function splitAccess(op: i32, rt: i32, base: i32, offset: i32): void {
  if (isLoad(op)) splitLoad(op, rt, base, offset);
  else splitStore(op, rt, base, offset);
}

/** Places the bytes of an access whose address has turned out to be misaligned. */
export function emitSplitAccess(row: i32): void {
  bind(load32(row + misalignedWord));
  splitAccess(load32(row + accessWord), load32(row + regWord), load32(row + baseWord), load32(row + offsetWord));
  jump(load32(row + backWord));
}
