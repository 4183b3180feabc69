/**
 * Fixes every template's offset. Branches start in their nearest form and only ever widen, so that the iteration ends; branches that leave the function take
 * their widest form at once, because its address is not known yet (hazard 7).
 */
import { allocate, heap, load16, load32, makeArea, store32, take, usedField } from '@fireball/wasm';
import { allocateCleared, freeFrom } from '../heap.js';
import * as masm from '../layout/masm.js';
import {
  fixupBits,
  fixupOf,
  fixupShift,
  formBits,
  formOf,
  formShift,
  labelled,
  noFixup,
  placedBytes,
  placedHead,
  placedLast,
  sizeBits,
  sizeShift,
  tableFixup,
  templateBits,
  toAddress,
  toCallee,
  toLabel,
} from '../layout/placed.js';
import {
  branchEnd,
  branches,
  branchForm,
  branchGap,
  branchNext,
  branchRecord,
  branchStride,
  codeSize,
  fine,
  firstEntry,
  lastEntry,
  labelCount,
  labelLinks,
  labelLists,
  labelOffsets,
  labels,
  labelsAhead,
  movedTo,
  noRoom,
  problem,
  recordCount,
  records,
  segments,
  segmentsEnd,
  starts,
  tail,
  templates,
  tooFar,
  unbound,
} from '../layout/placing.js';
import { formExcluded, formExcludedCount, formLeast, formMost, formOrigin, formTemplate, templateSize, templateStride } from '../layout/templates.js';
import { labelCount as boundCount } from '../masm/assembly.js';
import { closeSegment } from '../masm/moving.js';
import { placedCount } from '../masm/records.js';
import { addIslands } from './islands.js';
import { bytesOfStarts, column, failed, formAt, formCount, formIn, headOf, listAt, recordStride } from './tables.js';

/** By so many bits fewer of their indices labels are listed. */
const listShift: i32 = 3;

/** Lays out the function that the macro assembler has placed, as `layOut` does. */
export function layOutPlaced(): i32 {
  closeSegment();
  if (load32(masm.refusal) !== masm.placing) return noRoom;
  store32(segments, load32(masm.segments));
  store32(segmentsEnd, load32(masm.segments + usedField));
  store32(records, load32(masm.placed));
  store32(recordCount, placedCount());
  store32(labels, load32(masm.boundTo));
  store32(labelCount, boundCount());
  return layOut();
}

/** Lays the function out; something is wrong with `problem` where it returns another number than `fine`. */
export function layOut(): i32 {
  store32(movedTo, 0);
  for (;;) {
    const offsets = allocate(load32(labelCount) << 2);
    store32(labelOffsets, offsets);
    if (offsets === 0) return noRoom;
    const kept = load32(heap);
    const laidOut = layOutOnce();
    // Nobody needs the lists of labels and branches.
    freeFrom(kept);
    if (laidOut !== fine) return laidOut;
    const added = load32(firstEntry) === 0 ? 0 : addIslands();
    if (added < 0) return noRoom;
    if (added === 0) return makeStarts();
  }
  return fine;
}

/** Makes room for what verification notes. */
function makeStarts(): i32 {
  store32(starts, allocate(bytesOfStarts()));
  return load32(starts) === 0 ? noRoom : fine;
}

/** The same, but for entries of tables that do not reach their targets. */
function layOutOnce(): i32 {
  if (!listLabels()) return noRoom;
  const prepared = assignFirst();
  if (prepared !== fine) return prepared;
  let ends = branchEnd;
  for (;;) {
    const next = branchEnd + branchNext - ends;
    const widened = widen(ends, next);
    if (widened < 0) return tooFar;
    if (widened === 0) break;
    ends = next;
  }
  settleLabels(ends);
  return fine;
}

/** Lists labels by where they are bound, and marks the records behind them. False where there is no room. */
function listLabels(): boolean {
  const count = load32(labelCount) << 2;
  const behind = load32(recordCount);
  const lists = allocateCleared(((behind >>> listShift) + 1) << 2);
  const links = allocate(count);
  if (lists === 0 || links === 0) return false;
  store32(labelLists, lists);
  store32(labelLinks, links);
  const bound = load32(labels);
  const first = load32(records);
  let ahead = 0;
  for (let at = 0; at < count; at += 4) {
    const index = load32(bound + at);
    if (index < 0) continue;
    const list = listOf(lists, index);
    store32(links + at, load32(list));
    store32(list, at + 4);
    ahead++;
    if (index >= behind) continue;
    const head = first + index * recordStride + (placedHead << 2);
    store32(head, load32(head) | labelled);
  }
  store32(labelsAhead, ahead);
  return true;
}

function listOf(lists: i32, index: i32): i32 {
  return lists + ((index >>> listShift) << 2);
}

/** The code has come to what labels at an index are bound to: behind so many bytes of rows of branches, and so many bytes of code. */
function comeToLabels(index: i32, branch: i32, distance: i32): void {
  const bound = load32(labels) - 4;
  const links = load32(labelLinks) - 4;
  const offsets = load32(labelOffsets) - 4;
  let link = listOf(load32(labelLists), index);
  for (let label = load32(link); label !== 0; label = load32(link)) {
    if (load32(bound + label) === index) {
      store32(link, load32(links + label));
      store32(links + label, branch);
      store32(offsets + label, distance);
      store32(labelsAhead, load32(labelsAhead) - 1);
    } else link = links + label;
  }
}

/** Goes through the code in the forms of now: lists branches to labels, and finds where labels lie between them. */
function assignFirst(): i32 {
  makeArea(branches);
  store32(firstEntry, 0);
  store32(lastEntry, 0);
  const none = take(branches, branchStride);
  if (none === 0) return noRoom;
  store32(none + branchEnd, 0);
  const first = load32(records);
  const rows = load32(templates);
  let branch = 0;
  let distance = 0;
  let offset = 0;
  for (let segment = load32(segments); segment < load32(segmentsEnd); segment += masm.segmentStride) {
    const end = first + load32(segment + masm.segmentEnd);
    for (let record = first + load32(segment + masm.segmentBegin); record < end; record += recordStride) {
      let head = headOf(record);
      if ((head & ((fixupBits << fixupShift) | labelled)) !== 0) {
        if ((head & labelled) !== 0) comeToLabels((record - first) / recordStride, branch, distance);
        const fixup = fixupOf(head);
        if (fixup === toLabel) {
          if (!isBound(column(record, placedLast))) return unbound;
          offset += distance + sizeIn(rows, head);
          if (!addBranch(record, head, distance, offset)) return noRoom;
          branch += branchStride;
          distance = 0;
          continue;
        }
        if (fixup !== noFixup) {
          if (!prepare(record, head)) return unbound;
          head = headOf(record);
        }
      }
      distance += sizeIn(rows, head);
    }
  }
  comeToLabels(load32(recordCount), branch, distance);
  store32(tail, distance);
  // Those that are left are bound to what is no part of the code.
  return load32(labelsAhead) === 0 ? fine : unbound;
}

/** A branch to a label: behind so many bytes from the one before, it ends at an offset. False where there is no room. */
function addBranch(record: i32, head: i32, gap: i32, end: i32): boolean {
  const at = take(branches, branchStride);
  if (at === 0) return false;
  store32(at + branchEnd, end);
  store32(at + branchForm, formIn(head));
  store32(at + branchGap, gap);
  store32(at + branchRecord, record);
  return true;
}

/** What leads out of the function has its widest form, and a table's entry leads to a label that is bound, or false is returned. */
function prepare(record: i32, head: i32): boolean {
  const fixup = fixupOf(head);
  if (fixup === toAddress || fixup === toCallee) useForm(record, head, formAt(head, formCount(head) - 1), formCount(head) - 1);
  if (fixup !== tableFixup) return true;
  if (load32(firstEntry) === 0 || record < load32(firstEntry)) store32(firstEntry, record);
  if (record > load32(lastEntry)) store32(lastEntry, record);
  return isBound(column(record, placedLast)) && isBound(column(record, placedBytes));
}

function sizeIn(rows: i32, head: i32): i32 {
  const halves = (head >>> sizeShift) & sizeBits;
  return halves !== 0 ? halves << 1 : load16(rows + (head & templateBits) * templateStride + (templateSize << 1));
}

function isBound(label: i32): boolean {
  store32(problem, label);
  return label >= 0 && label < load32(labelCount) && load32(load32(labels) + (label << 2)) >= 0;
}

/**
 * Gives every branch a form that reaches from its present offset; one column of the rows has where branches end now, and another one gets where they end then. Returns whether one is
 * wider than before; -1 where none reaches.
 */
function widen(now: i32, then: i32): i32 {
  const first = load32(branches);
  const end = load32(branches + usedField);
  const offsets = load32(labelOffsets);
  const links = load32(labelLinks);
  const ends = first + now;
  let widened = 0;
  let offset = 0;
  let moved = 0;
  store32(first + then, 0);
  for (let at = first + branchStride; at < end; at += branchStride) {
    const next = load32(at + now);
    const form = load32(at + branchForm);
    const gap = load32(at + branchGap);
    const record = load32(at + branchRecord);
    const label = column(record, placedLast) << 2;
    offset += gap;
    const distance = load32(ends + load32(links + label)) + load32(offsets + label) - offset;
    moved += gap;
    if (reaches(form, distance)) moved += next - offset;
    else {
      const head = headOf(record);
      const wider = formReaching(head, distance);
      if (wider < 0) return failed(record, -1);
      const found = formAt(head, wider);
      useForm(record, head, found, wider);
      store32(at + branchForm, found);
      moved += sizeIn(load32(templates), headOf(record));
      widened = 1;
    }
    store32(at + then, moved);
    offset = next;
  }
  store32(codeSize, moved + load32(tail));
  return widened;
}

/** Number of the next wider form of a branch that reaches; -1 where there is none. */
function formReaching(head: i32, distance: i32): i32 {
  const count = formCount(head);
  for (let form = formOf(head) + 1; form < count; form++) if (reaches(formAt(head, form), distance)) return form;
  return -1;
}

/** All branches have their forms, and end where a column of the rows says: labels have their offsets. */
function settleLabels(column: i32): void {
  const count = load32(labelCount) << 2;
  const bound = load32(labels);
  const offsets = load32(labelOffsets);
  const links = load32(labelLinks);
  const ends = load32(branches) + column;
  for (let at = 0; at < count; at += 4) {
    if (load32(bound + at) < 0) store32(offsets + at, -1);
    else store32(offsets + at, load32(ends + load32(links + at)) + load32(offsets + at));
  }
}

/** `distance`: from where its template begins. */
function reaches(form: i32, distance: i32): boolean {
  // The last word first: what is below it needs no bounds check then.
  const excluded = column(form, formExcludedCount);
  const value = distance - column(form, formOrigin);
  if (value < column(form, formLeast) || value > column(form, formMost)) return false;
  return excluded === 0 || !isExcluded(form, excluded, value);
}

function isExcluded(form: i32, count: i32, value: i32): boolean {
  const first = listAt(column(form, formExcluded));
  const end = first + (count << 2);
  for (let at = first; at < end; at += 4) if (load32(at) === value) return true;
  return false;
}

/** `number`: which of the branch's forms it is. */
function useForm(record: i32, head: i32, form: i32, number: i32): void {
  const kept = head & ~(templateBits | (sizeBits << sizeShift) | (formBits << formShift));
  store32(record + (placedHead << 2), kept | (number << formShift) | column(form, formTemplate));
}
