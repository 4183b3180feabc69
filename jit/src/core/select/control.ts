/** Blocks and branches. */
import { allocate, load32, store32 } from '@fireball/wasm';
import { classAt, endOfLabels, firstLabelOf } from '../instructions.js';
import { aField, flagsField, isColdBranch, isForegone, typeField } from '../layout/body.js';
import { firstCall } from '../layout/allocation.js';
import * as classes from '../layout/classes.js';
import { parameterCount } from '../layout/function.js';
import { loopDepth, pendingCondition, unreachableTrap } from '../layout/select.js';
import {
  blockKind,
  functionKind,
  ifKind,
  loopKind,
  openArriving,
  openElse,
  openIsTargeted,
  openKind,
  openLabel,
  openOtherwise,
  openSignature,
  openTable,
  openTableEntry,
  openTableLabel,
  openWords,
} from '../layout/walk.js';
import { newLabel } from '../masm/assembly.js';
import { trap } from '../masm/calls.js';
import { bind, branchIf, branchTable, jump } from '../masm/conditions.js';
import { enterColdRegion, leaveColdRegions } from './cold.js';
import { keepLastingPinned, knownNow } from './contents.js';
import { at } from './context.js';
import { edgeLabel, forwardLabel } from './edges.js';
import { arrive, arriveWith, blockAt, closeBlock, openBlock } from './open-blocks.js';
import { noteLoopHeader } from './osr.js';
import { pop, stackHeight, stackLength } from './operand-stack.js';
import { outOfMemory } from './failure.js';
import { invertPending, releasePending } from './pending.js';
import { moveToResults, pushParameters, pushResults, returnFrom } from './results.js';
import { selectSafepoint } from './safepoint.js';
import { parameterWords } from './signatures.js';
import { spill, spillBelow } from './spilling.js';
import { continueWith, forgetTemps, hold, release, truncate } from './state.js';
import { regOf } from './held.js';

/** block, loop, or if whose condition has been taken. */
export function enterBlock(record: i32): void {
  const found = classAt(record);
  const signature = load32(record + typeField);
  const params = parameterWords(signature);
  // Whatever lies below must look the same on every path to the end.
  spillBelow(found === classes.loop ? params : 0);
  const kind = found === classes.loop ? loopKind : found === classes.ifThen ? ifKind : blockKind;
  const words = stackLength() - params;
  openBlock(kind, signature, words, stackHeight() - load32(signature + parameterCount), newLabel());
  if (kind === blockKind) return;
  // A loop's parameters meet at its header, those of an if are read by both branches: all go home.
  for (let position = words; position < stackLength(); position++) spill(position);
  if (kind !== loopKind) return;
  store32(loopDepth, load32(loopDepth) + 1);
  forgetTemps();
  // Control may come back from a call in it.
  if (at() === load32(firstCall)) keepLastingPinned();
  bind(load32(blockAt(0) + openLabel));
  selectSafepoint();
  noteLoopHeader(load32(blockAt(0) + openLabel));
}

/** if, whose condition is pending. */
export function enterIf(record: i32): void {
  enterBlock(record);
  const block = blockAt(0);
  const otherwise = newLabel();
  store32(block + openElse, otherwise);
  store32(block + openOtherwise, knownNow());
  if ((load32(record + flagsField) & isColdBranch) !== 0) enterColdRegion(block);
  else {
    invertPending();
    branchIf(pendingCondition, otherwise);
  }
  releasePending();
}

export function selectElse(isReachable: boolean): void {
  const block = blockAt(0);
  if (isReachable) branchTo(block);
  truncate(load32(block + openWords));
  pushParameters(block);
  leaveColdRegions(block, load32(block + openElse), false);
  bindElse(block);
  store32(block + openElse, -1);
}

/** Closes the innermost block. Returns whether the code behind it can be reached. */
export function selectEnd(isReachable: boolean): boolean {
  const block = blockAt(0);
  const kind = load32(block + openKind);
  if (kind === functionKind) {
    if (isReachable) returnFrom();
    closeBlock();
    return false;
  }
  if (load32(block + openElse) >= 0) endWithoutElse(block, isReachable);
  else if (isReachable && load32(block + openIsTargeted) !== 0 && kind !== loopKind) {
    moveToResults(block);
    arrive(block);
  }
  // No other one is opened until the end of this function.
  closeBlock();
  if (kind === loopKind) store32(loopDepth, load32(loopDepth) - 1);
  if (kind === loopKind || load32(block + openIsTargeted) === 0) {
    // Nobody branches to this end: the values simply stay, or nothing gets here at all.
    if (!isReachable) truncate(load32(block + openWords));
    return isReachable;
  }
  truncate(load32(block + openWords));
  leaveColdRegions(block, load32(block + openLabel), isReachable);
  continueWith(load32(block + openArriving));
  bind(load32(block + openLabel));
  pushResults(block);
  return true;
}

/** An if without else: its parameters are its results. */
function endWithoutElse(block: i32, isReachable: boolean): void {
  store32(block + openIsTargeted, 1);
  if (isReachable) {
    moveToResults(block);
    arrive(block);
  }
  if (load32(load32(block + openSignature) + parameterCount) > 0) {
    elseOfParameters(block, isReachable);
    return;
  }
  arriveWith(block, load32(block + openOtherwise));
  leaveColdRegions(block, load32(block + openLabel), isReachable);
  bind(load32(block + openElse));
}

/** The empty else branch of an if with parameters: moves them to where the results are expected. */
function elseOfParameters(block: i32, isReachable: boolean): void {
  if (isReachable) jump(load32(block + openLabel));
  truncate(load32(block + openWords));
  pushParameters(block);
  bindElse(block);
  moveToResults(block);
  arrive(block);
}

/** Control comes here from the condition only. */
function bindElse(block: i32): void {
  continueWith(load32(block + openOtherwise));
  bind(load32(block + openElse));
}

/** An unconditional branch; the code after it is unreachable. */
function branchTo(block: i32): void {
  if (load32(block + openKind) === functionKind) {
    returnFrom();
    return;
  }
  moveToResults(block);
  store32(block + openIsTargeted, 1);
  arrive(block);
  jump(load32(block + openLabel));
}

export function selectBranch(depth: i32): void {
  branchTo(blockAt(depth));
}

/** br_if, whose condition is pending. */
export function branchOnCondition(record: i32): void {
  const block = blockAt(load32(record + aField));
  if ((load32(record + flagsField) & isColdBranch) !== 0) {
    store32(block + openIsTargeted, 1);
    arrive(block);
    invertPending();
    enterColdRegion(block);
  } else branchIf(pendingCondition, edgeLabel(block));
  releasePending();
}

export function selectBranchTable(record: i32): void {
  const held = hold(pop());
  const first = firstLabelOf(record);
  const last = endOfLabels(record) - 4;
  const labels = allocate(last - first);
  if (labels === 0) {
    outOfMemory();
    return;
  }
  for (let at = first; at < last; at += 4) store32(labels + at - first, tableEntry(blockAt(load32(at))));
  const otherwise = blockAt(load32(last));
  if (first === last) jump(tableLabel(otherwise));
  else {
    const isForegoneCheck = (load32(record + flagsField) & isForegone) !== 0;
    branchTable(regOf(held), labels, (last - first) >> 2, isForegoneCheck ? -1 : tableLabel(otherwise));
  }
  release(held);
}

/** Where the branch table in question leads for a block, made when the first of its entries asks. */
function tableLabel(block: i32): i32 {
  if (load32(block + openTable) !== at()) {
    store32(block + openTable, at());
    store32(block + openTableEntry, -1);
    store32(block + openTableLabel, edgeLabel(block));
  }
  return load32(block + openTableLabel);
}

/** The same, by a way that its entries reach. */
function tableEntry(block: i32): i32 {
  const label = tableLabel(block);
  if (load32(block + openTableEntry) < 0) store32(block + openTableEntry, forwardLabel(block, label));
  return load32(block + openTableEntry);
}

export function selectUnreachable(): void {
  trap(unreachableTrap);
}
