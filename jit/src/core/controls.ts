/** Open blocks of the first walk, and what holds where control goes. */
import { clearArea, load32, load8, loadFloat, makeAreaIn, store32, storeFloat, take, usedField } from '@fireball/wasm';
import { forgetFacts, meetFacts, restoreFacts, seenFacts, setFact } from './fact-sets.js';
import { refinedByTest } from './facts.js';
import { beginRun, closeGroups, keepGroupsInLoop, meetGroups, restoreGroups, seenGroups } from './groups.js';
import { classAt, endOfLabels, endOfPart, firstLabelOf, indexOf, recordOf } from './instructions.js';
import { endField, labelCountField, recordCount, typeField } from './layout/body.js';
import { noCondition } from './layout/arithmetic.js';
import * as classes from './layout/classes.js';
import {
  controlArriving,
  controlHeight,
  controlIndex,
  controlIsLoop,
  controlLoop,
  controlShare,
  controlSignature,
  controlStride,
  endFacts,
  endGroups,
  falseFacts,
  falseGroups,
  tableIndex,
  tableNext,
  tableShare,
} from './layout/controls.js';
import { wordFact, wordVersion } from './layout/analyses.js';
import { hasSafepoint, safepointFlag, wordsOfParameters } from './layout/function.js';
import { bareNext, bareSize, bareWord } from './layout/loops.js';
import { bareLoop, bareWords, controls, emptySet, hasAsked, looksAhead, share, taken, testCond, testVersion, testWord } from './layout/plan.js';
import { controlsEnd, controlsRoom } from './layout/rooms.js';
import { symbolKind, symbolVersion, symbolWord, localKind } from './layout/symbols.js';
import { rowOf } from './locals.js';
import { beginLoop, beginTogether, comesRound, endLoop } from './loops.js';
import { claim } from './nodes.js';
import { addNumber, clearNumber, copyNumber, isLess, scale } from './positive.js';
import { forgetBounds, pop, pushParameters, pushResults, stackHeight, truncate } from './stack.js';
import { conditionOf, isConstant, negate } from './symbols.js';
import { enterLoop, isInLoop, leaveLoop, settle, useAddress, weigh } from './weights.js';
import { findWrites, isEnteredWithin, isEntry } from './writes.js';

/** Makes the area of open blocks. */
export function makeControls(): void {
  makeAreaIn(controls, controlsRoom, controlsEnd);
}

/** Begins with the function's own block alone. */
export function openFunction(signature: i32): void {
  clearArea(controls);
  store32(bareLoop, -1);
  openControl(false, -1, 0, signature, -1);
}

function openControl(isLoop: boolean, index: i32, height: i32, signature: i32, loop: i32): void {
  const control = take(controls, controlStride);
  if (control === 0) return;
  store32(control + controlIsLoop, isLoop ? 1 : 0);
  store32(control + controlIndex, index);
  store32(control + controlHeight, height);
  store32(control + controlSignature, signature);
  store32(control + endGroups, 0);
  store32(control + endFacts, 0);
  store32(control + falseGroups, 0);
  store32(control + falseFacts, 0);
  copyNumber(control + controlShare, share);
  clearNumber(control + controlArriving);
  store32(control + controlLoop, loop);
  store32(control + tableIndex, -1);
}

/** How many blocks are open. */
export function controlCount(): i32 {
  return (load32(controls + usedField) - load32(controls)) / controlStride;
}

/** Address of the open block with this number, from the function's own on. */
function controlAt(number: i32): i32 {
  return load32(controls) + number * controlStride;
}

function innermost(): i32 {
  return load32(controls + usedField) - controlStride;
}

/** Number of the innermost loop; -1 where there is none. */
function innermostLoop(): i32 {
  const count = controlCount();
  return count === 0 ? -1 : load32(controlAt(count - 1) + controlLoop);
}

/** Is the local that the symbol names, if it names one, unchanged since? */
export function isCurrent(symbol: i32): boolean {
  return load8(symbol + symbolKind) === localKind && load32(symbol + symbolVersion) === versionOf(load32(symbol + symbolWord));
}

/** How often the word has been written. */
function versionOf(word: i32): i32 {
  return load32(rowOf(word) + wordVersion);
}

/** From here on the test that was asked for is known to have come out true. */
function assume(): void {
  if (load32(testCond) === noCondition) return;
  const word = load32(testWord);
  const row = rowOf(word);
  if (load32(testVersion) !== load32(row + wordVersion)) return;
  const fact = load32(row + wordFact);
  const next = refinedByTest(fact);
  if (next !== fact) setFact(word, row, next);
}

/** A block, loop or if begins. */
export function enter(found: i32, record: i32): void {
  const index = indexOf(record);
  let isConstantCondition = true;
  if (found === classes.ifThen) {
    const condition = pop();
    settle(condition);
    isConstantCondition = isConstant(condition);
    conditionOf(condition);
  }
  const signature = load32(record + typeField);
  const height = stackHeight() - load32(signature + wordsOfParameters);
  const isLoop = found === classes.loop;
  openControl(isLoop, index, height, signature, isLoop ? controlCount() : innermostLoop());
  if (found === classes.ifThen) {
    halveShare();
    // What holds if the condition does not; then go on as if nothing had been tested.
    const before = seenFacts();
    negate();
    assume();
    store32(innermost() + falseGroups, seenGroups());
    store32(innermost() + falseFacts, seenFacts());
    restoreFacts(before);
    negate();
    assume();
  }
  if (isLoop) enterHeader(index, height, signature);
  else if (!isConstantCondition) becomesCode();
}

function enterHeader(index: i32, height: i32, signature: i32): void {
  if (isInLoop()) store32(hasAsked, 1);
  else if (!findWrites(index)) return;
  enterLoop();
  const isEntered = isEnteredWithin(index);
  beginRun();
  keepGroupsInLoop(index, isEntered);
  beginLoop(index, isEntered);
  if (load32(looksAhead) !== 0) {
    if (load32(bareLoop) >= 0) beginTogether(load32(bareLoop), index, load32(bareWords));
    store32(bareLoop, index);
    store32(bareWords, 0);
  }
  truncate(height);
  pushParameters(signature);
  if (load32(hasSafepoint) !== 0) useAddress(load32(safepointFlag));
  if (isEntry(index)) forgetBounds();
}

/** Instructions that are sure to become code come here. */
export function becomesCode(): void {
  store32(bareLoop, -1);
}

/** The word gets a constant here. */
export function noteConstant(word: i32): void {
  if (load32(bareLoop) < 0) return;
  const node = claim(bareSize);
  store32(node + bareWord, word);
  store32(node + bareNext, load32(bareWords));
  store32(bareWords, node);
}

function halveShare(): void {
  if (load32(looksAhead) !== 0) return;
  scale(share, share, -1);
  weigh();
}

/** `isReached`: the code in front of it can get to the end of the block. */
export function enterElse(isReached: boolean): void {
  const control = innermost();
  if (isReached) arriveAtEnd(control, share);
  copyNumber(share, control + controlShare);
  halveShare();
  truncate(load32(control + controlHeight));
  pushParameters(load32(control + controlSignature));
  const groups = load32(control + falseGroups);
  continueWith(groups === 0 ? emptySet : groups, groups === 0 ? 0 : load32(control + falseFacts));
  store32(control + falseGroups, 0);
}

/** The outermost loop ends that the walk looks ahead at: as if its parameters had just been computed in front of it. */
export function leaveAhead(): void {
  const control = controlAt(load32(looksAhead));
  store32(controls + usedField, control);
  endLoop(load32(control + controlIndex));
  leaveLoop();
  becomesCode();
  truncate(load32(control + controlHeight));
  pushParameters(load32(control + controlSignature));
}

/** The innermost block ends. */
export function leave(isReached: boolean): void {
  const control = innermost();
  store32(controls + usedField, control);
  const isLoop = load32(control + controlIsLoop) !== 0;
  const whenFalse = load32(control + falseGroups);
  if (isLoop) {
    endLoop(load32(control + controlIndex));
    leaveLoop();
    becomesCode();
  }
  truncate(load32(control + controlHeight));
  pushResults(load32(control + controlSignature));
  comeToEnd(control, isReached, whenFalse !== 0);
  if (isReached && load32(control + endGroups) === 0 && whenFalse === 0) return;
  if (isReached) holdsAtEnd(control);
  const atEnd = load32(control + endGroups);
  const facts = load32(control + endFacts);
  const factsWhenFalse = load32(control + falseFacts);
  if (atEnd === 0 && whenFalse === 0) continueWith(emptySet, 0);
  else if (whenFalse === 0) continueWith(atEnd, facts);
  else if (atEnd === 0) continueWith(whenFalse, factsWhenFalse);
  else continueWith(meetGroups(atEnd, whenFalse), meetFacts(facts, factsWhenFalse));
}

/** Share: of all that comes to the end of a block, where `hasOther` says that there is no `else`; not more than what came to the block, and of a loop, that. */
function comeToEnd(control: i32, isReached: boolean, hasOther: boolean): void {
  if (load32(looksAhead) !== 0) return;
  const comes = control + controlShare;
  const arriving = control + controlArriving;
  if (load32(control + controlIsLoop) !== 0) copyNumber(share, comes);
  else {
    if (!isReached) clearNumber(share);
    if (hasOther) {
      scale(taken, comes, -1);
      addNumber(share, taken);
    }
    addNumber(arriving, share);
    copyNumber(share, isLess(comes, arriving) ? comes : arriving);
  }
  weigh();
}

/**
 * Control may go to the end of the block at this depth, in the share that is taken; loops know already what they may
 * rely on. Who comes to a loop also leaves it, mostly.
 */
function branchTaken(depth: i32): void {
  closeGroups();
  const number = controlCount() - 1 - depth;
  // Nobody looks ahead behind the loop.
  if (number < load32(looksAhead)) return;
  const control = controlAt(number);
  const here = seenFacts();
  if (load32(control + controlIsLoop) !== 0) comesRound(load32(control + controlIndex));
  else arriveAtEnd(control, number < innermostLoop() ? control + controlShare : taken);
  restoreFacts(here);
}

/** br: all of it. */
export function branch(depth: i32): void {
  copyNumber(taken, share);
  branchTaken(depth);
}

/** br_if: one that goes on with a loop, or leaves it, says little about how often the loop comes to what follows. */
export function branchIf(depth: i32, condition: i32): void {
  if (!isConstant(condition)) becomesCode();
  conditionOf(condition);
  const before = seenFacts();
  assume();
  if (load32(looksAhead) === 0) scale(taken, share, -1);
  branchTaken(depth);
  restoreFacts(before);
  negate();
  assume();
  const number = controlCount() - 1 - depth;
  const loop = innermostLoop();
  if (number > (loop < 0 ? 0 : loop)) halveShare();
}

/** Control goes to one of the labels of a branch table, to all of which alike. */
export function branchByTable(record: i32): void {
  const index = indexOf(record);
  const isAhead = load32(looksAhead) !== 0;
  const part = isAhead ? 0 : 1 / f64Of(load32(record + labelCountField));
  // By what blocks are told that it names: the walk comes here once more where it looks ahead.
  const mark = isAhead ? ~index : index;
  const end = endOfLabels(record);
  let first = -1;
  let last = -1;
  for (let at = firstLabelOf(record); at < end; at += 4) {
    const depth = load32(at);
    const control = controlAt(controlCount() - 1 - depth);
    if (load32(control + tableIndex) === mark) {
      if (!isAhead) storeFloat(control + tableShare, loadFloat(control + tableShare) + part);
      continue;
    }
    store32(control + tableIndex, mark);
    storeFloat(control + tableShare, part);
    store32(control + tableNext, -1);
    if (first < 0) first = depth;
    else store32(controlAt(controlCount() - 1 - last) + tableNext, depth);
    last = depth;
  }
  while (first >= 0) {
    const control = controlAt(controlCount() - 1 - first);
    if (!isAhead) storeFloat(taken, loadFloat(control + tableShare) * loadFloat(share));
    branchTaken(first);
    first = load32(control + tableNext);
  }
}

function f64Of(value: i32): f64 {
  return value;
}

/** `part`: address of a share. */
function arriveAtEnd(control: i32, part: i32): void {
  if (load32(looksAhead) === 0) addNumber(control + controlArriving, part);
  holdsAtEnd(control);
}

/** What holds here does so at the end of the block, where it is reached from here. Of facts, what holds there does so here then. */
function holdsAtEnd(control: i32): void {
  const groups = seenGroups();
  const facts = seenFacts();
  const before = load32(control + endGroups);
  store32(control + endGroups, before === 0 ? groups : meetGroups(groups, before));
  store32(control + endFacts, before === 0 ? facts : meetFacts(facts, load32(control + endFacts)));
}

/** Behind a label. Of facts there is a version, or none is known. */
function continueWith(groups: i32, facts: i32): void {
  beginRun();
  restoreGroups(groups);
  if (facts === 0) forgetFacts();
  else restoreFacts(facts);
}

/** Address of the record of the `else` or `end` that closes the part of the innermost block in which an instruction is. */
export function endOfBlockPart(record: i32): i32 {
  const index = load32(innermost() + controlIndex);
  if (index < 0) return recordOf(load32(recordCount) - 1);
  const opener = recordOf(index);
  return recordOf(classAt(opener) === classes.loop ? load32(opener + endField) : endOfPart(opener, indexOf(record)));
}

/** The rest of the block was unreachable: as after a branch to its end. */
export function dropOperandsOfBlock(): void {
  truncate(load32(innermost() + controlHeight));
}
