/** Makes records of the instructions of a body that has been validated. */
import { allocate, heap, load32, load8, next, store32 } from '@fireball/wasm';
import {
  aField,
  bField,
  classField,
  elseField,
  endField,
  flagsField,
  labelCountField,
  labelsEnd,
  labelsField,
  mayCall,
  offsetField,
  openerField,
  operationField,
  outerField,
  recordCount,
  records,
  recordStride,
  typeField,
} from './layout/body.js';
import * as classes from './layout/classes.js';
import * as immediates from './layout/immediates.js';
import { classOf, firstPrefixed, immediatesOf, prefix } from './layout/operations.js';
import { readLong, readSigned, readUnsigned } from './numbers.js';

/** Reads the instructions from one address to another; `offset` is that of the first one in the module. False where there is no room. */
export function readBody(start: i32, end: i32, offset: i32): boolean {
  // An instruction has a byte at least, and so has each label, which takes less than a record: labels are gathered at the end.
  const room = (end - start) * recordStride;
  const first = allocate(room);
  if (first === 0) return false;
  const origin = offset - start;
  let labels = first + room;
  store32(records, first);
  store32(labelsEnd, labels);
  let record = first;
  let innermost = -1;
  store32(mayCall, 0);
  for (let position = start; position < end; record += recordStride) {
    store32(record + offsetField, origin + position);
    let operation = load8(position++);
    if (operation === prefix) {
      operation = firstPrefixed + readUnsigned(position);
      position = load32(next);
    }
    const found = load8(classOf + operation);
    store32(record + classField, found);
    store32(record + operationField, operation);
    store32(record + aField, 0);
    store32(record + bField, 0);
    store32(record + flagsField, 0);
    const kind = load8(immediatesOf + operation);
    if (kind === immediates.labels) {
      const count = readUnsigned(position) + 1;
      labels -= count << 2;
      position = readLabels(load32(next), labels, count);
      store32(record + labelsField, load32(labelsEnd) - labels);
      store32(record + labelCountField, count);
    } else if (kind === immediates.index && load8(position) < 0x80) store32(record + aField, load8(position++));
    else if (kind !== immediates.none) position = readImmediates(kind, position, record);
    if (found >= classes.call && found <= classes.returnCallIndirect) store32(mayCall, 1);
    else if (found <= classes.end) innermost = matchBlock(found, first, record, innermost);
  }
  store32(recordCount, (record - first) / recordStride);
  closeGap(record, labels);
  return true;
}

/** Moves the labels down to the address, and frees what is behind them. */
function closeGap(into: i32, labels: i32): void {
  const end = load32(labelsEnd);
  for (; labels < end; labels += 4) {
    store32(into, load32(labels));
    into += 4;
  }
  store32(labelsEnd, into);
  store32(heap, into);
}

function readLabels(position: i32, into: i32, count: i32): i32 {
  for (; count > 0; count--) {
    store32(into, readUnsigned(position));
    position = load32(next);
    into += 4;
  }
  return position;
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
function matchBlock(found: i32, first: i32, record: i32, innermost: i32): i32 {
  const index = (record - first) / recordStride;
  if (found < classes.elseThen) {
    store32(record + outerField, innermost);
    store32(record + elseField, 0);
    return index;
  }
  store32(record + openerField, innermost);
  if (innermost < 0) return -1;
  const opener = first + innermost * recordStride;
  if (found === classes.elseThen) {
    store32(opener + elseField, index);
    return innermost;
  }
  store32(opener + endField, index);
  return load32(opener + outerField);
}
