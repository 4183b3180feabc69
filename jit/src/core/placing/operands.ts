/** What fills a placed template's holes. */
import { load32, store32 } from '@fireball/wasm';
import { fixupBits, fixupOf, fixupShift, noFixup, placedBytes, placedLast, tableFixup, toLabel } from '../layout/placed.js';
import { codeAddress, joint, labelOffsets, operands } from '../layout/placing.js';
import {
  formFlipShift,
  formOrigin,
  formSourceBits,
  formSourceCount,
  formSources,
  isByte,
  placeByteBits,
  placeWordBits,
  templateBias,
  templateShift,
} from '../layout/templates.js';
import { column, fact, formIn } from './tables.js';

/** Does it depend on the layout what fills a template with this head? */
export function isLaidOut(head: i32): boolean {
  return (head & (fixupBits << fixupShift)) !== noFixup;
}

/** Operands that depend on the layout, of a template at a byte offset: the last one, a distance; and writes all others, as they lie in a record. */
export function takeLaidOut(record: i32, head: i32, at: i32): i32 {
  const fixup = fixupOf(head);
  if (fixup === tableFixup) {
    store32(operands, 0);
    return tableDistance(record);
  }
  const form = formIn(head);
  const target = column(record, placedLast);
  const offset = fixup === toLabel ? labelOffset(target) : target - load32(codeAddress);
  store32(operands, branchBytes(form, column(record, placedBytes)));
  return offset - (at + column(form, formOrigin));
}

function branchBytes(form: i32, values: i32): i32 {
  const end = column(form, formSourceCount) << 3;
  const sources = column(form, formSources);
  if (end === 0) return values & sources;
  let bytes = 0;
  for (let at = 0; at < end; at += 8) {
    const source = sources >>> at;
    const value = (values >>> ((source & formSourceBits) << 3)) & 0xff;
    bytes |= (value ^ ((source >>> formFlipShift) & 1)) << at;
  }
  return bytes;
}

/** Joins the two words of operands that a template has in most cases to one, as its row says. */
export function joined(template: i32, bytes: i32, last: i32): i32 {
  return bytes | ((last - fact(template, templateBias)) << fact(template, templateShift));
}

/** Writes the operands of this moment, for who looks for them in memory. */
export function writeOperands(bytes: i32, last: i32, both: i32): void {
  store32(joint, both);
  store32(operands, bytes);
  store32(operands + 4, last);
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

/** Byte offset of a label that is bound, once the function is laid out. */
export function labelOffset(label: i32): i32 {
  return load32(load32(labelOffsets) + (label << 2));
}
