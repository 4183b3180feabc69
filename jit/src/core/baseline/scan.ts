/** The first look at a body: how often locals are named, what else decides which registers they can have, and what somebody else has to tell of instructions. */
import { allocate, isFull, load32, load8, makeArea, store32, take, usedField } from '@fireball/wasm';
import { allocateCleared } from '../heap.js';
import { wordCount, localCount } from '../layout/analyses.js';
import * as layout from '../layout/baseline.js';
import { addressField, aField, askedOperationField, bField, offsetField, operationShift, recordStride } from '../layout/body.js';
import * as classes from '../layout/classes.js';
import { asked, asksForCalls, functionIndex } from '../layout/environment.js';
import { functionSignature } from '../layout/function.js';
import { functionRows, functionSlot } from '../layout/module.js';
import { classOf, detailOf as detailAt, firstPrefixed, memorySize, prefix } from '../layout/operations.js';
import { i32Const } from '../layout/select.js';
import { endOfWords, firstWordOf } from '../locals.js';
import { rowOf, signatureOf } from '../driver/module-rows.js';
import { skip, skipImmediates, takeIndex } from './reading.js';

/** What a use in a loop counts more than one around it, as a shift, and how many loops count. */
const loopShift: i32 = 3;
const mostLoops: i32 = 5;

/**
 * Looks at the instructions from one address to another; `offset` is that of the first one in the module. Module, environment and the words of locals have been written.
 * The addresses of records of the instructions that somebody else knows more of are in `asked` then (`nameOperands`). False where there is no room.
 */
export function scanBody(start: i32, end: i32, offset: i32): boolean {
  store32(functionSignature, signatureOf(functionRows, load32(functionIndex)));
  store32(layout.bodyStart, start);
  store32(layout.bodyEnd, end);
  store32(layout.origin, offset - start);
  store32(layout.uses, allocateCleared(load32(wordCount) << 2));
  store32(layout.hasAccesses, 0);
  store32(layout.usualVotes, 0);
  store32(layout.hasPairs, load32(wordCount) > load32(localCount) ? 1 : 0);
  store32(layout.hasCalls, 0);
  makeArea(layout.nesting);
  makeArea(asked);
  store32(layout.position, start);
  if (load32(isFull) === 0) scan(end);
  return load32(isFull) === 0;
}

function scan(end: i32): void {
  let weight = 1;
  let loops = 0;
  for (let at = load32(layout.position); at < end; at = load32(layout.position)) {
    let operation = load8(at);
    store32(layout.position, at + 1);
    if (operation === prefix) operation = firstPrefixed + takeIndex();
    const found = load8(classOf + operation);
    switch (found) {
      case classes.localGet:
      case classes.localSet:
      case classes.localTee:
        count(takeIndex(), weight);
        continue;
      case classes.alu:
      case classes.compare:
      case classes.test:
        continue;
      case classes.constant:
        if (operation !== i32Const) break;
        skipNumber(at + 1);
        continue;
      case classes.block:
      case classes.loop:
      case classes.ifThen: {
        const row = take(layout.nesting, 4);
        if (row === 0) return;
        store32(row, found);
        if (found !== classes.loop) break;
        loops++;
        weight = weightIn(loops);
        break;
      }
      case classes.end: {
        const row = load32(layout.nesting + usedField) - 4;
        if (row < load32(layout.nesting)) continue;
        store32(layout.nesting + usedField, row);
        if (load32(row) !== classes.loop) continue;
        loops--;
        weight = weightIn(loops);
        continue;
      }
      case classes.load:
      case classes.store:
        skipNumber(at + 1);
        countAccess(takeIndex() + load8(detailAt + operation) - 1, weight);
        continue;
      case classes.longConstant:
      case classes.numeric:
        store32(layout.hasPairs, 1);
        break;
      default:
        if (!scanRarely(found, operation, at)) continue;
    }
    skipImmediates(operation);
  }
}

/** Leaves out a number of as many bytes as may be. */
function skipNumber(at: i32): void {
  let end = at;
  while (load8(end++) >= 0x80);
  store32(layout.position, end);
}

/** An access, whose last byte lies so far behind the index: the reach that more than half of all have is the one that is left. */
function countAccess(reach: i32, weight: i32): void {
  store32(layout.hasAccesses, 1);
  const votes = load32(layout.usualVotes);
  if (reach === load32(layout.usualReach)) store32(layout.usualVotes, (votes + weight) & 0x7fff_ffff);
  else if (votes >= weight) store32(layout.usualVotes, votes - weight);
  else {
    store32(layout.usualReach, reach);
    store32(layout.usualVotes, weight - votes);
  }
}

function weightIn(loops: i32): i32 {
  return 1 << ((loops < mostLoops ? loops : mostLoops) * loopShift);
}

function count(local: i32, weight: i32): void {
  const end = endOfWords(local);
  for (let word = firstWordOf(local); word < end; word++) {
    const at = load32(layout.uses) + (word << 2);
    // Sums that are too large for a number with sign are as much as there is.
    const sum = (load32(at) + weight) | 0;
    store32(at, sum < 0 ? 0x7fff_ffff : sum);
  }
}

/** What is rare. Returns whether its immediates are still to be read. */
function scanRarely(found: i32, operation: i32, at: i32): boolean {
  switch (found) {
    case classes.call:
    case classes.returnCall: {
      store32(layout.hasCalls, 1);
      if (load32(asksForCalls) === 0) return true;
      const callee = takeIndex();
      if (callee !== load32(functionIndex)) ask(found, operation, at, load32(rowOf(functionRows, callee) + functionSlot), callee, 0);
      return false;
    }
    case classes.callIndirect:
    case classes.returnCallIndirect:
      store32(layout.hasCalls, 1);
      return true;
    case classes.size:
      if (operation === memorySize) return true;
      ask(found, operation, at, operation, takeIndex(), 0);
      return false;
    case classes.dropSegment:
      ask(found, operation, at, operation, takeIndex(), 0);
      return false;
    case classes.record:
      askOfRecord(found, operation, at);
      return false;
    default:
      return true;
  }
}

/** What works on records of memories, tables and segments names one or two of them by numbers. */
function askOfRecord(found: i32, operation: i32, at: i32): void {
  const begin = load32(layout.position);
  skipImmediates(operation);
  const end = load32(layout.position);
  store32(layout.position, begin);
  const a = begin < end ? takeIndex() : 0;
  const b = load32(layout.position) < end ? takeIndex() : 0;
  skip(end - load32(layout.position));
  ask(found, operation, at, operation, a, b);
}

/** Asks for what an instruction is about, by a record as bodies have them that are read as a whole. */
function ask(found: i32, operation: i32, at: i32, more: i32, a: i32, b: i32): void {
  const rest = allocate(2 * recordStride);
  const row = take(asked, 4);
  if (rest === 0 || row === 0) return;
  const record = rest + recordStride;
  store32(record, found | (operation << operationShift));
  store32(record + offsetField, load32(layout.origin) + at);
  store32(record + aField, a);
  store32(record + bField, b);
  store32(record + (found === classes.call || found === classes.returnCall ? addressField : askedOperationField), more);
  store32(row, record);
}
