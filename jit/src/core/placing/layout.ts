/**
 * Fixes every template's offset. Branches start in their nearest form and only ever widen, so that the iteration ends; branches that leave the function take
 * their widest form at once, because its address is not known yet (hazard 7).
 */
import { heap, load16, load32, makeArea, store32, take, usedField } from '@fireball/wasm';
import { freeFrom } from '../heap.js';
import * as masm from '../layout/masm.js';
import {
  fixupBits,
  fixupOf,
  fixupShift,
  formBits,
  formOf,
  formShift,
  placedBytes,
  placedHead,
  placedLast,
  placedOffset,
  siteFixup,
  sizeBits,
  sizeShift,
  tableFixup,
  templateBits,
  toAddress,
  toCallee,
} from '../layout/placed.js';
import {
  branches,
  codeSize,
  fine,
  hasTables,
  labelCount,
  labels,
  noRoom,
  problem,
  recordCount,
  records,
  templates,
  tooFar,
  unbound,
} from '../layout/placing.js';
import { formExcluded, formExcludedCount, formLeast, formMost, formOrigin, formTemplate, templateSize, templateStride } from '../layout/templates.js';
import { labelCount as boundCount } from '../masm/assembly.js';
import { placedCount } from '../masm/records.js';
import { addIslands } from './islands.js';
import { labelOffset } from './operands.js';
import { column, failed, formAt, formCount, headOf, listAt, recordStride } from './tables.js';

/** Lays out the function that the macro assembler has placed, as `layOut` does. */
export function layOutPlaced(): i32 {
  store32(records, load32(masm.placed));
  store32(recordCount, placedCount());
  store32(labels, load32(masm.boundTo));
  store32(labelCount, boundCount());
  return layOut();
}

/** Lays the function out; something is wrong with `problem` where it returns another number than `fine`. */
export function layOut(): i32 {
  const kept = load32(heap);
  const laidOut = layOutOnce();
  if (laidOut !== fine || load32(hasTables) === 0) {
    // Nobody needs the list of branches.
    freeFrom(kept);
    return laidOut;
  }
  for (;;) {
    const added = addIslands();
    if (added < 0) return noRoom;
    if (added === 0) return fine;
    const again = layOutOnce();
    if (again !== fine) return again;
  }
  return fine;
}

/** The same, but for entries of tables that do not reach their targets. */
function layOutOnce(): i32 {
  const prepared = assignFirst();
  if (prepared !== fine) return prepared;
  for (;;) {
    const widened = widen();
    if (widened < 0) return tooFar;
    if (widened === 0) return fine;
    assignOffsets(widened, column(widened, placedOffset));
  }
  return fine;
}

/** Assigns the offsets that templates have in the forms of now, and lists branches to labels. */
function assignFirst(): i32 {
  makeArea(branches);
  store32(hasTables, 0);
  const first = load32(records);
  const end = first + load32(recordCount) * recordStride;
  const rows = load32(templates);
  let offset = 0;
  for (let record = first; record < end; record += recordStride) {
    store32(record + (placedOffset << 2), offset);
    let head = headOf(record);
    if ((head & (fixupBits << fixupShift)) !== 0) {
      const status = prepare(record, head);
      if (status !== fine) return status;
      head = headOf(record);
    }
    offset += sizeIn(rows, head);
  }
  store32(codeSize, offset);
  return fine;
}

/** What depends on the layout leads to a label that is bound, or out of the function by the widest form. */
function prepare(record: i32, head: i32): i32 {
  const fixup = fixupOf(head);
  if (fixup === toAddress || fixup === toCallee) {
    useForm(record, head, formCount(head) - 1);
    return fine;
  }
  if (fixup === siteFixup) return fine;
  if (!isBound(column(record, placedLast))) return unbound;
  if (fixup === tableFixup) {
    store32(hasTables, 1);
    return isBound(column(record, placedBytes)) ? fine : unbound;
  }
  const at = take(branches, 4);
  if (at === 0) return noRoom;
  store32(at, record);
  return fine;
}

function sizeIn(rows: i32, head: i32): i32 {
  const halves = (head >>> sizeShift) & sizeBits;
  return halves !== 0 ? halves << 1 : load16(rows + (head & templateBits) * templateStride + (templateSize << 1));
}

function isBound(label: i32): boolean {
  store32(problem, label);
  return label >= 0 && label < load32(labelCount) && load32(load32(labels) + (label << 2)) >= 0;
}

/** From a record on, which lies at an offset. */
function assignOffsets(from: i32, start: i32): void {
  const end = load32(records) + load32(recordCount) * recordStride;
  const rows = load32(templates);
  let offset = start;
  for (let record = from; record < end; record += recordStride) {
    store32(record + (placedOffset << 2), offset);
    offset += sizeIn(rows, headOf(record));
  }
  store32(codeSize, offset);
}

/** Gives every branch a form that reaches from its present offset: the first one that is wider than before, 0 where none is; -1 where none reaches. */
function widen(): i32 {
  const end = load32(branches + usedField);
  let widened = 0;
  for (let at = load32(branches); at < end; at += 4) {
    const record = load32(at);
    const head = headOf(record);
    const distance = labelOffset(column(record, placedLast)) - column(record, placedOffset);
    let form = formOf(head);
    if (reaches(formAt(head, form), distance)) continue;
    do {
      form++;
      if (form >= formCount(head)) return failed(record, -1);
    } while (!reaches(formAt(head, form), distance));
    useForm(record, head, form);
    if (widened === 0) widened = record;
  }
  return widened;
}

/** `distance`: from where its template begins. */
function reaches(form: i32, distance: i32): boolean {
  const value = distance - column(form, formOrigin);
  if (value < column(form, formLeast) || value > column(form, formMost)) return false;
  const first = listAt(column(form, formExcluded));
  const end = first + (column(form, formExcludedCount) << 2);
  for (let at = first; at < end; at += 4) if (load32(at) === value) return false;
  return true;
}

function useForm(record: i32, head: i32, form: i32): void {
  const kept = head & ~(templateBits | (sizeBits << sizeShift) | (formBits << formShift));
  store32(record + (placedHead << 2), kept | (form << formShift) | column(formAt(head, form), formTemplate));
}
