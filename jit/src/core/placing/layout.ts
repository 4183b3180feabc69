/**
 * Fixes every template's offset. Branches start in their nearest form and only ever widen, so that the iteration ends; branches that leave the function take
 * their widest form at once, because its address is not known yet (hazard 7).
 */
import { load16, load32, store32 } from '@fireball/wasm';
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
  tableFixup,
  templateBits,
  toAddress,
  toCallee,
  toLabel,
} from '../layout/placed.js';
import { codeSize, fine, labelCount, labels, noRoom, problem, recordCount, records, templates, tooFar, unbound } from '../layout/placing.js';
import { formExcluded, formExcludedCount, formLeast, formMost, formOrigin, formTemplate, templateColumns, templateSize } from '../layout/templates.js';
import { labelCount as boundCount } from '../masm/assembly.js';
import { placedCount } from '../masm/records.js';
import { addIslands } from './islands.js';
import { labelOffset } from './operands.js';
import { column, formAt, formCount, headOf, listAt, recordStride } from './tables.js';

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
  const first = load32(records);
  const end = first + load32(recordCount) * recordStride;
  let tables = 0;
  for (let record = first; record < end; record += recordStride) {
    const head = headOf(record);
    if ((head & (fixupBits << fixupShift)) === 0) continue;
    const fixup = fixupOf(head);
    if (fixup === tableFixup) {
      tables++;
      if (!isBound(column(record, placedBytes))) return unbound;
    }
    if ((fixup === tableFixup || fixup === toLabel) && !isBound(column(record, placedLast))) return unbound;
    if (fixup === toAddress || fixup === toCallee) useForm(record, head, formCount(head) - 1);
  }
  assignOffsets(first, 0);
  for (;;) {
    const widened = widen();
    if (widened < 0) return tooFar;
    if (widened > 0) {
      assignOffsets(widened, column(widened, placedOffset));
      continue;
    }
    if (tables === 0) return fine;
    const added = addIslands();
    if (added < 0) return noRoom;
    if (added === 0) return fine;
    assignOffsets(load32(records), 0);
  }
  return fine;
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
    offset += load16(rows + (headOf(record) & templateBits) * (templateColumns << 1) + (templateSize << 1));
  }
  store32(codeSize, offset);
}

/** Gives every branch a form that reaches from its present offset: the first one that is wider than before, 0 where none is; -1 where none reaches. */
function widen(): i32 {
  const first = load32(records);
  const end = first + load32(recordCount) * recordStride;
  let widened = 0;
  for (let record = first; record < end; record += recordStride) {
    const head = headOf(record);
    if ((head & (fixupBits << fixupShift)) !== toLabel << fixupShift) continue;
    const distance = labelOffset(column(record, placedLast)) - column(record, placedOffset);
    let form = formOf(head);
    if (reaches(formAt(head, form), distance)) continue;
    do {
      form++;
      if (form >= formCount(head)) {
        store32(problem, (record - first) / recordStride);
        return -1;
      }
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
  const kept = head & ~(templateBits | (formBits << formShift));
  store32(record + (placedHead << 2), kept | (form << formShift) | column(formAt(head, form), formTemplate));
}
