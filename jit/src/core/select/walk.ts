/** The forward walk over the body. */
import { isFull, load32, load8, makeArea, store32, take, usedBytes } from '@fireball/wasm';
import { classAt, operationAt, recordOf } from '../instructions.js';
import { aField, bField, flagsField, isForegone, offsetField, recordCount, referenceField } from '../layout/body.js';
import * as arithmetic from '../layout/arithmetic.js';
import * as classes from '../layout/classes.js';
import { recordsLocations, recountsOwners } from '../layout/environment.js';
import { countFamily, floatFamily, pairFamily } from '../layout/families.js';
import { keepsOrigins, refusal, wasmOffset } from '../layout/masm.js';
import { memorySize, rotateLeft, routine, routineOfVariable, wayOf } from '../layout/operations.js';
import { inFlagsLocal, instructionIndex, outcome, stackWrites, writeStride } from '../layout/select.js';
import { boundaries, boundaryIndex, boundaryInFlags, boundaryLabel, boundaryLength, boundaryStride, boundaryWrites } from '../layout/walk.js';
import { endOfWords, firstWordOf } from '../locals.js';
import { bindLabel, newLabel, noteOrigin } from '../masm/assembly.js';
import { dropMask, selectAlu, selectDivide, selectRotateLeft, selectUnary } from './arithmetic.js';
import { selectCall, selectCallIndirect, selectReturnCall, selectReturnCallIndirect } from './calls.js';
import { selectBetween, selectCompare, selectEqz, selectInterval, selectTest, takeFromFlags, truthOf } from './compare.js';
import { forgetCall } from './contents.js';
import { at, goOn, goTo, goToEnd } from './context.js';
import { branchOnCondition, enterBlock, enterIf, selectBranch, selectBranchTable, selectElse, selectEnd, selectUnreachable } from './control.js';
import { isConst, isHigh } from './entries.js';
import { outOfMemory } from './failure.js';
import { detail, familyOf } from './families.js';
import { selectFloat, selectSign } from './floats.js';
import { selectLoad, selectStore } from './memory.js';
import { pop, stackLength, topEntry } from './operand-stack.js';
import { selectPair } from './pairs.js';
import { recount } from './recount.js';
import { releaseEntry } from './releasing.js';
import { returnFrom } from './results.js';
import { selectRecordOperation, selectRuntime } from './runtime.js';
import { pushConst, pushWord } from './state.js';
import { selectDrop, selectMemorySize, selectTableSize } from './tables.js';
import { pushUpperWord, selectGlobalGet, selectGlobalSet, selectLocalSet } from './variables.js';

/** Selects all instructions, as long as nothing goes wrong. */
export function walk(): void {
  makeArea(boundaries);
  const isWatched = load32(recordsLocations) | load32(recountsOwners) | load32(keepsOrigins);
  /** Open blocks in unreachable code. */
  let dead = 0;
  goTo(0);
  const end = recordOf(load32(recordCount));
  for (;;) {
    const record = goOn();
    if (record >= end) break;
    // The last word first: the others need no bounds check then.
    const named = load32(record + aField);
    const found = classAt(record);
    if ((isWatched | dead) !== 0) {
      if (isWatched !== 0) watch(record, found, dead);
      if (dead > 0) {
        store32(wasmOffset, load32(record + offsetField));
        dead = pass(found, dead);
        continue;
      }
    }
    if (found !== classes.localGet) {
      // Half of all instructions are this or a `local.get`, of which nothing goes wrong but that there is no room left.
      if (found === classes.constant) {
        pushConst(named, false);
        continue;
      }
      // The rest of what is known of an instruction comes in front of it.
      if (found === classes.rest) continue;
      if ((load32(isFull) | load32(refusal) | load32(outcome)) !== 0) break;
      store32(wasmOffset, load32(record + offsetField));
      if (step(found, record, named)) {
        dead = 1;
        forgetCall();
        continue;
      }
      if (found !== classes.localTee) continue;
    } else if (load32(inFlagsLocal) >= 0) {
      store32(wasmOffset, load32(record + offsetField));
      if (takeFromFlags()) continue;
    }
    // As `selectLocalGet` does: a call less for each.
    const behind = endOfWords(named);
    const word = firstWordOf(named);
    pushWord(word, false);
    if (word + 1 !== behind) pushUpperWord(named, word);
  }
  store32(instructionIndex, at());
  if (load32(recountsOwners) !== 0) recount();
  goToEnd();
}

/** An instruction that cannot be reached, in so many blocks. Returns in how many the next one is. */
function pass(found: i32, dead: i32): i32 {
  if (found <= classes.ifThen) return dead + 1;
  if (found === classes.end) return dead > 1 || selectEnd(false) ? dead - 1 : 1;
  if (found !== classes.elseThen || dead > 1) return dead;
  selectElse(false);
  return 0;
}

/** Tells what is in front of an instruction, for who wants to know. @noinline */
function watch(record: i32, found: i32, dead: i32): void {
  if (found === classes.rest) return;
  store32(wasmOffset, load32(record + offsetField));
  if (load32(recountsOwners) !== 0) recount();
  if (load32(keepsOrigins) !== 0) noteOrigin(load32(wasmOffset));
  if (dead === 0 && load32(recordsLocations) !== 0) noteBoundary();
}

/** In front of the instruction it will be asked where locals and operands are. */
function noteBoundary(): void {
  const label = newLabel();
  bindLabel(label);
  const row = take(boundaries, boundaryStride);
  if (row === 0) {
    outOfMemory();
    return;
  }
  store32(row + boundaryIndex, at());
  store32(row + boundaryLabel, label);
  store32(row + boundaryLength, stackLength());
  store32(row + boundaryWrites, usedBytes(stackWrites) / writeStride);
  store32(row + boundaryInFlags, load32(inFlagsLocal));
}

/** Selects one instruction that names something or nothing, and those fused with it; of `local.tee` what it writes. Returns true where the code behind it is unreachable. */
function step(found: i32, record: i32, named: i32): boolean {
  switch (found) {
    case classes.localSet:
    case classes.localTee:
      selectLocalSet(named);
      return false;
    case classes.alu:
      selectWord(record);
      return false;
    case classes.compare:
      selectCompare(detail(record, 0));
      return false;
    case classes.load:
      selectLoad(record);
      return false;
    case classes.store:
      selectStore(record);
      return false;
    case classes.test:
      selectEqz();
      return false;
    case classes.block:
    case classes.loop:
      enterBlock(record);
      return false;
    case classes.ifThen:
      truthOf(pop());
      enterIf(record);
      return false;
    case classes.elseThen:
      selectElse(true);
      return false;
    case classes.end:
      selectEnd(true);
      return false;
    case classes.br:
      selectBranch(named);
      return true;
    case classes.brIf:
      truthOf(pop());
      branchOnCondition(record);
      return false;
    default:
      return stepRarely(found, record);
  }
}

/** The same for what is rare. */
function stepRarely(found: i32, record: i32): boolean {
  switch (found) {
    case classes.longConstant:
      pushConst(load32(record + aField), false);
      pushConst(load32(record + bField), true);
      return false;
    case classes.numeric:
    case classes.float:
      selectNumeric(record);
      return false;
    case classes.unary:
      selectUnary(detail(record, 0));
      return false;
    case classes.divide:
      selectDivide(detail(record, 0));
      return false;
    case classes.brTable:
      selectBranchTable(record);
      return true;
    case classes.returnResults:
      returnFrom();
      return true;
    case classes.unreachable:
      selectUnreachable();
      return true;
    case classes.call:
      selectCall(record);
      return false;
    case classes.callIndirect:
      selectCallIndirect(record);
      return false;
    case classes.returnCall:
      selectReturnCall(record);
      return true;
    case classes.returnCallIndirect:
      selectReturnCallIndirect(record);
      return true;
    case classes.drop: {
      const entry = pop();
      releaseEntry(entry);
      if (isHigh(entry)) releaseEntry(pop());
      return false;
    }
    case classes.select:
      truthOf(pop());
      selectBetween();
      return false;
    case classes.globalGet:
      selectGlobalGet(record);
      return false;
    case classes.globalSet:
      selectGlobalSet(record);
      return false;
    case classes.sign:
      selectSign(record);
      return false;
    case classes.record:
      selectRecordOperation(record);
      return false;
    case classes.refNull:
      pushConst(0, false);
      return false;
    case classes.refFunc:
      pushConst(load32(record + referenceField), false);
      return false;
    case classes.size:
      if (operationAt(record) === memorySize) selectMemorySize();
      else selectTableSize(record);
      return false;
    case classes.dropSegment:
      selectDrop(record);
      return false;
    default:
      return false;
  }
}

/** An operation on two words. @noinline */
function selectWord(record: i32): void {
  if (operationAt(record) === rotateLeft) selectRotateLeft();
  else if ((load32(record + flagsField) & isForegone) !== 0) dropMask();
  else {
    const operation = detail(record, 0);
    if (operation !== arithmetic.and || !(selectInterval() || selectTest())) selectAlu(operation);
  }
}

/** An operation on pairs or floats, or one that a routine carries out on some targets. @noinline */
function selectNumeric(record: i32): void {
  const way = load8(wayOf + operationAt(record));
  if (way === routine || (way === routineOfVariable && !isConst(topEntry(2)))) {
    selectRuntime(record);
    return;
  }
  const family = familyOf(record);
  if (family === pairFamily) selectPair(record);
  else if (family === countFamily) selectUnary(detail(record, 0));
  else if (family === floatFamily) selectFloat(record);
}
