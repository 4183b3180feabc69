/** What fills a placed template's holes. */
import { load32, store32 } from '@fireball/wasm';
import { placedFixup, placedForm, placedKind, placedOffset, placedTarget, placedValues, placedWords, noFixup, tableFixup, toLabel } from '../layout/placed.js';
import { codeAddress, codeSize, kinds, labels, operands, recordCount, records } from '../layout/placing.js';
import { formColumns, formOrigin, formRelative, formSourceCount, formSources, kindColumns, kindCount, kindForms } from '../layout/templates.js';

/** Bytes of a record. */
export const recordStride = placedWords << 2;

/** The word in a column of a row. */
export function column(row: i32, index: i32): i32 {
  return load32(row + (index << 2));
}

/** Address of the operands, which are those of this moment. */
export function operandsOf(record: i32): i32 {
  const fixup = column(record, placedFixup);
  if (fixup === noFixup) return record + (placedValues << 2);
  if (fixup === tableFixup) {
    store32(operands, tableDistance(record));
    return operands;
  }
  const form = formOf(record, column(record, placedForm));
  const relative = column(form, formRelative);
  const values = record + (placedValues << 2);
  const end = form + ((formSources + column(form, formSourceCount)) << 2);
  let into = operands;
  for (let at = form + (formSources << 2); at < end; at += 4) {
    if (into === operands + (relative << 2)) into += 4;
    const source = load32(at);
    store32(into, source < 0 ? load32(values + (~source << 2)) ^ 1 : load32(values + (source << 2)));
    into += 4;
  }
  store32(operands + (relative << 2), targetOf(record) - (column(record, placedOffset) + column(form, formOrigin)));
  return operands;
}

/** Where a branch leads, from the start of the function on. */
function targetOf(record: i32): i32 {
  const target = column(record, placedTarget);
  return column(record, placedFixup) === toLabel ? labelOffset(target) : target - load32(codeAddress);
}

/** Half-words from where a table begins to where the entry leads. */
export function tableDistance(record: i32): i32 {
  return (labelOffset(column(record, placedTarget)) - labelOffset(column(record, placedValues))) >> 1;
}

/** Byte offset of a label that is bound. */
export function labelOffset(label: i32): i32 {
  const index = load32(load32(labels) + (label << 2));
  return index < load32(recordCount) ? column(load32(records) + index * recordStride, placedOffset) : load32(codeSize);
}

/** Address of a form of a branch. */
export function formOf(record: i32, form: i32): i32 {
  return column(kindOf(record), kindForms) + form * (formColumns << 2);
}

/** How many forms a branch has. */
export function formCount(record: i32): i32 {
  return column(kindOf(record), kindCount);
}

function kindOf(record: i32): i32 {
  return load32(kinds) + column(record, placedKind) * (kindColumns << 2);
}
