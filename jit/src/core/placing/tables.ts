/** Where things are in records of placed templates, and in the tables of the template set. */
import { load16, load32, store32 } from '@fireball/wasm';
import { spareRecord } from '../layout/masm.js';
import { formOf, kindOf, placedBytes, placedHead, placedLast, placedWords, templateBits } from '../layout/placed.js';
import { codeSize, kinds, problem, records, templates } from '../layout/placing.js';
import { formColumns, kindColumns, kindCount, kindForms, templateStride } from '../layout/templates.js';

/** Bytes of a record. */
export const recordStride = placedWords << 2;

/** The word in a column of a row. */
export function column(row: i32, index: i32): i32 {
  return load32(row + (index << 2));
}

/** What a record of a placed template is. */
export function headOf(record: i32): i32 {
  return column(record, placedHead);
}

/** Address of the row of the template that a head names. */
export function templateOf(head: i32): i32 {
  return load32(templates) + (head & templateBits) * templateStride;
}

/** What is in a column of a template's row. */
export function fact(template: i32, index: i32): i32 {
  return load16(template + (index << 1));
}

/** Address of the list that a column of a template's row names. */
export function listIn(template: i32, index: i32): i32 {
  return listAt(fact(template, index));
}

/** Address of a list. */
export function listAt(list: i32): i32 {
  return load32(templates) + (list << 2);
}

/** Address of the form that a branch has. */
export function formIn(head: i32): i32 {
  return formAt(head, formOf(head));
}

/** Address of a form of a branch. */
export function formAt(head: i32, form: i32): i32 {
  return listAt(column(kindRow(head), kindForms)) + form * (formColumns << 2);
}

/** How many forms a branch has. */
export function formCount(head: i32): i32 {
  return column(kindRow(head), kindCount);
}

function kindRow(head: i32): i32 {
  return load32(kinds) + kindOf(head) * (kindColumns << 2);
}

/** Writes a record that is in no function. */
export function writeSpare(head: i32, bytes: i32, last: i32): void {
  store32(spareRecord + (placedLast << 2), last);
  store32(spareRecord + (placedBytes << 2), bytes);
  store32(spareRecord + (placedHead << 2), head);
}

/** How many bytes have a bit for each half-word of the code, and for where it ends. */
export function bytesOfStarts(): i32 {
  return ((load32(codeSize) >>> 6) + 1) << 2;
}

/** Names a record as what a status is about, and returns that. */
export function failed(record: i32, status: i32): i32 {
  store32(problem, (record - load32(records)) / recordStride);
  return status;
}
