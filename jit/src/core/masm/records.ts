/** Records of placed templates, behind one another. */
import { clearArea, load32, store32, take, usedBytes } from '@fireball/wasm';
import * as layout from '../layout/masm.js';
import { checkShift, placedNote, placedTemplate, placedUnsigned, placedValues, placedWasm, placedWords } from '../layout/placed.js';

/** Bytes of a record, and their logarithm. */
export const recordStride = placedWords << 2;
const recordShift: i32 = 6;

/** How many templates are placed: the index of the one that comes next. */
export function placedCount(): i32 {
  return usedBytes(layout.placed) >> recordShift;
}

/** Address of a record, until another one is placed. */
export function recordAt(index: i32): i32 {
  return load32(layout.placed) + (index << recordShift);
}

/** Makes room for so many records before they are placed, so that those that are need not move. */
export function reserveRecords(count: i32): void {
  if (take(layout.placed, count << recordShift) === 0) refuse(layout.noRoom, 0);
  clearArea(layout.placed);
}

/** Nothing more is placed from now on. */
export function refuse(reason: i32, what: i32): void {
  if (load32(layout.refusal) !== layout.placing) return;
  store32(layout.refusal, reason);
  store32(layout.refused, what);
}

/** Address of a new record of the template in a row, all of whose other words are 0. */
export function placeRow(row: i32): i32 {
  const record = newRecord();
  for (let at = 0; at < recordStride; at += 4) store32(record + at, 0);
  const offset = load32(layout.wasmOffset);
  store32(record + (placedTemplate << 2), load32(row + layout.rowNumber));
  store32(record + (placedWasm << 2), offset);
  const bytes = load32(layout.leastBytes) + load32(row + layout.rowSize);
  store32(layout.leastBytes, bytes);
  if (bytes > layout.mostCodeBytes) refuse(layout.tooMuchCode, offset);
  return record;
}

function newRecord(): i32 {
  if (load32(layout.refusal) !== layout.placing) return layout.spareRecord;
  const record = take(layout.placed, recordStride);
  if (record !== 0) return record;
  refuse(layout.noRoom, 0);
  return layout.spareRecord;
}

/** Places a template by its place in the target's list, with its values. */
export function emit(template: i32, a: i32 = 0, b: i32 = 0, c: i32 = 0, d: i32 = 0, e: i32 = 0, f: i32 = 0, g: i32 = 0): void {
  const values = placeRow(layout.templateRows + template * layout.rowStride) + (placedValues << 2);
  store32(values, a);
  store32(values + 4, b);
  store32(values + 8, c);
  store32(values + 12, d);
  store32(values + 16, e);
  store32(values + 20, f);
  store32(values + 24, g);
}

/** Says of a value of the template that was placed last that it is one without sign. */
export function isUnsigned(index: i32): void {
  const record = lastRecord();
  const unsigned = record + (placedUnsigned << 2);
  if (load32(record + ((placedValues + index) << 2)) < 0) store32(unsigned, load32(unsigned) | (1 << index));
}

/** Says what the template is for that was placed last. */
export function setRole(role: i32): void {
  const note = lastRecord() + (placedNote << 2);
  store32(note, (load32(note) & -(1 << checkShift)) | role);
}

function lastRecord(): i32 {
  return load32(layout.refusal) === layout.placing ? recordAt(placedCount() - 1) : layout.spareRecord;
}

/** Says to which shared check the templates from an index on belong. */
export function share(check: i32, begin: i32): void {
  const end = recordAt(placedCount());
  for (let record = recordAt(begin); record < end; record += recordStride) {
    const note = record + (placedNote << 2);
    store32(note, (load32(note) & ((1 << checkShift) - 1)) | (check << checkShift));
  }
}

/** Copies records. */
export function copyRecords(from: i32, into: i32, count: i32): void {
  const bytes = count << recordShift;
  for (let at = 0; at < bytes; at += 4) store32(into + at, load32(from + at));
}
