/** Makes records of the instructions of a body that has been validated. */
import { allocate, load32, load8, next, store32 } from '@fireball/wasm';
import { freeFrom } from './heap.js';
import { indexOf, recordOf } from './instructions.js';
import {
  addressField,
  aField,
  bField,
  elseField,
  endField,
  instructionCount,
  labelCountField,
  labelsField,
  mayCall,
  mostAccesses,
  offsetField,
  openBlocks,
  openerField,
  operationShift,
  outerField,
  recordCount,
  records,
  recordStride,
  tableBeforeField,
  typeField,
} from './layout/body.js';
import { blockDepth, loopCount } from './layout/analyses.js';
import * as classes from './layout/classes.js';
import * as immediates from './layout/immediates.js';
import { classOf, firstPrefixed, immediatesOf, prefix } from './layout/operations.js';
import { readLong, readSigned, readUnsigned } from './numbers.js';

/** Reads the instructions from one address to another; `offset` is that of the first one in the module. Counts loops, and the blocks that are open at most. False where there is no room. */
export function readBody(start: i32, end: i32, offset: i32): boolean {
  // No instruction has more records than bytes.
  const first = allocate((end - start) * recordStride);
  if (first === 0) return false;
  const origin = offset - start;
  let record = first;
  let innermost = -1;
  let table = 0;
  let accesses = 0;
  let rests = 0;
  store32(records, first);
  store32(mayCall, 0);
  store32(openBlocks, 1);
  store32(blockDepth, 1);
  store32(loopCount, 0);
  for (let position = start; position < end; record += recordStride) {
    const wasmOffset = origin + position;
    let operation = load8(position++);
    if (operation === prefix) {
      operation = firstPrefixed + readUnsigned(position);
      position = load32(next);
    }
    const found = load8(classOf + operation);
    let kind = load8(immediatesOf + operation);
    if (kind >= immediates.withRest) {
      kind -= immediates.withRest;
      writeRest(record, operation);
      record += recordStride;
      rests++;
    }
    store32(record + offsetField, wasmOffset);
    store32(record, found | (operation << operationShift));
    if (found <= classes.returnCallIndirect) {
      if (found <= classes.end) innermost = matchBlock(found, record, innermost);
      else if (found >= classes.call) store32(mayCall, 1);
    }
    if (kind === immediates.none) continue;
    if (kind <= immediates.word) {
      if (kind === immediates.memarg) {
        accesses++;
        // What it is aligned to.
        while (load8(position++) >= 0x80);
      }
      const byte = load8(position);
      if (byte < 0x80) {
        store32(record + aField, kind === immediates.word ? (byte << 25) >> 25 : byte);
        position++;
      } else {
        store32(record + aField, kind === immediates.word ? readSigned(position) : readUnsigned(position));
        position = load32(next);
      }
    } else if (kind === immediates.labels) {
      const count = readUnsigned(position) + 1;
      position = load32(next);
      store32(record + tableBeforeField, table);
      store32(record + labelCountField, count);
      store32(record + labelsField, position);
      table = record;
      position = behindNumbers(position, count);
    } else position = readImmediates(kind, position, record);
  }
  store32(mostAccesses, accesses);
  const count = (record - first) / recordStride;
  store32(recordCount, count);
  store32(instructionCount, count - rests);
  freeFrom(record);
  return readTables(table);
}

/** Writes what is in front of a record that has more, and its immediate: nothing yet. */
function writeRest(record: i32, operation: i32): void {
  store32(record + recordStride + aField, 0);
  store32(record + recordStride + addressField, 0);
  store32(record + recordStride + bField, 0);
  store32(record, classes.rest | (operation << operationShift));
}

/** Returns the address behind so many numbers. */
function behindNumbers(position: i32, count: i32): i32 {
  for (; count > 0; count--) while (load8(position++) >= 0x80);
  return position;
}

/** Reads the labels of branch tables, from the last table on. False where there is no room. */
function readTables(last: i32): boolean {
  for (let record = last; record !== 0; record = load32(record + tableBeforeField)) {
    const count = load32(record + labelCountField);
    const labels = allocate(count << 2);
    if (labels === 0) return false;
    readLabels(load32(record + labelsField), labels, count);
    store32(record + labelsField, labels);
  }
  return true;
}

function readLabels(position: i32, into: i32, count: i32): void {
  for (; count > 0; count--) {
    store32(into, readUnsigned(position));
    position = load32(next);
    into += 4;
  }
}

/** Returns the address behind the immediates. */
function readImmediates(kind: i32, position: i32, record: i32): i32 {
  switch (kind) {
    case immediates.indexAndByte:
      store32(record + aField, readUnsigned(position));
      return load32(next) + 1;
    case immediates.indexPair:
      store32(record + aField, readUnsigned(position));
      store32(record + bField, readUnsigned(load32(next)));
      return load32(next);
    case immediates.blockType:
      store32(record + typeField, readSigned(position));
      return load32(next);
    case immediates.wordBits:
      store32(record + aField, load32(position));
      return position + 4;
    case immediates.longBits:
      store32(record + aField, load32(position));
      store32(record + bField, load32(position + 4));
      return position + 8;
    case immediates.long:
      readLong(position, record);
      return load32(next);
    case immediates.types: {
      const count = readUnsigned(position);
      return load32(next) + count;
    }
    case immediates.oneByte:
    case immediates.type:
      return position + 1;
    default:
      return position + 2;
  }
}

/** Ties what opens, divides and closes a block together. Returns the index of what opens the innermost one from here on; -1 where there is none. */
function matchBlock(found: i32, record: i32, innermost: i32): i32 {
  if (found < classes.elseThen) {
    store32(record + outerField, innermost);
    countOpener(found);
    return indexOf(record);
  }
  store32(record + openerField, innermost);
  if (innermost < 0) return -1;
  const opener = recordOf(innermost);
  if (found === classes.elseThen) {
    store32(opener + elseField, indexOf(record));
    return innermost;
  }
  store32(openBlocks, load32(openBlocks) - 1);
  const outer = load32(opener + outerField);
  store32(opener + endField, indexOf(record));
  return outer;
}

function countOpener(found: i32): void {
  const depth = load32(openBlocks) + 1;
  store32(openBlocks, depth);
  if (depth > load32(blockDepth)) store32(blockDepth, depth);
  if (found === classes.loop) store32(loopCount, load32(loopCount) + 1);
}
