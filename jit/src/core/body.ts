/** Makes records of the instructions of a body that has been validated. */
import { allocate, load32, load8, next, store32 } from '@fireball/wasm';
import { freeFrom } from './heap.js';
import { recordOf } from './instructions.js';
import {
  aField,
  bField,
  elseField,
  endField,
  labelCountField,
  labelsField,
  mayCall,
  mostAccesses,
  offsetField,
  openerField,
  operationShift,
  outerField,
  recordCount,
  records,
  recordStride,
  tableBeforeField,
  typeField,
} from './layout/body.js';
import * as classes from './layout/classes.js';
import * as immediates from './layout/immediates.js';
import { classOf, firstPrefixed, immediatesOf, prefix } from './layout/operations.js';
import { readLong, readSigned, readUnsigned } from './numbers.js';

/** Records get room for so many at a time. */
const recordsAtOnce = 32;

/** Reads the instructions from one address to another; `offset` is that of the first one in the module. False where there is no room. */
export function readBody(start: i32, end: i32, offset: i32): boolean {
  const first = allocate(recordsAtOnce * recordStride);
  if (first === 0) return false;
  const origin = offset - start;
  let limit = first + recordsAtOnce * recordStride;
  let record = first;
  let innermost = -1;
  let index = 0;
  let table = 0;
  store32(records, first);
  store32(mayCall, 0);
  store32(mostAccesses, 0);
  for (let position = start; position < end; record += recordStride) {
    // Nothing else is allocated meanwhile: records lie behind one another.
    if (record === limit) {
      if (allocate(recordsAtOnce * recordStride) === 0) return false;
      limit += recordsAtOnce * recordStride;
    }
    const wasmOffset = origin + position;
    let operation = load8(position++);
    if (operation === prefix) {
      operation = firstPrefixed + readUnsigned(position);
      position = load32(next);
    }
    const found = load8(classOf + operation);
    const kind = load8(immediatesOf + operation);
    store32(record + bField, 0);
    store32(record + aField, 0);
    store32(record + offsetField, wasmOffset);
    store32(record, found | (operation << operationShift));
    if (kind === immediates.labels) {
      const count = readUnsigned(position) + 1;
      position = load32(next);
      store32(record + tableBeforeField, table);
      store32(record + labelCountField, count);
      store32(record + labelsField, position);
      table = record;
      position = behindNumbers(position, count);
    } else if (kind === immediates.index && load8(position) < 0x80) store32(record + aField, load8(position++));
    else if (kind !== immediates.none) position = readImmediates(kind, position, record);
    if (found >= classes.call && found <= classes.returnCallIndirect) store32(mayCall, 1);
    else if (found <= classes.end) innermost = matchBlock(found, index, record, innermost);
    index++;
  }
  store32(recordCount, index);
  freeFrom(record);
  return readTables(table);
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
    case immediates.index:
    case immediates.indexAndByte:
    case immediates.indexPair: {
      const byte = load8(position);
      if (byte < 0x80) {
        store32(record + aField, byte);
        position++;
      } else {
        store32(record + aField, readUnsigned(position));
        position = load32(next);
      }
      if (kind === immediates.index) return position;
      if (kind === immediates.indexAndByte) return position + 1;
      store32(mostAccesses, load32(mostAccesses) + 1);
      store32(record + bField, readUnsigned(position));
      return load32(next);
    }
    case immediates.word:
      store32(record + aField, readSigned(position));
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
function matchBlock(found: i32, index: i32, record: i32, innermost: i32): i32 {
  if (found < classes.elseThen) {
    store32(record + outerField, innermost);
    store32(record + elseField, 0);
    return index;
  }
  store32(record + openerField, innermost);
  if (innermost < 0) return -1;
  const opener = recordOf(innermost);
  if (found === classes.elseThen) {
    store32(opener + elseField, index);
    return innermost;
  }
  const outer = load32(opener + outerField);
  store32(opener + endField, index);
  return outer;
}
