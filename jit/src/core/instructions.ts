/** Reading the records of a body's instructions. */
import { load32, load8, quotient } from '@fireball/wasm';
import { aField, classField, elseField, endField, labelCountField, labelsField, operationBits, operationShift, records, recordStride } from './layout/body.js';

/** Address of the record of the instruction at an index. */
export function recordOf(index: i32): i32 {
  return load32(records) + index * recordStride;
}

/** Index of the instruction whose record it is. */
export function indexOf(record: i32): i32 {
  return quotient(record - load32(records), recordStride);
}

/** Index of the `else` or `end` that closes the part of a block in which an instruction is; not of a loop. */
export function endOfPart(opener: i32, index: i32): i32 {
  const otherwise = load32(opener + elseField);
  return otherwise > index ? otherwise : load32(opener + endField);
}

/** One of `classes.ts`. */
export function classAt(record: i32): i32 {
  return load8(record + classField);
}

/** One of `operations.ts`. */
export function operationAt(record: i32): i32 {
  return (load32(record) >> operationShift) & operationBits;
}

/** The label, or the local, that the instruction names. */
export function indexAt(record: i32): i32 {
  return load32(record + aField);
}

/** Address of the labels of a branch table, words, and of what is behind them. */
export function firstLabelOf(record: i32): i32 {
  return load32(record + labelsField);
}
export function endOfLabels(record: i32): i32 {
  return firstLabelOf(record) + (load32(record + labelCountField) << 2);
}
