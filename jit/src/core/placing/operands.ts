/** What fills a placed template's holes. */
import { load32, store32 } from '@fireball/wasm';
import { fixupOf, mostOperandsOfBytes, noFixup, placedBytes, placedLast, placedOffset, tableFixup, toLabel } from '../layout/placed.js';
import { codeAddress, codeSize, labels, operands, recordCount, records } from '../layout/placing.js';
import { formOrigin, formRelative, formSourceCount, formSources, templateOperandCount } from '../layout/templates.js';
import { column, fact, formIn, recordStride } from './tables.js';

/** Writes the operands of this moment, each a word. */
export function writeOperands(record: i32, head: i32, template: i32): void {
  const fixup = fixupOf(head);
  if (fixup === noFixup) unpack(record, fact(template, templateOperandCount));
  else if (fixup === tableFixup) store32(operands, tableDistance(record));
  else writeBranch(record, head, fixup);
}

function unpack(record: i32, count: i32): void {
  const last = operands + ((count - 1) << 2);
  writeBytes(column(record, placedBytes), operands, last);
  if (count <= mostOperandsOfBytes) store32(last, column(record, placedLast));
  else writeBytes(column(record, placedLast), operands + ((mostOperandsOfBytes - 1) << 2), last + 4);
}

function writeBytes(bytes: i32, from: i32, end: i32): void {
  let rest = bytes;
  for (let at = from; at < end; at += 4) {
    store32(at, rest & 0xff);
    rest >>>= 8;
  }
}

function writeBranch(record: i32, head: i32, fixup: i32): void {
  const form = formIn(head);
  const values = column(record, placedBytes);
  const distance = operands + (column(form, formRelative) << 2);
  const end = form + ((formSources + column(form, formSourceCount)) << 2);
  let into = operands;
  for (let at = form + (formSources << 2); at < end; at += 4) {
    if (into === distance) into += 4;
    const source = load32(at);
    store32(into, source < 0 ? byteOf(values, ~source) ^ 1 : byteOf(values, source));
    into += 4;
  }
  store32(distance, targetOf(record, fixup) - (column(record, placedOffset) + column(form, formOrigin)));
}

function byteOf(bytes: i32, index: i32): i32 {
  return (bytes >>> (index << 3)) & 0xff;
}

/** Where a branch leads, from the start of the function on. */
function targetOf(record: i32, fixup: i32): i32 {
  const target = column(record, placedLast);
  return fixup === toLabel ? labelOffset(target) : target - load32(codeAddress);
}

/** Half-words from where a table begins to where the entry leads. */
export function tableDistance(record: i32): i32 {
  return (labelOffset(column(record, placedLast)) - labelOffset(column(record, placedBytes))) >> 1;
}

/** Byte offset of a label that is bound. */
export function labelOffset(label: i32): i32 {
  const index = load32(load32(labels) + (label << 2));
  return index < load32(recordCount) ? column(load32(records) + index * recordStride, placedOffset) : load32(codeSize);
}
