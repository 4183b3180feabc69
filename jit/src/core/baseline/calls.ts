/** Calls (jit/ABI.md, "Calls"), and where the function is left. */
import { allocate, load32, load8, store32, usedField } from '@fireball/wasm';
import { anchorOf, fitsImmediate } from '../costs.js';
import { rowOf, signatureOf } from '../driver/module-rows.js';
import * as arithmetic from '../layout/arithmetic.js';
import * as layout from '../layout/baseline.js';
import { addressField, aField, offsetField, operationShift, recordStride, signatureField } from '../layout/body.js';
import * as classes from '../layout/classes.js';
import { asked, asksForCalls, farRoutines, functionIndex, moduleWords, resultBuffer } from '../layout/environment.js';
import { functionSignature, resultCount } from '../layout/function.js';
import { compareTest, immediate, loadWord, register, storeWord } from '../layout/machine.js';
import { epilogueSite, wasmOffset } from '../layout/masm.js';
import * as module from '../layout/module.js';
import { noResult, pair, resultOf as resultKindOf, takenBy } from '../layout/operations.js';
import { typeMismatchTrap, undefinedElementTrap, uninitializedElementTrap } from '../layout/select.js';
import { argumentStackBytes, directSite, elementSite, entryLabel, selfSite, slotSite } from '../layout/walk.js';
import { alu, loadConst } from '../masm/arithmetic.js';
import { callFarRoutine, callFunction, callLabel, callRoutine, callSlot, returnSite, useLink } from '../masm/calls.js';
import { branchIfWords } from '../masm/conditions.js';
import { access, accessIndexed, offsetOf, storeSlot } from '../masm/memory.js';
import { isIndexed, scratch } from '../masm/properties.js';
import { argumentCount, argumentRegister } from '../masm/roles.js';
import { adjustStack } from '../masm/stack.js';
import { trapLabel } from '../select/context.js';
import { lacksRoutine, outOfMemory } from '../select/failure.js';
import { setShift } from '../select/homes.js';
import { placeArguments, placeOf, resultRegisterCount, resultWords, wordsOfResult } from '../select/signatures.js';
import { moveAll, setMove, setRegisterMove } from './moves.js';
import { flushTemporaries, hold, pop, popRows, pushTemporary, readInto, release, takeTemporary, topRows } from './operands.js';
import { takeIndex } from './reading.js';

/** Word offsets in a slot, which is what a function reference points to. */
const slotCodeOffset: i32 = 0;
const slotTypeOffset: i32 = 4;
/** Bytes that an indirect tail call keeps below the arguments: the slot's address survives there. */
const keptSlot: i32 = 16;

export function selectCall(): void {
  const callee = takeIndex();
  const signature = signatureOf(module.functionRows, callee);
  const slot = slotOf(callee);
  const count = passArguments(signature, 0, -1, -1);
  if (callee === load32(functionIndex)) callLabel(load32(entryLabel));
  else if (slot === 0) callFunction(callee);
  else callBySlot(slot, count);
  takeResults(signature);
}

/** Address of the callee's slot; 0 where it may be called without. */
function slotOf(callee: i32): i32 {
  if (load32(asksForCalls) !== 0 && callee !== load32(functionIndex)) return load32(nextRecord() + addressField);
  return load32(rowOf(module.functionRows, callee) + module.functionSlot);
}

/** Record of the instruction in question, which somebody was asked about. */
export function nextRecord(): i32 {
  let row = load32(layout.nextAsked);
  // Those in front that are left were in code that cannot be reached.
  while (load32(load32(row) + offsetField) !== load32(wasmOffset)) row += 4;
  store32(layout.nextAsked, row + 4);
  return load32(row);
}

/** No instruction has been met that somebody was asked about. */
export function beginAsked(): void {
  store32(layout.nextAsked, load32(asked));
}

function callBySlot(slot: i32, count: i32): void {
  const anchor = anchorOf(slot);
  // An argument register that this call leaves free has shorter encodings than the scratch register.
  const via = count < argumentCount() ? argumentRegister(count) : scratch();
  loadConst(via, anchor);
  callSlot(via, offsetOf(slot), via);
}

export function selectCallIndirect(): void {
  const type = takeIndex();
  const signature = signatureOf(module.typeRows, type);
  const slot = takeElement(type, takeIndex());
  const count = placeArguments(signature);
  const via = count < argumentCount() ? argumentRegister(count) : useLink();
  passArguments(signature, 0, slot, via);
  callSlot(via, slotCodeOffset, via);
  takeResults(signature);
}

/**
 * Puts the topmost values where the convention wants them, with `reserve` bytes kept free below the stack arguments, and moves one more register, if it is one, at the
 * same time. Returns the number of argument words.
 */
function passArguments(signature: i32, reserve: i32, from: i32, into: i32): i32 {
  const count = placeArguments(signature);
  flushTemporaries(count);
  const rows = popRows(count);
  const outgoing = load32(argumentStackBytes) + reserve;
  if (outgoing !== 0) {
    adjustStack(-outgoing);
    setShift(outgoing);
  }
  let moves = 0;
  for (let word = 0; word < count; word++) {
    const row = rows + word * layout.operandStride;
    const place = placeOf(word);
    if (place < 0) storeArgument(row, reserve + ~place);
    else setMove(moves++, row, place);
  }
  if (from >= 0) setRegisterMove(moves++, from, into);
  moveAll(rows, moves);
  if (outgoing !== 0) setShift(0);
  store32(layout.busy, 0);
  return count;
}

function storeArgument(row: i32, spOffset: i32): void {
  readInto(scratch(), row);
  storeSlot(scratch(), spOffset);
}

function takeResults(signature: i32): void {
  const count = load32(signature + resultCount);
  let next = 0;
  for (let index = 0; index < count; index++) {
    const words = wordsOfResult(signature, index);
    for (let word = 0; word < words; word++, next++) {
      if (next < resultRegisterCount) pushTemporary(argumentRegister(next), word);
      else pushFarResult(next - resultRegisterCount, word);
    }
  }
}

function pushFarResult(index: i32, high: i32): void {
  const address = load32(resultBuffer) + 4 * index;
  const reg = takeTemporary();
  loadConst(reg, anchorOf(address));
  access(loadWord, reg, reg, offsetOf(address));
  pushTemporary(reg, high);
}

// --- tables ---------------------------------------------------------------------------------

/** The function reference at table[index], checked: index in range, element not null, type as expected. Consumes the index; returns a register with the slot's address, held. */
function takeElement(type: i32, table: i32): i32 {
  const row = rowOf(module.tableRows, table << 1);
  const index = hold(pop());
  const fixed = load32(row + module.tableCount);
  if (fixed !== 0) trapIf(arithmetic.geU, index, fixed, undefinedElementTrap);
  else {
    const record = load32(row + module.tableRecord);
    loadConst(scratch(), anchorOf(record));
    access(loadWord, scratch(), scratch(), offsetOf(record));
    branchIfWords(compareTest, arithmetic.geU, index, register, scratch(), trapLabel(undefinedElementTrap));
  }
  const slot = takeTemporary();
  loadConst(slot, load32(row + module.tableElements));
  if (isIndexed()) accessIndexed(loadWord, slot, slot, index, 2);
  else {
    alu(arithmetic.shl, scratch(), index, immediate, 2, false);
    alu(arithmetic.add, slot, slot, register, scratch(), false);
    access(loadWord, slot, slot, 0);
  }
  release(index);
  branchIfWords(compareTest, arithmetic.eq, slot, immediate, 0, trapLabel(uninitializedElementTrap));
  const found = takeTemporary();
  access(loadWord, found, slot, slotTypeOffset);
  trapIf(arithmetic.ne, found, load32(rowOf(module.typeRows, type) + module.typeNumber), typeMismatchTrap);
  release(found);
  return slot;
}

/** Traps where a comparison with a constant holds. */
function trapIf(cond: i32, reg: i32, value: i32, kind: i32): void {
  const label = trapLabel(kind);
  if (fitsImmediate(arithmetic.compare, value)) branchIfWords(compareTest, cond, reg, immediate, value, label);
  else {
    loadConst(scratch(), value);
    branchIfWords(compareTest, cond, reg, register, scratch(), label);
  }
}

// --- routines -------------------------------------------------------------------------------

/** An operation that a routine of the guest ROM carries out; on records, if it has a descriptor: their address. The routine traps by itself. */
export function callWith(operation: i32, hasDescriptor: boolean, descriptor: i32): void {
  const address = load32(load32(moduleWords) + (operation << 2));
  if (address === 0) {
    lacksRoutine(load32(wasmOffset));
    return;
  }
  const words = load8(takenBy + operation);
  flushTemporaries(words);
  const rows = popRows(words);
  for (let word = 0; word < words; word++) setMove(word, rows + word * layout.operandStride, argumentRegister(word));
  moveAll(rows, words);
  if (hasDescriptor) loadConst(argumentRegister(words), descriptor);
  store32(layout.busy, 0);
  if (load32(farRoutines) !== 0) callFarRoutine(address);
  else callRoutine(address);
  const result = load8(resultKindOf + operation);
  if (result === noResult) return;
  pushTemporary(argumentRegister(0), 0);
  if (result === pair) pushTemporary(argumentRegister(1), 1);
}

// --- leaving --------------------------------------------------------------------------------

/** Stores to the result buffer reach this far from their base on both targets. */
const bufferStep: i32 = 1024;

/** Leaves the function with the topmost values as its results; the stack stays what it is. */
export function returnFrom(): void {
  const count = resultWords(load32(functionSignature));
  const rows = topRows(count);
  if (count > resultRegisterCount) returnFar(rows, count);
  const moves = count < resultRegisterCount ? count : resultRegisterCount;
  for (let word = 0; word < moves; word++) setMove(word, rows + word * layout.operandStride, argumentRegister(word));
  moveAll(rows, moves);
  returnSite(epilogueSite, 0);
}

/** Stores results beyond the registers into the buffer. */
function returnFar(rows: i32, count: i32): void {
  // Behind this point only the results matter: the link register, saved, holds the buffer's address.
  const buffer = useLink();
  loadConst(buffer, load32(resultBuffer));
  for (let index = resultRegisterCount; index < count; index++) {
    const offset = (4 * (index - resultRegisterCount)) % bufferStep;
    if (index > resultRegisterCount && offset === 0) alu(arithmetic.add, buffer, buffer, immediate, bufferStep, false);
    readInto(scratch(), rows + index * layout.operandStride);
    access(storeWord, scratch(), buffer, offset);
  }
}

export function selectReturnCall(operation: i32): void {
  const callee = takeIndex();
  const signature = signatureOf(module.functionRows, callee);
  const slot = slotOf(callee);
  passArguments(signature, 0, -1, -1);
  const record = newRecord(classes.returnCall, operation, signature);
  store32(record + aField, callee);
  store32(record + addressField, slot);
  if (callee === load32(functionIndex)) returnSite(selfSite, record);
  else returnSite(slot === 0 ? directSite : slotSite, record);
}

export function selectReturnCallIndirect(operation: i32): void {
  const type = takeIndex();
  const signature = signatureOf(module.typeRows, type);
  const slot = takeElement(type, takeIndex());
  const via = useLink();
  passArguments(signature, keptSlot, slot, via);
  storeSlot(via, 0);
  returnSite(elementSite, newRecord(classes.returnCallIndirect, operation, signature));
}

/** What is told of a tail call to who places it, once the frame is known: a record as bodies have them that are read as a whole. */
function newRecord(kind: i32, operation: i32, signature: i32): i32 {
  const rest = allocate(2 * recordStride);
  if (rest === 0) {
    outOfMemory();
    return load32(asked + usedField);
  }
  const record = rest + recordStride;
  store32(record, kind | (operation << operationShift));
  store32(record + signatureField, signature);
  return record;
}
