/** Proofs at run time that an index lies in memory: a short check in line, the exact one out of line. A reach is how far behind the index the last byte lies: a number without sign. */
import { allocate, load16, load32, store32 } from '@fireball/wasm';
import { checkedReach, fitsImmediate, immediateLimit } from '../costs.js';
import { recordOf } from '../instructions.js';
import * as layout from '../layout/addresses.js';
import * as arithmetic from '../layout/arithmetic.js';
import { flagsField, isRare, offsetField } from '../layout/body.js';
import { boundsRoutine, ownsLink } from '../layout/environment.js';
import { hasBytes, isFixed, lastByte } from '../layout/function.js';
import { groupExtent, groupLow, memberBytes, memberC, memberIndex, memberNext } from '../layout/groups.js';
import { firstMemberOf, hasOneMember } from '../members.js';
import { compareTest, immediate, register } from '../layout/machine.js';
import { noRoom } from '../layout/masm.js';
import { deferredWords, growingCheck, loopDepth, nearCheck, noHeld, noReg, outOfBoundsTrap } from '../layout/select.js';
import { boundsSite } from '../layout/walk.js';
import { alu, loadConst } from '../masm/arithmetic.js';
import { addCheck, addMember, bindLabel, newLabel } from '../masm/assembly.js';
import { boundsCallSite, boundsThunk, callThunk, exactBoundsCheck } from '../masm/calls.js';
import { bind, boundsCheck, branchIfWords, jump } from '../masm/conditions.js';
import { scratch } from '../masm/properties.js';
import { placedCount, refuse, share } from '../masm/records.js';
import { zeroRegister } from '../masm/roles.js';
import { isBelow } from '../unsigned.js';
import { findPinned } from './contents.js';
import { currentRecord, defer, trapLabel } from './context.js';
import { owned, regOf } from './held.js';
import { findConst, holdConst, release, takeTemp } from './state.js';

/** Is a byte so far behind the memory's beginning not there for certain? */
function isOutside(reach: i32): boolean {
  return load32(hasBytes) === 0 || isBelow(load32(lastByte), reach);
}

/** The greatest limit that a check takes as an immediate, such that indices below it are right; 0 where there is none. */
export function limitOf(reach: i32): i32 {
  const limit = isOutside(reach) ? 0 : (load32(lastByte) - reach + 1) | 0;
  return limit === 0 ? 0 : immediateLimit(limit);
}

/** The exact check has no entry for a hard-wired zero register. */
export function checkable(index: i32): i32 {
  if (regOf(index) !== zeroRegister()) return index;
  const reg = takeTemp(noReg);
  loadConst(reg, 0);
  return owned(reg);
}

/** No index is right. */
export function trapOutOfBounds(): void {
  jump(trapLabel(outOfBoundsTrap));
}

/** Proves reg + reach < memory size, or traps. `shared`: number of the check that several accesses share; 0 where one is alone. */
export function check(reg: i32, reach: i32, shared: i32): void {
  if (load32(isFixed) === 0) checkGrowing(reg, reach, shared);
  else checkFixed(reg, reach, shared);
}

/** The size is a constant: traps where reg > last (unsigned). */
function checkFixed(reg: i32, accessed: i32, shared: i32): void {
  const reach = checkedReach(accessed);
  const trap = trapLabel(outOfBoundsTrap);
  if (isOutside(reach)) {
    jump(trap);
    return;
  }
  const last = (load32(lastByte) - reach) | 0;
  if (fitsImmediate(arithmetic.compare, last)) {
    branchIfWords(compareTest, arithmetic.gtU, reg, immediate, last, trap);
    return;
  }
  if (last !== -1 && fitsImmediate(arithmetic.compare, last + 1)) {
    branchIfWords(compareTest, arithmetic.geU, reg, immediate, last + 1, trap);
    return;
  }
  const found = findConst(last);
  const near = found === noHeld && load32(loopDepth) > 0 ? limitOf(reach) : 0;
  if (near !== 0) {
    // No register to spare: the nearest encodable limit, exact only out of line.
    if (load32(ownsLink) !== 0 || load32(boundsRoutine) === 0) checkNear(reg, near, last, shared);
    else checkGrowing(reg, reach, shared);
    return;
  }
  const limit = found === noHeld ? holdConst(last) : found;
  branchIfWords(compareTest, arithmetic.gtU, reg, register, regOf(limit), trap);
  release(limit);
}

/** Of a check out of line: the labels where it begins, and where it is left; then what is checked. */
const slowWord = deferredWords;
const fineWord = deferredWords + 4;
const regWord = deferredWords + 8;
const lastWord = deferredWords + 12;
const thunkWord = deferredWords + 8;
const sharedWord = deferredWords + 16;

/** In line, whether the register is below a limit. Returns the row of the exact check, which follows out of line where it is not. */
function checkQuickly(reg: i32, kind: i32, limit: i32, exact: i32, shared: i32): i32 {
  const slow = newLabel();
  const fine = newLabel();
  boundsCheck(reg, kind, limit, slow);
  bindLabel(fine);
  const row = defer(exact);
  store32(row + slowWord, slow);
  store32(row + fineWord, fine);
  store32(row + sharedWord, shared);
  return row;
}

/** As `checkGrowing` for a fixed size, where nothing can be called: there is no link register for that, or no routine. */
function checkNear(reg: i32, near: i32, last: i32, shared: i32): void {
  const row = checkQuickly(reg, immediate, near, nearCheck, shared);
  store32(row + regWord, reg);
  store32(row + lastWord, last);
}

/** Places the exact check of a fixed size. */
export function emitNearCheck(row: i32): void {
  bind(load32(row + slowWord));
  const last = load32(row + lastWord);
  branchBeyond(load32(row + regWord), last, false);
  shareLast(load32(row + sharedWord));
  jump(load32(row + fineWord));
}

/** The template that was placed last is part of a check, if that is one that several accesses share. */
function shareLast(shared: i32): void {
  if (shared !== 0) share(shared, placedCount() - 1);
}

/** Fast limit from the minimal size, which memory never falls below; the exact check is out of line. */
function checkGrowing(reg: i32, reach: i32, shared: i32): void {
  // No memory is larger; the exact check adds in 32 bits and reports a carry, so its extent must fit too.
  if (reach === -1) {
    trapOutOfBounds();
    return;
  }
  const limit = limitOf(reach);
  if (limit === 0) {
    exactBoundsCheck(reg, reach + 1, load32(boundsRoutine));
    return;
  }
  const isPinned = findPinned(limit) >= 0 || !fitsImmediate(arithmetic.compare, limit);
  const pinned = isPinned ? findConst(limit) : noHeld;
  const kind = pinned === noHeld ? immediate : register;
  const bound = pinned === noHeld ? limit : regOf(pinned);
  const thunk = thunkFor(reg, reach + 1);
  if ((load32(currentRecord() + flagsField) & isRare) !== 0) {
    // A branch back less, and a shorter one there; where it counts, the straight way stays free of jumps.
    const fine = newLabel();
    branchIfWords(compareTest, arithmetic.ltU, reg, kind, bound, fine);
    callExactLater(thunk, shared);
    bind(fine);
  } else {
    const row = checkQuickly(reg, kind, bound, growingCheck, shared);
    store32(row + thunkWord, thunk);
  }
  if (pinned !== noHeld) release(pinned);
}

/** Places the call of a growing memory's exact check. */
export function emitGrowingCheck(row: i32): void {
  bind(load32(row + slowWord));
  callExact(load32(row + thunkWord), load32(row + sharedWord));
  jump(load32(row + fineWord));
}

/** The same in place, when it is known how many share the thunk. */
function callExactLater(thunk: i32, shared: i32): void {
  const call = allocate(8);
  if (call === 0) {
    refuse(noRoom, 0);
    return;
  }
  store32(call, thunk);
  store32(call + 4, shared);
  boundsCallSite(boundsSite, call);
}

/** Places it, by the word that the site has. */
export function emitBoundsSite(call: i32): void {
  callExact(load32(call), load32(call + 4));
}

/** From so many slow checks on, a thunk is smaller than each of them passing its own extent. */
const sharedFrom: i32 = 3;

function callExact(thunk: i32, shared: i32): void {
  if (load32(thunk + layout.thunkUsers) >= sharedFrom) callThunk(load32(thunk + layout.thunkLabel));
  else exactBoundsCheck(load32(thunk + layout.thunkReg), load32(thunk + layout.thunkExtent), load32(boundsRoutine));
  shareLast(shared);
}

/** Begins a function without thunks. */
export function forgetThunks(): void {
  store32(layout.firstThunk, 0);
  // Four at once, the last one first: the others need no bounds check then.
  for (let at = layout.thunkChains; at < layout.thunkChains + (layout.thunkChainCount << 2); at += 16) {
    store32(at + 12, 0);
    store32(at + 8, 0);
    store32(at + 4, 0);
    store32(at, 0);
  }
}

/** What the function's slow checks of one register and extent share. */
function thunkFor(reg: i32, extent: i32): i32 {
  const chain = layout.thunkChains + (((extent + (extent >>> 5) * 7 + reg * 5) & (layout.thunkChainCount - 1)) << 2);
  let thunk = load32(chain);
  while (thunk !== 0 && (load32(thunk + layout.thunkReg) !== reg || load32(thunk + layout.thunkExtent) !== extent)) thunk = load32(thunk + layout.thunkOfChain);
  if (thunk === 0) thunk = newThunk(reg, extent, chain);
  store32(thunk + layout.thunkUsers, load32(thunk + layout.thunkUsers) + 1);
  return thunk;
}

function newThunk(reg: i32, extent: i32, chain: i32): i32 {
  const label = newLabel();
  const thunk = allocate(layout.thunkSize);
  if (thunk === 0) {
    refuse(noRoom, 0);
    return layout.spareThunk;
  }
  store32(thunk + layout.thunkReg, reg);
  store32(thunk + layout.thunkExtent, extent);
  store32(thunk + layout.thunkLabel, label);
  store32(thunk + layout.thunkUsers, 0);
  store32(thunk + layout.thunkNext, 0);
  store32(thunk + layout.thunkOfChain, load32(chain));
  store32(chain, thunk);
  if (load32(layout.firstThunk) === 0) store32(layout.firstThunk, thunk);
  else store32(load32(layout.lastThunk) + layout.thunkNext, thunk);
  store32(layout.lastThunk, thunk);
  return thunk;
}

/** Binds the shared thunks behind the function. */
export function bindThunks(): void {
  for (let thunk = load32(layout.firstThunk); thunk !== 0; thunk = load32(thunk + layout.thunkNext)) {
    if (load32(thunk + layout.thunkUsers) < sharedFrom) continue;
    bind(load32(thunk + layout.thunkLabel));
    boundsThunk(load32(thunk + layout.thunkReg), load32(thunk + layout.thunkExtent), load32(boundsRoutine));
  }
}

/** One check for all accesses of the group, marked so that a failure can be blamed on the right one. */
export function checkTogether(reg: i32, group: i32): void {
  const reach = load16(group + groupExtent) - 1;
  if (hasOneMember(group)) {
    check(reg, reach, 0);
    return;
  }
  const shared = addSharedCheck(reg, load32(group + groupLow), group);
  const begin = placedCount();
  check(reg, reach, shared);
  share(shared, begin);
}

/** The number of a check of the group, of whose local the register holds the value + low. */
function addSharedCheck(reg: i32, low: i32, group: i32): i32 {
  const shared = addCheck(reg);
  for (let member = firstMemberOf(group); member !== 0; member = load32(member + memberNext)) {
    const offset = load32(recordOf(load32(member + memberIndex)) + offsetField);
    addMember(offset, (load32(member + memberC) - low) | 0, load16(member + memberBytes));
  }
  return shared;
}

/**
 * Out of line, with no register but the scratch one: proves that the group, of whose local `reg` holds the value + low, is in bounds, or traps.
 * An access at `reg` has been in bounds, so that no sum between wraps. Is it known what the scratch register holds, and what is that? Of a fixed memory that is known afterwards: the value is returned.
 */
export function checkAscending(reg: i32, low: i32, group: i32, isKnown: boolean, inScratch: i32): i32 {
  const extent = load32(group + groupLow) - low + load16(group + groupExtent);
  const last = (load32(lastByte) - extent + 1) | 0;
  if (load32(isFixed) === 0) exactBoundsCheck(reg, extent, load32(boundsRoutine));
  else branchBeyond(reg, last, isKnown && inScratch === last);
  if (!hasOneMember(group)) shareLast(addSharedCheck(reg, low, group));
  return last;
}

/** As `checkAscending` of a fixed memory, whatever has been accessed: the sum has to be in bounds, and its last byte. */
export function checkSum(reg: i32, low: i32, group: i32): void {
  const trap = trapLabel(outOfBoundsTrap);
  const begin = placedCount();
  const first = load32(group + groupLow) - low;
  const last = first + load16(group + groupExtent) - 1;
  checkByte(reg, first, trap);
  if (first !== last) checkByte(reg, last, trap);
  if (!hasOneMember(group)) share(addSharedCheck(reg, low, group), begin);
}

/** Traps unless the byte at a distance from the register is in bounds. */
function checkByte(reg: i32, distance: i32, trap: i32): void {
  if (distance !== 0) alu(arithmetic.add, scratch(), reg, immediate, distance, false);
  branchIfWords(compareTest, arithmetic.geU, distance === 0 ? reg : scratch(), immediate, (load32(lastByte) + 1) | 0, trap);
}

/** Traps where reg > last (unsigned); needs the scratch register only, which may hold the number already. */
function branchBeyond(reg: i32, last: i32, isLoaded: boolean): void {
  if (!isLoaded) loadConst(scratch(), last);
  branchIfWords(compareTest, arithmetic.gtU, reg, register, scratch(), trapLabel(outOfBoundsTrap));
}
