/** Calls (jit/ABI.md, "Calls"). */
import { load32 } from '@fireball/wasm';
import { anchorOf } from '../costs.js';
import { constantRegs, pinnedCount } from '../layout/allocation.js';
import { aField, addressField, signatureField } from '../layout/body.js';
import { functionIndex, resultBuffer } from '../layout/environment.js';
import { resultCount } from '../layout/function.js';
import { loadWord } from '../layout/machine.js';
import { frameStackArguments } from '../layout/masm.js';
import { entryStride, fixedSource, noReg } from '../layout/select.js';
import { argumentStackBytes, directSite, elementSite, entryLabel, selfSite, slotSite } from '../layout/walk.js';
import { loadConst } from '../masm/arithmetic.js';
import { callFunction, callLabel, callSlot, jumpFunction, jumpRegister, returnSite, useLink } from '../masm/calls.js';
import { jump } from '../masm/conditions.js';
import { access, loadSlot, offsetOf, storeSlot } from '../masm/memory.js';
import { scratch } from '../masm/properties.js';
import { argumentCount, argumentRegister } from '../masm/roles.js';
import { adjustStack, adjustStackKeeping, frameBytes, restoreSaved } from '../masm/stack.js';
import { keepLastingPinned } from './contents.js';
import { sumEntryOf } from './entries.js';
import { regOf } from './held.js';
import { setShift } from './homes.js';
import { addMove, beginMoves, moveAll } from './moves.js';
import { take as takeEntries } from './operand-stack.js';
import { placeArguments, placeOf, resultRegisterCount, resultWords, stackBytesOf, wordsOfResult } from './signatures.js';
import { spillCallerSaved } from './spilling.js';
import { claimed, claimResults, compute, forgetCallerSaved, holdConst, pushReg, release, releaseEntry, takeTemp } from './state.js';
import { selectTableElement, slotCodeOffset } from './tables.js';

export function selectCall(record: i32): void {
  const callee = load32(record + aField);
  keepLastingPinned();
  const count = passArguments(load32(record + signatureField), 0, noReg, noReg);
  if (callee === load32(functionIndex)) callLabel(load32(entryLabel));
  else if (load32(record + addressField) === 0) callFunction(callee);
  else callBySlot(load32(record + addressField), count);
  takeResults(load32(record + signatureField));
}

/** Calls by a slot, when so many argument words are in their places. */
function callBySlot(slot: i32, count: i32): void {
  const anchor = anchorOf(slot);
  // An argument register that this call leaves free has shorter encodings than the scratch register.
  const spare = freeArgumentOr(count, scratch());
  const pinned = registerOfConstant(anchor);
  if (pinned === noReg) loadConst(spare, anchor);
  callSlot(pinned === noReg ? spare : pinned, offsetOf(slot), spare);
}

/** Is it among the registers of so many argument words? */
function isArgument(reg: i32, count: i32): boolean {
  for (let word = 0; word < count && word < argumentCount(); word++) if (argumentRegister(word) === reg) return true;
  return false;
}

function freeArgumentOr(count: i32, other: i32): i32 {
  return count < argumentCount() ? argumentRegister(count) : other;
}

/** The register that holds a constant here; -1 where none does. */
function registerOfConstant(value: i32): i32 {
  const end = load32(constantRegs) + (load32(pinnedCount) << 3);
  for (let pair = load32(constantRegs); pair < end; pair += 8) if (load32(pair) === value) return load32(pair + 4);
  return noReg;
}

export function selectCallIndirect(record: i32): void {
  const signature = load32(record + signatureField);
  const slot = selectTableElement(record);
  keepLastingPinned();
  const count = placeArguments(signature);
  const via = count < argumentCount() ? argumentRegister(count) : useLink();
  const address = regOf(slot);
  // Where arguments need its register, the slot's address travels along with them: to a free argument register, or the link register.
  const moves = isArgument(address, count);
  passArguments(signature, 0, moves ? address : noReg, via);
  release(slot);
  callSlot(moves ? via : address, slotCodeOffset, via);
  takeResults(signature);
}

/**
 * Puts the topmost values where the convention wants them, with `reserve` bytes kept free below the stack arguments, and moves one more register, if it is one, at the
 * same time. Returns the number of argument words.
 */
function passArguments(signature: i32, reserve: i32, from: i32, into: i32): i32 {
  const count = placeArguments(signature);
  spillCallerSaved(count);
  const entries = takeEntries(count);
  const outgoing = load32(argumentStackBytes) + reserve;
  if (outgoing !== 0) passOnStack(entries, count, outgoing, reserve);
  beginMoves();
  for (let word = 0; word < count; word++) if (placeOf(word) >= 0) addMove(entries + word * entryStride, placeOf(word));
  if (from !== noReg) addMove(sumEntryOf(fixedSource, from, 0, false), into);
  moveAll();
  for (let word = 0; word < count; word++) releaseEntry(entries + word * entryStride);
  if (outgoing !== 0) setShift(0);
  return count;
}

/** Stack arguments come first: they may need registers that then receive arguments. @noinline */
function passOnStack(entries: i32, count: i32, outgoing: i32, reserve: i32): void {
  adjustStack(-outgoing);
  setShift(outgoing);
  for (let word = 0; word < count; word++) {
    const place = placeOf(word);
    if (place >= 0) continue;
    compute(entries + word * entryStride, scratch());
    storeSlot(scratch(), reserve + ~place);
  }
}

function takeResults(signature: i32): void {
  forgetCallerSaved();
  pushNearResults(signature);
  const count = load32(signature + resultCount);
  let next = 0;
  for (let index = 0; index < count; index++) {
    for (let word = 0; word < wordsOfResult(signature, index); word++)
      if (next++ >= resultRegisterCount) pushFarResult(next - 1 - resultRegisterCount, word === 1);
  }
}

/** Takes over the results that have arrived in registers. */
function pushNearResults(signature: i32): void {
  const words = resultWords(signature);
  claimResults(words < resultRegisterCount ? words : resultRegisterCount);
  const count = load32(signature + resultCount);
  let next = 0;
  for (let index = 0; index < count; index++) {
    for (let word = 0; word < wordsOfResult(signature, index); word++) if (next < resultRegisterCount) pushReg(claimed(next++), word === 1);
  }
}

function pushFarResult(index: i32, high: boolean): void {
  const address = load32(resultBuffer) + 4 * index;
  const base = holdConst(anchorOf(address));
  const reg = takeTemp(noReg);
  access(loadWord, reg, regOf(base), offsetOf(address));
  release(base);
  pushReg(reg, high);
}

export function selectReturnCall(record: i32): void {
  passArguments(load32(record + signatureField), 0, noReg, noReg);
  if (load32(record + aField) === load32(functionIndex)) returnSite(selfSite, record);
  else returnSite(load32(record + addressField) === 0 ? directSite : slotSite, record);
}

/** Bytes that an indirect tail call keeps below the arguments: the slot's address survives there. */
const keptSlot: i32 = 16;

export function selectReturnCallIndirect(record: i32): void {
  const slot = selectTableElement(record);
  const via = useLink();
  passArguments(load32(record + signatureField), keptSlot, regOf(slot), via);
  release(slot);
  storeSlot(via, 0);
  returnSite(elementSite, record);
}

/** Leaves the function by the jump of a tail call, whose instruction's record is given: restores what the prologue saved, and moves the new stack arguments to where the old ones ended. */
export function leaveByTailCall(kind: i32, record: i32): void {
  const stackBytes = stackBytesOf(load32(record + signatureField));
  const reserve = kind === elementSite ? keptSlot : 0;
  restoreSaved(stackBytes + reserve);
  const distance = frameBytes() + load32(frameStackArguments);
  // From high to low: the target lies above the source.
  for (let offset = stackBytes - 4; offset >= 0 && distance > 0; offset -= 4) {
    loadSlot(scratch(), reserve + offset);
    storeSlot(scratch(), reserve + offset + distance);
  }
  // While the new stack arguments are at sp.
  if (kind === slotSite) loadCodeOfSlot(load32(record + addressField));
  else if (kind === elementSite) {
    loadSlot(scratch(), 0);
    access(loadWord, scratch(), scratch(), slotCodeOffset);
  }
  adjustStackKeeping(reserve + distance);
  if (kind === selfSite) jump(load32(entryLabel));
  else if (kind === directSite) jumpFunction(load32(record + aField));
  else jumpRegister(scratch());
}

function loadCodeOfSlot(slot: i32): void {
  loadConst(scratch(), anchorOf(slot));
  access(loadWord, scratch(), scratch(), offsetOf(slot));
}
