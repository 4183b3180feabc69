/**
 * The cheap first walk: weights for register allocation, and for every memory access the proof
 * that it will be in bounds. Reads nothing but the instructions; the selector follows its answers.
 */
import { load32, load8, store32 } from '@fireball/wasm';
import { classAt, recordOf } from './instructions.js';
import { finishAccesses } from './accesses.js';
import {
  becomesCode,
  branch,
  branchByTable,
  branchIf,
  dropOperandsOfBlock,
  endOfBlockPart,
  enter,
  enterElse,
  controlCount,
  isCurrent,
  leave,
  leaveAhead,
  makeControls,
  noteConstant,
  openFunction,
} from './controls.js';
import { fitsImmediate } from './costs.js';
import { beginFacts, factOf, restoreFacts, seenFacts, setFact } from './fact-sets.js';
import { between, copied, shifted } from './facts.js';
import { makeEmptySet, mayHave } from './group-sets.js';
import { beginRun, closeChecks, closeGroups, forgetGroups, restoreGroups, seenGroups } from './groups.js';
import {
  aField,
  addressField,
  bField,
  endField,
  isForegone,
  labelCountField,
  mayCall,
  recordCount,
  records,
  recordStride,
  referenceField,
  signatureField,
  tableField,
  wordsField,
} from './layout/body.js';
import * as classes from './layout/classes.js';
import { firstCall, hasCalls, hasRoutines, isBehindCall, pressure } from './layout/allocation.js';
import * as arithmetic from './layout/arithmetic.js';
import { extended, signedExtension, wordCount, wordRowStride, wordVersion } from './layout/analyses.js';
import { functionSignature, hasSafepoint, safepointFlag, wordsOfParameters } from './layout/function.js';
import { tableCount, tableElements } from './layout/module.js';
import {
  accessCount,
  alive,
  bareWords,
  emptySet,
  factsBefore,
  firstNested,
  firstOpen,
  firstUnseen,
  groupCount,
  groupsBefore,
  loopAhead,
  looksAhead,
  nextWrites,
  ownsAlive,
  pressureBefore,
  rangeMax,
  rangeMin,
  run,
} from './layout/plan.js';
import { symbolC, symbolHigh, symbolMax, symbolMin, symbolWord } from './layout/symbols.js';
import { endOfWords, firstWordOf, rowOf } from './locals.js';
import { beginKept, freeOthers, reserveKept } from './kept.js';
import { hasBeenLookedAt, shareHeaders } from './loops.js';
import { hadRoom } from './nodes.js';
import {
  comeToCall,
  note,
  planAlu,
  planCompare,
  planDivide,
  planLoad,
  planNumeric,
  planRecordOperation,
  planSelect,
  planSign,
  planStore,
  planTest,
  planUnary,
} from './numeric.js';
import { beginStack, pop, pushConstant, pushHigh, pushHighConstant, pushHighLocalWord, pushLocalWord, pushResults, pushValue, pushWords } from './stack.js';
import { bound, isConstant, rangeOf } from './symbols.js';
import { isBelow, u32Max } from './unsigned.js';
import { beginWeights, isInLoop, makeRows, needConst, noteCopy, settle, touch, useAddress, useInRegister, useMoved } from './weights.js';

/** Index behind all instructions. */
const noCall: i32 = 0x7fff_ffff;
/** Local words that are known to be 0 at the beginning: of no more, since each is looked at where paths meet. */
const mostZeros = 32;

/** Plans the function whose body has been read, and of which the host has said the rest. False where there is no room. */
export function planFunction(): boolean {
  if (!makeRows() || !reserveKept()) return false;
  makeControls();
  if (!walk()) return false;
  finishAccesses();
  freeOthers();
  return hadRoom();
}

/** Walks over the body. False where there is no room. */
function walk(): boolean {
  // The walk over another function may have ended there, where it was given up.
  store32(looksAhead, 0);
  if (!beginWeights() || !beginFacts()) return false;
  beginKept();
  beginStack();
  store32(hasCalls, 0);
  store32(hasRoutines, 0);
  store32(firstCall, noCall);
  store32(isBehindCall, 0);
  store32(accessCount, 0);
  store32(nextWrites, 0);
  store32(firstNested, 0);
  beginPaths();
  openFunction(load32(functionSignature));
  if (load32(mayCall) !== 0 && load32(hasSafepoint) !== 0) useAddress(load32(safepointFlag));
  return walkBody();
}

/** In front of the body nothing is known but that declared locals are 0. */
function beginPaths(): void {
  makeEmptySet();
  store32(alive, emptySet);
  store32(ownsAlive, 0);
  store32(run, 0);
  store32(firstOpen, 0);
  store32(firstUnseen, 0);
  store32(groupCount, 0);
  store32(bareWords, 0);
  const first = load32(load32(functionSignature) + wordsOfParameters);
  for (let word = first; word < load32(wordCount) && word < first + mostZeros; word++) setFact(word, rowOf(word), between(0, 0));
}

function walkBody(): boolean {
  /** Does control get here from the code in front? */
  let isReached = true;
  let record = load32(records) - recordStride;
  const last = recordOf(load32(recordCount) - 1);
  /** The `end` of the loop that the walk looks ahead at. */
  let endOfLoop = 0;
  while (hadRoom()) {
    record += recordStride;
    const found = classAt(record);
    switch (found) {
      case classes.localGet:
        getLocal(load32(record + aField));
        continue;
      case classes.localSet:
        setLocal(load32(record + aField), record);
        continue;
      case classes.localTee:
        setLocal(load32(record + aField), record);
        pushLocal(load32(record + aField));
        continue;
      case classes.constant:
        pushConstant(load32(record + aField));
        continue;
      case classes.alu:
        planAlu(record);
        continue;
      case classes.compare:
        planCompare(record);
        continue;
      case classes.test:
        planTest();
        continue;
      case classes.load:
        planLoad(record);
        continue;
      case classes.store:
        planStore(record);
        continue;
      case classes.loop:
        if (!isInLoop() && !hasBeenLookedAt(record)) {
          beginAhead(record);
          endOfLoop = recordOf(load32(record + endField));
        }
        enter(found, record);
        continue;
      case classes.block:
      case classes.ifThen:
        enter(found, record);
        continue;
      case classes.elseThen:
        if (!isReached) dropOperandsOfBlock();
        enterElse(isReached);
        isReached = true;
        continue;
      case classes.end:
        if (record === endOfLoop) {
          endAhead();
          endOfLoop = 0;
          record = load32(loopAhead);
          enter(classes.loop, record);
        } else {
          if (!isReached) dropOperandsOfBlock();
          leave(isReached);
          if (record === last) return hadRoom();
        }
        isReached = true;
        continue;
      case classes.brIf: {
        const condition = pop();
        settle(condition);
        branchIf(load32(record + aField), condition);
        continue;
      }
      case classes.br:
        branch(load32(record + aField));
        break;
      case classes.brTable: {
        const table = pop();
        if (isBelow(bound(table), load32(record + labelCountField) - 1)) note(record, isForegone);
        settle(table);
        branchByTable(record);
        break;
      }
      case classes.returnResults:
      case classes.unreachable:
        break;
      case classes.rest:
        continue;
      default:
        if (!stepRarely(found, record)) continue;
    }
    // What is between here and there is unreachable.
    record = endOfBlockPart(record) - recordStride;
    isReached = false;
  }
  return false;
}

/**
 * From here on only what is known of local words is looked at, up to the end of an outermost loop that begins here: what comes round it, and the loops in it,
 * is known then when the walk comes to it.
 */
function beginAhead(loop: i32): void {
  store32(loopAhead, loop);
  store32(factsBefore, seenFacts());
  store32(groupsBefore, seenGroups());
  store32(pressureBefore, load32(pressure));
  restoreGroups(emptySet);
  store32(looksAhead, controlCount());
}

/** Back to the loop. */
function endAhead(): void {
  leaveAhead();
  shareHeaders();
  restoreFacts(load32(factsBefore));
  restoreGroups(load32(groupsBefore));
  store32(pressure, load32(pressureBefore));
  store32(looksAhead, 0);
}

/** What is rarer. Returns true where the code that follows is unreachable. */
function stepRarely(found: i32, record: i32): boolean {
  switch (found) {
    case classes.longConstant:
      pushConstant(load32(record + aField));
      pushHighConstant(load32(record + bField));
      return false;
    case classes.numeric:
    case classes.float:
      planNumeric(record, found === classes.float);
      return false;
    case classes.unary:
      planUnary();
      return false;
    case classes.divide:
      planDivide();
      return false;
    case classes.call:
      call(record);
      if (load32(record + addressField) !== 0) useAddress(load32(record + addressField));
      return false;
    case classes.callIndirect:
      takeElement(record);
      call(record);
      return false;
    case classes.returnCall:
      popArguments(load32(record + signatureField));
      return true;
    case classes.returnCallIndirect:
      takeElement(record);
      return true;
    case classes.drop:
      if (load8(pop() + symbolHigh) !== 0) pop();
      return false;
    case classes.select:
      planSelect();
      return false;
    case classes.globalGet:
      useAddress(load32(record + addressField));
      pushWords(load32(record + wordsField));
      return false;
    case classes.globalSet:
      for (let word = load32(record + wordsField); word > 0; word--) useInRegister(pop());
      useAddress(load32(record + addressField));
      closeChecks();
      return false;
    case classes.sign:
      planSign(record);
      return false;
    case classes.record:
      planRecordOperation(record);
      return false;
    case classes.refNull:
      pushConstant(0);
      return false;
    case classes.refFunc:
      pushConstant(load32(record + referenceField));
      return false;
    case classes.size:
      pushValue(u32Max);
      return false;
    case classes.dropSegment:
      closeChecks();
      return false;
    default:
      return false;
  }
}

function getLocal(local: i32): void {
  const word = firstWordOf(local);
  const end = endOfWords(local);
  const row = rowOf(word);
  touch(row);
  pushLocalWord(word, row);
  if (word + 1 === end) return;
  if (load8(load32(extended) + local) === 0) touch(row + wordRowStride);
  pushUpper(local, word + 1);
}

function pushLocal(local: i32): void {
  const word = firstWordOf(local);
  pushLocalWord(word, rowOf(word));
  if (word + 1 !== endOfWords(local)) pushUpper(local, word + 1);
}

/** Pushes the upper word of a local. */
function pushUpper(local: i32, word: i32): void {
  const extension = load8(load32(extended) + local);
  if (extension === 0) pushHighLocalWord(word, rowOf(word));
  else if (extension === signedExtension) pushHigh();
  else pushHighConstant(0);
}

function setLocal(local: i32, record: i32): void {
  const first = firstWordOf(local);
  for (let word = endOfWords(local) - 1; word >= first; word--) setWord(word, record);
}

function setWord(word: i32, record: i32): void {
  const value = pop();
  const row = rowOf(word);
  const fact = isCurrent(value) ? factOfCopy(value, word, record) : factOfValue(value);
  if (load32(looksAhead) === 0) {
    if (isConstant(value)) useMoved(value);
    else settle(value);
    touch(row);
    if (mayHave(load32(alive), word)) forgetGroups(word);
  }
  store32(row + wordVersion, load32(row + wordVersion) + 1);
  setFact(word, row, fact);
  if (isConstant(value)) noteConstant(word);
}

/** What is known of a word that gets the value of another one, or its own, and maybe a constant more. @noinline */
function factOfCopy(value: i32, word: i32, record: i32): i32 {
  const source = load32(value + symbolWord);
  const c = load32(value + symbolC);
  if (source !== word && c === 0) noteCopy(record, word, source);
  const fact = factOf(source);
  if (fact === 0) return 0;
  return shifted(source === word ? fact : copied(fact), c);
}

/** What is known of a word that gets any other value. */
function factOfValue(value: i32): i32 {
  if (load32(value + symbolC) === 0) return betweenOrNothing(load32(value + symbolMin), load32(value + symbolMax));
  rangeOf(value);
  return betweenOrNothing(load32(rangeMin), load32(rangeMax));
}

function betweenOrNothing(min: i32, max: i32): i32 {
  if (min === 0) {
    if (max === u32Max) return 0;
  }
  return between(min, max);
}

/** The element that an indirect call takes: its index, and the address of the elements. */
function takeElement(record: i32): void {
  const table = load32(record + tableField);
  const count = load32(table + tableCount);
  settle(pop());
  if (!fitsImmediate(arithmetic.compare, count)) needConst(count);
  needConst(load32(table + tableElements));
  closeGroups();
}

/** Operands of a call that go into argument places. */
function popArguments(signature: i32): void {
  for (let word = load32(signature + wordsOfParameters); word > 0; word--) useMoved(pop());
}

function call(record: i32): void {
  const signature = load32(record + signatureField);
  comeToCall(record);
  becomesCode();
  popArguments(signature);
  pushResults(signature);
  closeGroups();
  beginRun();
  store32(hasCalls, 1);
}
