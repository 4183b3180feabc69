/** What fills a placed template's holes. */
import { load32, store32 } from '@fireball/wasm';
import { fixupBits, fixupOf, fixupShift, noFixup, placedBytes, placedLast, placedOffset, tableFixup, toLabel } from '../layout/placed.js';
import { codeAddress, codeSize, labels, operands, recordCount, records } from '../layout/placing.js';
import { formFlipShift, formOrigin, formSourceBits, formSourceCount, formSources, isByte, placeByteBits, placeWordBits } from '../layout/templates.js';
import { column, formIn, recordStride } from './tables.js';

/** Does it depend on the layout what fills a template with this head? */
export function isLaidOut(head: i32): boolean {
  return (head & (fixupBits << fixupShift)) !== noFixup;
}

/** Writes the operands of this moment, as they lie in a record, where they do not depend on the layout. */
export function writePlain(record: i32): void {
  // The last one first: what is below it in the record needs no bounds check then.
  store32(operands + 4, column(record, placedLast));
  store32(operands, column(record, placedBytes));
}

/** The same where they do. */
export function writeLaidOut(record: i32, head: i32): void {
  const fixup = fixupOf(head);
  if (fixup === tableFixup) {
    store32(operands, 0);
    store32(operands + 4, tableDistance(record));
  } else writeBranch(record, formIn(head), fixup);
}

function writeBranch(record: i32, form: i32, fixup: i32): void {
  const target = column(record, placedLast);
  const offset = fixup === toLabel ? labelOffset(target) : target - load32(codeAddress);
  store32(operands, branchBytes(form, column(record, placedBytes)));
  store32(operands + 4, offset - (column(record, placedOffset) + column(form, formOrigin)));
}

/** All operands but the distance. */
function branchBytes(form: i32, values: i32): i32 {
  const end = column(form, formSourceCount) << 3;
  const sources = column(form, formSources);
  let bytes = 0;
  for (let at = 0; at < end; at += 8) {
    const source = sources >>> at;
    const value = (values >>> ((source & formSourceBits) << 3)) & 0xff;
    bytes |= (value ^ ((source >>> formFlipShift) & 1)) << at;
  }
  return bytes;
}

/** The operand at a place. */
export function operandAt(place: i32): i32 {
  const word = load32(operands + (place & placeWordBits));
  return (place & isByte) === 0 ? word : (word >>> ((place & placeByteBits) << 3)) & 0xff;
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
