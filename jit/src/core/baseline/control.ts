/** Blocks and branches. Operands below a block are constants or in their homes while it is open, so that they look the same on every path to its end. */
import { allocate, load32, makeAreaIn, store32, take, usedBytes, usedField } from '@fireball/wasm';
import * as layout from '../layout/baseline.js';
import { enteredCount, enteredLoops, hasSafepoint, parameterCount, resultCount, safepointFlag } from '../layout/function.js';
import { anchorOf } from '../costs.js';
import * as arithmetic from '../layout/arithmetic.js';
import { compareTest, immediate, loadWord } from '../layout/machine.js';
import { wasmOffset } from '../layout/masm.js';
import { openBlocksRoom, stackEntriesRoom } from '../layout/rooms.js';
import { pendingCondition, unreachableTrap } from '../layout/select.js';
import * as walk from '../layout/walk.js';
import { newLabel } from '../masm/assembly.js';
import { trap } from '../masm/calls.js';
import { bind, branchIf, branchIfWords, branchTable, jump } from '../masm/conditions.js';
import { invert } from '../masm/condition-words.js';
import { access, offsetOf } from '../masm/memory.js';
import { hasForwardTables } from '../masm/properties.js';
import { argumentRegister } from '../masm/roles.js';
import { loadConst } from '../masm/arithmetic.js';
import { blockSignature } from '../driver/module-rows.js';
import { outOfMemory } from '../select/failure.js';
import { parameterWords, resultWords, wordsOfParameter, wordsOfResult } from '../select/signatures.js';
import { returnFrom } from './calls.js';
import { releasePending, takeCondition } from './conditions.js';
import { moveAll, setMove } from './moves.js';
import {
  flush,
  hold,
  homeOfValue,
  isHighRow,
  kindOf,
  pop,
  push,
  pushTemporary,
  release,
  stackBytes,
  storeRow,
  takeTemporary,
  topRows,
  truncate,
  valueOf,
} from './operands.js';
import { takeIndex, takeSigned } from './reading.js';

/** Results of up to so many words meet in registers, longer ones in their homes. */
const mostInRegisters: i32 = 2;

/** Begins with the function's own block alone. */
export function openFunction(signature: i32): void {
  makeAreaIn(walk.openBlocks, openBlocksRoom, stackEntriesRoom);
  openBlock(walk.functionKind, signature, -1);
  store32(layout.tableCount, 0);
}

/** A block begins, whose parameters are on the stack. */
function openBlock(kind: i32, signature: i32, label: i32): void {
  const block = take(walk.openBlocks, walk.openStride);
  if (block === 0) {
    outOfMemory();
    return;
  }
  const isFunction = kind === walk.functionKind;
  store32(block + walk.openKind, kind);
  store32(block + walk.openSignature, signature);
  store32(block + walk.openWords, isFunction ? 0 : stackBytes() - parameterWords(signature) * layout.operandStride);
  store32(block + walk.openValues, isFunction ? 0 : load32(layout.valueCount) - load32(signature + parameterCount));
  store32(block + walk.openLabel, label);
  store32(block + walk.openElse, -1);
  store32(block + walk.openIsTargeted, 0);
  store32(block + walk.openTable, -1);
  store32(layout.baseBytes, load32(block + walk.openWords));
}

/** The block that a branch of this depth names. */
function blockAt(depth: i32): i32 {
  return load32(walk.openBlocks + usedField) - (depth + 1) * walk.openStride;
}

/** The innermost block ends. */
function closeBlock(): void {
  store32(walk.openBlocks + usedField, load32(walk.openBlocks + usedField) - walk.openStride);
  if (usedBytes(walk.openBlocks) > 0) store32(layout.baseBytes, load32(blockAt(0) + walk.openWords));
}

/** Has the innermost block nothing on the stack but what is below it. */
function cutOff(block: i32): void {
  truncate(load32(block + walk.openWords), load32(block + walk.openValues));
  store32(layout.busy, 0);
}

/** block, loop, and if, whose condition is on top or pending. */
export function enterBlock(kind: i32): void {
  const signature = blockSignature(takeSigned());
  if (kind === walk.ifKind) takeCondition();
  const params = parameterWords(signature);
  // A loop's parameters meet at its header, those of an if are read by both branches.
  flush(params > 0 ? topRows(params) : load32(layout.operands + usedField));
  openBlock(kind, signature, newLabel());
  const block = blockAt(0);
  if (kind === walk.ifKind) {
    const otherwise = newLabel();
    store32(block + walk.openElse, otherwise);
    invert(pendingCondition);
    branchIf(pendingCondition, otherwise);
    releasePending();
  } else if (kind === walk.loopKind) enterLoop(load32(block + walk.openLabel));
}

function enterLoop(label: i32): void {
  meet(label);
  selectSafepoint();
  if (load32(enteredCount) !== 0) noteHeader(label);
}

/** Binds a label at which ways meet: nothing is known of what has been checked on them. */
function meet(label: i32): void {
  store32(layout.checkedRegs, 0);
  bind(label);
}

/** Looks at the flag and branches out of line where it is set; no temporary is in use. */
export function selectSafepoint(): void {
  if (load32(hasSafepoint) === 0) return;
  const address = load32(safepointFlag);
  const flag = takeTemporary();
  loadConst(flag, anchorOf(address));
  access(loadWord, flag, flag, offsetOf(address));
  const stub = newLabel();
  const back = newLabel();
  branchIfWords(compareTest, arithmetic.ne, flag, immediate, 0, stub);
  release(flag);
  bind(back);
  const row = take(walk.yields, walk.yieldStride);
  if (row === 0) {
    outOfMemory();
    return;
  }
  store32(row + walk.yieldStub, stub);
  store32(row + walk.yieldBack, back);
  store32(row + walk.yieldOffset, load32(wasmOffset));
}

/** Notes a loop that can be entered from outside, and where operands are at its header. @noinline */
function noteHeader(label: i32): void {
  const offset = load32(wasmOffset);
  let isEntered = false;
  for (let index = 0; index < load32(enteredCount); index++) if (load32(load32(enteredLoops) + (index << 2)) === offset) isEntered = true;
  if (!isEntered) return;
  const row = take(walk.loopHeaders, walk.headerStride);
  if (row === 0) {
    outOfMemory();
    return;
  }
  store32(row + walk.headerIndex, offset);
  store32(row + walk.headerLabel, label);
  store32(row + walk.headerHomes, usedBytes(walk.headerHomesArea));
  store32(row + walk.headerHomeCount, listHomes());
}

/** Lists where the words of the stack are that are no constants. Returns how many. */
function listHomes(): i32 {
  let count = 0;
  const end = load32(layout.operands + usedField);
  for (let row = load32(layout.operands); row < end; row += layout.operandStride) {
    if (kindOf(row) !== layout.slotKind) continue;
    const home = take(walk.headerHomesArea, 4);
    if (home === 0) {
      outOfMemory();
      return count;
    }
    store32(home, valueOf(row));
    count++;
  }
  return count;
}

// --- ends -----------------------------------------------------------------------------------

export function selectElse(isReachable: boolean): void {
  const block = blockAt(0);
  if (isReachable) leaveTo(block);
  cutOff(block);
  pushParameters(block);
  meet(load32(block + walk.openElse));
  store32(block + walk.openElse, -1);
}

/** Closes the innermost block. Returns whether the code behind it can be reached. */
export function selectEnd(isReachable: boolean): boolean {
  const block = blockAt(0);
  const kind = load32(block + walk.openKind);
  if (kind === walk.functionKind) {
    if (isReachable) returnFrom();
    closeBlock();
    return false;
  }
  const hasNoElse = load32(block + walk.openElse) >= 0;
  if (hasNoElse) endWithoutElse(block, isReachable);
  else if (isReachable && load32(block + walk.openIsTargeted) !== 0 && kind !== walk.loopKind) moveToResults(block);
  // No other one is opened until the end of this function.
  closeBlock();
  if (kind === walk.loopKind || load32(block + walk.openIsTargeted) === 0) {
    // Nobody branches to this end: the values simply stay, or nothing gets here at all.
    if (!isReachable) cutOff(block);
    return isReachable;
  }
  cutOff(block);
  meet(load32(block + walk.openLabel));
  pushResults(block);
  return true;
}

/** An if without else: its parameters are its results. */
function endWithoutElse(block: i32, isReachable: boolean): void {
  const isEmpty = load32(load32(block + walk.openSignature) + parameterCount) === 0;
  if (isReachable) {
    moveToResults(block);
    if (!isEmpty) jump(load32(block + walk.openLabel));
  }
  store32(block + walk.openIsTargeted, 1);
  meet(load32(block + walk.openElse));
  if (isEmpty) return;
  cutOff(block);
  pushParameters(block);
  moveToResults(block);
}

/** The block's parameters are in their homes, again. */
function pushParameters(block: i32): void {
  const signature = load32(block + walk.openSignature);
  const count = load32(signature + parameterCount);
  for (let index = 0; index < count; index++) pushHome(wordsOfParameter(signature, index));
}

/** The value that comes next is in its home. */
function pushHome(words: i32): void {
  const home = homeOfValue(load32(layout.valueCount), 0);
  push(layout.slotKind, home, 0);
  if (words === 2) push(layout.slotKind, home + 4, 1);
}

/** Control has come to the end of the block, whose results are where they meet. */
function pushResults(block: i32): void {
  const signature = load32(block + walk.openSignature);
  const count = load32(signature + resultCount);
  const areInRegisters = meetInRegisters(block);
  let next = 0;
  for (let index = 0; index < count; index++) {
    const words = wordsOfResult(signature, index);
    if (!areInRegisters) pushHome(words);
    else for (let word = 0; word < words; word++) pushTemporary(argumentRegister(next++), word);
  }
}

/** Words that a branch to the block carries. */
function branchWords(block: i32): i32 {
  const signature = load32(block + walk.openSignature);
  return load32(block + walk.openKind) === walk.loopKind ? parameterWords(signature) : resultWords(signature);
}

function meetInRegisters(block: i32): boolean {
  return load32(block + walk.openKind) !== walk.loopKind && resultWords(load32(block + walk.openSignature)) <= mostInRegisters;
}

/** Puts the topmost values where the block expects them; the stack stays what it is. */
function moveToResults(block: i32): void {
  const count = branchWords(block);
  if (count === 0) return;
  const rows = topRows(count);
  if (meetInRegisters(block)) {
    for (let word = 0; word < count; word++) setMove(word, rows + word * layout.operandStride, argumentRegister(word));
    moveAll(rows, count);
    return;
  }
  // Ascending order: sources lie at or above their targets.
  let value = load32(block + walk.openValues) - 1;
  for (let word = 0; word < count; word++) {
    const row = rows + word * layout.operandStride;
    const high = isHighRow(row);
    value += 1 - high;
    const home = homeOfValue(value, high);
    if (kindOf(row) !== layout.slotKind || valueOf(row) !== home) storeRow(row, home);
  }
}

// --- branches -------------------------------------------------------------------------------

/** Goes to where the block is left, or a loop begins anew, with the topmost values. */
function leaveTo(block: i32): void {
  if (load32(block + walk.openKind) === walk.functionKind) {
    returnFrom();
    return;
  }
  moveToResults(block);
  store32(block + walk.openIsTargeted, 1);
  jump(load32(block + walk.openLabel));
}

export function selectBranch(): void {
  leaveTo(blockAt(takeIndex()));
}

export function selectBranchIf(): void {
  takeCondition();
  const block = blockAt(takeIndex());
  if (load32(block + walk.openKind) !== walk.functionKind && branchWords(block) === 0) {
    store32(block + walk.openIsTargeted, 1);
    branchIf(pendingCondition, load32(block + walk.openLabel));
    releasePending();
    return;
  }
  const stays = newLabel();
  invert(pendingCondition);
  branchIf(pendingCondition, stays);
  releasePending();
  leaveTo(block);
  bind(stays);
}

export function selectBranchTable(): void {
  const index = hold(pop());
  const count = takeIndex();
  const first = load32(layout.position);
  const labels = allocate(count << 2);
  if (labels === 0) {
    outOfMemory();
    return;
  }
  store32(layout.tableCount, load32(layout.tableCount) + 1);
  for (let entry = 0; entry < count; entry++) store32(labels + (entry << 2), tableLabel(blockAt(takeIndex())));
  const otherwise = tableLabel(blockAt(takeIndex()));
  if (count === 0) jump(otherwise);
  else branchTable(index, labels, count, otherwise);
  release(index);
  // Behind the table follow the ways to blocks that it does not reach, or that expect values.
  store32(layout.position, first);
  for (let entry = 0; entry <= count; entry++) placeWay(blockAt(takeIndex()));
}

/** Where a branch table leads for a block: there, or to a way that follows the table. */
function tableLabel(block: i32): i32 {
  const kind = load32(block + walk.openKind);
  if (kind !== walk.functionKind && branchWords(block) === 0 && (kind !== walk.loopKind || !hasForwardTables())) {
    store32(block + walk.openIsTargeted, 1);
    return load32(block + walk.openLabel);
  }
  if (load32(block + walk.openTable) !== load32(layout.tableCount)) {
    store32(block + walk.openTable, load32(layout.tableCount));
    store32(block + walk.openTableLabel, newLabel());
  }
  return load32(block + walk.openTableLabel);
}

/** Places the way to a block, if there has to be one, and it is not there yet. */
function placeWay(block: i32): void {
  if (load32(block + walk.openTable) !== load32(layout.tableCount)) return;
  store32(block + walk.openTable, -1);
  bind(load32(block + walk.openTableLabel));
  leaveTo(block);
}

export function selectUnreachable(): void {
  trap(unreachableTrap);
}
