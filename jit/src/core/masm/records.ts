/** Records of placed templates, behind one another. */
import { allocate, copyWords, limitField, load32, store32, take, usedBytes, usedField } from '@fireball/wasm';
import * as layout from '../layout/masm.js';
import { fixupOf, fixupShift, kindShift, placedBytes, placedHead, placedLast, placedWords, roleShift, siteFixup, unsignedLast } from '../layout/placed.js';

/** Bytes of a record. */
export const recordStride = placedWords << 2;
/** At least so many more find room. */
const fewRecords: i32 = 16;
/** All records that there may be: each is of half a word of code at least. */
const mostRecordBytes: i32 = (layout.mostCodeBytes >> 1) * recordStride;

/** How many templates are placed: the index of the one that comes next. */
export function placedCount(): i32 {
  return usedBytes(layout.placed) / recordStride;
}

/** Address of a record, until another one is placed. */
export function recordAt(index: i32): i32 {
  return load32(layout.placed) + index * recordStride;
}

/** Nothing more is placed from now on. */
export function refuse(reason: i32, what: i32): void {
  if (load32(layout.refusal) !== layout.placing) return;
  store32(layout.refusal, reason);
  store32(layout.refused, what);
  store32(layout.placed + limitField, 0);
}

/** Places the template in a row, with its operands as the record has them. */
export function place(row: i32, fixup: i32, bytes: i32, last: i32): void {
  const record = load32(layout.placed + usedField);
  const end = record + recordStride;
  if (end > load32(layout.placed + limitField)) {
    placeElsewhere(row, fixup, bytes, last);
    return;
  }
  store32(layout.placed + usedField, end);
  // The last word first: what is below it needs no bounds check then.
  store32(record + (placedLast << 2), last);
  store32(record + (placedBytes << 2), bytes);
  store32(record + (placedHead << 2), load32(row) | (fixup << fixupShift));
}

/** The same where there is no room left, or nothing is placed any more. @noinline */
function placeElsewhere(row: i32, fixup: i32, bytes: i32, last: i32): void {
  if (load32(layout.refusal) === layout.placing && makeRoomForRecords(0)) place(row, fixup, bytes, last);
}

/** Has records lie where there is room for so many bytes of them, and for an eighth more than there are: little is missing where a function has become larger than expected. False where there is none. */
export function makeRoomForRecords(bytes: i32): boolean {
  const used = usedBytes(layout.placed);
  if (used >= mostRecordBytes) {
    refuse(layout.tooMuchCode, load32(layout.wasmOffset));
    return false;
  }
  const least = used + (used >>> 3) + fewRecords * recordStride;
  const wanted = bytes > least ? bytes : least;
  const size = wanted < mostRecordBytes ? wanted : mostRecordBytes;
  const records = allocate(size);
  if (records === 0) {
    refuse(layout.noRoom, 0);
    return false;
  }
  copyWords(load32(layout.placed), records, used);
  store32(layout.placed, records);
  store32(layout.placed + usedField, records + used);
  store32(layout.placed + limitField, records + size);
  return true;
}

/** Places a template by its place in the target's list, which has no operands. */
export function emit0(template: i32): void {
  place(rowOf(template), 0, 0, 0);
}

/** The same with one operand, which may be any number. */
export function emit1(template: i32, a: i32): void {
  place(rowOf(template), 0, 0, a);
}

/** With two: only the last one may be any number. */
export function emit2(template: i32, a: i32, b: i32): void {
  place(rowOf(template), 0, a, b);
}

export function emit3(template: i32, a: i32, b: i32, c: i32): void {
  emit2(template, a | (b << 8), c);
}

export function emit4(template: i32, a: i32, b: i32, c: i32, d: i32): void {
  emit2(template, a | (b << 8) | (c << 16), d);
}

export function emit5(template: i32, a: i32, b: i32, c: i32, d: i32, e: i32): void {
  place(rowOf(template), 0, bytesOf(a, b, c, d), e);
}

/** With seven, none of which may be any number. */
export function emit7(template: i32, a: i32, b: i32, c: i32, d: i32, e: i32, f: i32, g: i32): void {
  place(rowOf(template), 0, bytesOf(a, b, c, d), e | (f << 8) | (g << 16));
}

/** Four values in one word. What is no byte spoils those behind it, too, which no template takes then. */
export function bytesOf(a: i32, b: i32, c: i32, d: i32): i32 {
  return a | (b << 8) | (c << 16) | (d << 24);
}

function rowOf(template: i32): i32 {
  return layout.templateRows + template * layout.rowStride;
}

/** Says of the last operand of the template that was placed last that it is one without sign. */
export function isUnsigned(): void {
  const record = lastRecord();
  if (load32(record + (placedLast << 2)) < 0) addToHead(record, unsignedLast);
}

/** Says of the entry of a table that was placed last which kind of branches leads on where it does not reach. */
export function setKind(kind: i32): void {
  addToHead(lastRecord(), kind << kindShift);
}

/** Says what the template is for that was placed last. */
export function setRole(role: i32): void {
  addToHead(lastRecord(), role << roleShift);
}

function addToHead(record: i32, bits: i32): void {
  const head = record + (placedHead << 2);
  store32(head, load32(head) | bits);
}

function lastRecord(): i32 {
  return load32(layout.refusal) === layout.placing ? load32(layout.placed + usedField) - recordStride : layout.spareRecord;
}

/** Says to which shared check the templates from an index on belong; what comes in the place of sites says so itself. */
export function share(check: i32, begin: i32): void {
  const end = placedCount();
  for (let index = begin; index < end; index++) {
    if (fixupOf(load32(recordAt(index) + (placedHead << 2))) === siteFixup) continue;
    const row = take(layout.shares, layout.shareStride);
    if (row === 0) {
      refuse(layout.noRoom, 0);
      return;
    }
    store32(row + layout.shareIndex, index);
    store32(row + layout.shareCheck, check);
  }
}

/** Copies a record. */
export function copyRecord(record: i32, copy: i32): void {
  // The last word first: what is below it needs no bounds check then.
  store32(copy + (placedLast << 2), load32(record + (placedLast << 2)));
  store32(copy + (placedBytes << 2), load32(record + (placedBytes << 2)));
  store32(copy + (placedHead << 2), load32(record + (placedHead << 2)));
}
