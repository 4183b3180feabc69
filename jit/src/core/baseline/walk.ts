/** The walk over the bytes of a body, by which it is compiled: one instruction after the other, each once. */
import { isFull, load32, load8, next, store32 } from '@fireball/wasm';
import { anchorOf } from '../costs.js';
import { rowOf } from '../driver/module-rows.js';
import * as arithmetic from '../layout/arithmetic.js';
import * as layout from '../layout/baseline.js';
import { addressField, aField, bField } from '../layout/body.js';
import * as classes from '../layout/classes.js';
import { memoryRecord, pageShift, recordsLocations } from '../layout/environment.js';
import { countFamily, floatFamily, pairFamily } from '../layout/families.js';
import { immediate, loadWord, storeWord } from '../layout/machine.js';
import { keepsOrigins, refusal, wasmOffset } from '../layout/masm.js';
import { functionRows, functionSlot, globalAddress, globalRows, globalWords } from '../layout/module.js';
import { classOf, firstPrefixed, memorySize, prefix, rotateLeft, routine, routineOfVariable, wayOf } from '../layout/operations.js';
import { outcome } from '../layout/select.js';
import { blockKind, ifKind, loopKind } from '../layout/walk.js';
import { endOfWords, firstWordOf } from '../locals.js';
import { alu, loadConst } from '../masm/arithmetic.js';
import { noteOrigin } from '../masm/assembly.js';
import { access, offsetOf } from '../masm/memory.js';
import { scratch } from '../masm/properties.js';
import { readLong } from '../numbers.js';
import { callWith, nextRecord, returnFrom, selectCall, selectCallIndirect, selectReturnCall, selectReturnCallIndirect } from './calls.js';
import { compareWithZero, compareWords, selectValue } from './conditions.js';
import { enterBlock, selectBranch, selectBranchIf, selectBranchTable, selectElse, selectEnd, selectUnreachable } from './control.js';
import { detailOf, familyOf } from './details.js';
import { selectFloat, selectSign } from './floats.js';
import { noteBoundary, noteDead } from './locations.js';
import { selectLoad, selectStore } from './memory.js';
import {
  hold,
  homeOfLocal,
  isConstant,
  isHighRow,
  kindOf,
  pop,
  pushConstant,
  pushTemporary,
  pushWord,
  readInto,
  release,
  releaseRow,
  settleReads,
  storeRow,
  takeTemporary,
  topRows,
  valueOf,
} from './operands.js';
import { selectPair } from './pairs.js';
import { skip, skipImmediates, takeIndex, takeSigned } from './reading.js';
import { placeOfWord } from './registers.js';
import { selectAlu, selectDivide, selectRotateLeft, selectUnary } from './words.js';

/** Compiles all instructions, as long as nothing goes wrong. */
export function walkBody(): void {
  /** Open blocks in unreachable code. */
  let dead = 0;
  const end = load32(layout.bodyEnd);
  const origin = load32(layout.origin);
  const isWatched = (load32(keepsOrigins) | load32(recordsLocations)) !== 0;
  for (let at = load32(layout.position); at < end; at = load32(layout.position)) {
    let operation = load8(at);
    store32(layout.position, at + 1);
    if (operation === prefix) operation = firstPrefixed + takeIndex();
    const found = load8(classOf + operation);
    if (isWatched) watch(found, dead, origin + at);
    if (found === classes.localGet) {
      // Nearly a third of all instructions: a call less for each.
      let local = load8(at + 1);
      if (local >= 0x80) local = takeIndex();
      else store32(layout.position, at + 2);
      if (dead === 0) pushLocal(local);
      continue;
    }
    store32(wasmOffset, origin + at);
    // Whatever goes wrong, all that is between two of these comes to its end.
    if (found <= classes.returnCallIndirect && (load32(isFull) | load32(refusal) | load32(outcome)) !== 0) return;
    if (dead > 0) dead = pass(found, operation, dead);
    else if (step(found, operation)) dead = 1;
  }
}

/** Tells what is in front of an instruction, for who wants to know. @noinline */
function watch(found: i32, dead: i32, offset: i32): void {
  store32(wasmOffset, offset);
  if (load32(keepsOrigins) !== 0) noteOrigin(offset);
  // A comparison that is pending is no operand any more, nor a number yet.
  if (load32(recordsLocations) === 0) return;
  if (dead > 0) noteDead();
  else if (load32(layout.isPending) === 0) noteBoundary(found);
}

/** An instruction that cannot be reached, in so many blocks. Returns in how many the next one is. */
function pass(found: i32, operation: i32, dead: i32): i32 {
  skipImmediates(operation);
  if (found <= classes.ifThen) return dead + 1;
  if (found === classes.end) return dead > 1 || selectEnd(false) ? dead - 1 : 1;
  if (found !== classes.elseThen || dead > 1) return dead;
  selectElse(false);
  return 0;
}

/** Compiles one instruction, and those fused with it. Returns whether the code behind it is unreachable. */
function step(found: i32, operation: i32): boolean {
  switch (found) {
    case classes.constant:
      pushConstant(takeConstant(operation), 0);
      return false;
    case classes.localSet:
      writeLocal(takeIndex());
      return false;
    case classes.localTee: {
      const local = takeIndex();
      writeLocal(local);
      pushLocal(local);
      return false;
    }
    case classes.alu:
      if (operation === rotateLeft) selectRotateLeft();
      else selectAlu(detailOf(operation, 0));
      return false;
    case classes.load:
      selectLoad(operation);
      return false;
    case classes.store:
      selectStore(operation);
      return false;
    case classes.compare:
      compareWords(detailOf(operation, 0));
      return false;
    case classes.test:
      compareWithZero();
      return false;
    case classes.brIf:
      selectBranchIf();
      return false;
    case classes.block:
      enterBlock(blockKind);
      return false;
    case classes.loop:
      enterBlock(loopKind);
      return false;
    case classes.ifThen:
      enterBlock(ifKind);
      return false;
    case classes.elseThen:
      selectElse(true);
      return false;
    case classes.end:
      selectEnd(true);
      return false;
    case classes.br:
      selectBranch();
      return true;
    default:
      return stepRarely(found, operation);
  }
}

/** The same for what is rare. */
function stepRarely(found: i32, operation: i32): boolean {
  switch (found) {
    case classes.longConstant:
      pushLongConstant(operation);
      return false;
    case classes.numeric:
    case classes.float:
      selectNumeric(operation);
      return false;
    case classes.unary:
      selectUnary(detailOf(operation, 0));
      return false;
    case classes.divide:
      selectDivide(detailOf(operation, 0));
      return false;
    case classes.brTable:
      selectBranchTable();
      return true;
    case classes.returnResults:
      returnFrom();
      return true;
    case classes.unreachable:
      selectUnreachable();
      return true;
    case classes.call:
      selectCall();
      return false;
    case classes.callIndirect:
      selectCallIndirect();
      return false;
    case classes.returnCall:
      selectReturnCall(operation);
      return true;
    case classes.returnCallIndirect:
      selectReturnCallIndirect(operation);
      return true;
    case classes.drop: {
      const row = pop();
      releaseRow(row);
      if (isHighRow(row) !== 0) releaseRow(pop());
      return false;
    }
    case classes.select:
      skipImmediates(operation);
      selectValue();
      return false;
    case classes.globalGet:
      readGlobal(takeIndex());
      return false;
    case classes.globalSet:
      writeGlobal(takeIndex());
      return false;
    case classes.sign:
      selectSign(operation);
      return false;
    case classes.record:
      skipImmediates(operation);
      callWith(operation, true, load32(nextRecord() + addressField));
      return false;
    case classes.refNull:
      skip(1);
      pushConstant(0, 0);
      return false;
    case classes.refFunc:
      pushConstant(load32(rowOf(functionRows, takeIndex()) + functionSlot), 0);
      return false;
    case classes.size:
      skipImmediates(operation);
      readSize(operation);
      return false;
    case classes.dropSegment:
      skipImmediates(operation);
      dropSegment(load32(nextRecord() + addressField));
      return false;
    default:
      return false;
  }
}

// --- constants and locals -------------------------------------------------------------------

const f32Const: i32 = 0x43;
const f64Const: i32 = 0x44;

function takeConstant(operation: i32): i32 {
  if (operation !== f32Const) return takeSigned();
  const bits = load32(load32(layout.position));
  skip(4);
  return bits;
}

function pushLongConstant(operation: i32): void {
  const at = load32(layout.position);
  if (operation === f64Const) {
    pushConstant(load32(at), 0);
    pushConstant(load32(at + 4), 1);
    skip(8);
    return;
  }
  // Both words go where a record would have them.
  readLong(at, layout.longRecord);
  store32(layout.position, load32(next));
  pushConstant(load32(layout.longRecord + aField), 0);
  pushConstant(load32(layout.longRecord + bField), 1);
}

function pushLocal(local: i32): void {
  const word = firstWordOf(local);
  const end = endOfWords(local);
  pushWord(word, local, 0);
  if (word + 1 !== end) pushWord(word + 1, local, 1);
}

/** local.set, or what local.tee writes. High word first: it is on top. */
function writeLocal(local: i32): void {
  const word = firstWordOf(local);
  if (endOfWords(local) - word === 2) writeWord(word + 1, local, 1);
  writeWord(word, local, 0);
}

function writeWord(word: i32, local: i32, high: i32): void {
  const reg = placeOfWord(word);
  const row = pop();
  if (reg >= 0) {
    if (kindOf(row) === layout.localKind && valueOf(row) === reg) return;
    settleReads(layout.localKind, reg);
    readInto(reg, row);
  } else {
    const home = homeOfLocal(local, high);
    if (kindOf(row) === layout.slotKind && valueOf(row) === home) return;
    settleReads(layout.slotKind, home);
    storeRow(row, home);
  }
  releaseRow(row);
}

// --- globals and records --------------------------------------------------------------------

function readGlobal(index: i32): void {
  const row = rowOf(globalRows, index);
  const address = load32(row + globalAddress);
  const words = load32(row + globalWords);
  const anchor = anchorOf(address);
  for (let word = 0; word < words; word++) {
    const reg = takeTemporary();
    loadConst(reg, anchor);
    access(loadWord, reg, reg, address - anchor + 4 * word);
    pushTemporary(reg, word);
  }
}

function writeGlobal(index: i32): void {
  const row = rowOf(globalRows, index);
  const address = load32(row + globalAddress);
  const anchor = anchorOf(address);
  for (let word = load32(row + globalWords) - 1; word >= 0; word--) {
    const value = hold(pop());
    loadConst(scratch(), anchor);
    access(storeWord, value, scratch(), address - anchor + 4 * word);
    release(value);
  }
}

/** Loads a word of a record whose address is a constant of the code. */
function readRecord(address: i32): i32 {
  const reg = takeTemporary();
  loadConst(reg, anchorOf(address));
  access(loadWord, reg, reg, offsetOf(address));
  return reg;
}

/** memory.size, table.size. */
function readSize(operation: i32): void {
  const reg = readRecord(operation === memorySize ? load32(memoryRecord) : load32(nextRecord() + addressField));
  if (operation === memorySize && load32(pageShift) > 0) alu(arithmetic.shrU, reg, reg, immediate, load32(pageShift), false);
  pushTemporary(reg, 0);
}

/** data.drop, elem.drop: the segment's record has length 0 from now on. */
function dropSegment(address: i32): void {
  const zero = takeTemporary();
  loadConst(zero, 0);
  loadConst(scratch(), anchorOf(address));
  access(storeWord, zero, scratch(), offsetOf(address));
  release(zero);
}

// --- numbers --------------------------------------------------------------------------------

/** An operation on pairs or floats, or one that a routine carries out on some targets. */
function selectNumeric(operation: i32): void {
  const way = load8(wayOf + operation);
  if (way === routine || (way === routineOfVariable && !isConstant(topRows(2)))) {
    callWith(operation, false, 0);
    return;
  }
  const family = familyOf(operation);
  if (family === pairFamily) selectPair(operation);
  else if (family === countFamily) selectUnary(detailOf(operation, 0));
  else if (family === floatFamily) selectFloat(operation);
}
