/** Writes into the records of instructions that name types, functions, globals and tables what these are. */
import { isFull, load32, makeArea, store32, take } from '@fireball/wasm';
import { classAt, operationAt } from '../instructions.js';
import {
  addressField,
  askedOperationField,
  aField,
  bField,
  recordCount,
  records,
  recordStride,
  referenceField,
  signatureField,
  tableField,
  typeField,
  typeNumberField,
  wordsField,
} from '../layout/body.js';
import * as classes from '../layout/classes.js';
import { asked, asksForCalls, functionIndex } from '../layout/environment.js';
import { functionSignature } from '../layout/function.js';
import * as layout from '../layout/module.js';
import { memorySize } from '../layout/operations.js';
import { blockSignature, rowOf, signatureOf } from './module-rows.js';

/**
 * Names what the function in question names, and its own signature. What is rare stays to be named: what works on segments and on records of memories and
 * tables; and calls, where it is asked for them. The addresses of these instructions' records are in `asked` then. False where there is no room.
 */
export function nameOperands(): boolean {
  makeArea(asked);
  store32(functionSignature, signatureOf(layout.functionRows, load32(functionIndex)));
  const end = load32(records) + load32(recordCount) * recordStride;
  for (let record = load32(records); record < end; record += recordStride) {
    switch (classAt(record)) {
      case classes.block:
      case classes.loop:
      case classes.ifThen:
        store32(record + typeField, blockSignature(load32(record + typeField)));
        break;
      case classes.call:
      case classes.returnCall:
        nameCallee(record);
        break;
      case classes.callIndirect:
      case classes.returnCallIndirect:
        nameElement(record);
        break;
      case classes.refFunc:
        store32(record + referenceField, load32(rowOf(layout.functionRows, load32(record + referenceField)) + layout.functionSlot));
        break;
      case classes.globalGet:
      case classes.globalSet: {
        const row = rowOf(layout.globalRows, load32(record + aField));
        store32(record + wordsField, load32(row + layout.globalWords));
        store32(record + addressField, load32(row + layout.globalAddress));
        break;
      }
      case classes.size:
        if (operationAt(record) !== memorySize) askForAddress(record);
        break;
      case classes.dropSegment:
      case classes.record:
        askForAddress(record);
        break;
      default:
        break;
    }
  }
  return load32(isFull) === 0;
}

function nameCallee(record: i32): void {
  const callee = load32(record + aField);
  const isOther = callee !== load32(functionIndex);
  store32(record + signatureField, signatureOf(layout.functionRows, callee));
  store32(record + addressField, isOther ? load32(rowOf(layout.functionRows, callee) + layout.functionSlot) : 0);
  if (isOther && load32(asksForCalls) !== 0) ask(record);
}

function nameElement(record: i32): void {
  const type = load32(record + aField);
  const table = rowOf(layout.tableRows, load32(record + bField) << 1);
  store32(record + signatureField, signatureOf(layout.typeRows, type));
  store32(record + typeNumberField, load32(rowOf(layout.typeRows, type) + layout.typeNumber));
  store32(record + tableField, table);
}

/** Somebody else knows the address that the operation is about. */
function askForAddress(record: i32): void {
  store32(record + askedOperationField, operationAt(record));
  ask(record);
}

function ask(record: i32): void {
  const row = take(asked, 4);
  if (row !== 0) store32(row, record);
}
