/**
 * Where entries of a branch table do not reach their targets, jumps directly behind the table do. Entries reach forwards only, so that the jumps behind one
 * table change no distance of the tables behind it: all are placed at once.
 */
import { allocate, copyWords, heap, load32, store32 } from '@fireball/wasm';
import { allocateCleared, freeFrom } from '../heap.js';
import { segmentBegin, segmentEnd, segmentStride } from '../layout/masm.js';
import { fixupOf, fixupShift, kindBits, kindShift, placedBytes, placedHead, placedLast, tableFixup, toLabel } from '../layout/placed.js';
import { firstEntry, labelCount, labels, lastEntry, movedCount, movedTo, recordCount, records, segments, segmentsEnd } from '../layout/placing.js';
import { formTemplate, templateLeast, templateSecondZeros, templateSpan } from '../layout/templates.js';
import { tableDistance } from './operands.js';
import { column, formAt, headOf, recordStride, templateOf } from './tables.js';

/** Of each label: the table that was seen last to want a jump to it, and the jump's own label. */
const markStride = 8;

/** How many jumps were placed; -1 where there is no room. */
export function addIslands(): i32 {
  const kept = load32(heap);
  const marks = allocateCleared(load32(labelCount) * markStride);
  if (marks === 0) return -1;
  const count = countIslands(marks);
  if (count === 0) freeFrom(kept);
  return count === 0 || placeIslands(marks, count) ? count : -1;
}

function countIslands(marks: i32): i32 {
  const last = load32(lastEntry);
  let count = 0;
  for (let record = load32(firstEntry); record <= last; record += recordStride) {
    if (!isEntry(record) || reaches(record)) continue;
    const mark = marks + column(record, placedLast) * markStride;
    const table = tableOf(record);
    if (load32(mark) === table) continue;
    store32(mark, table);
    count++;
  }
  return count;
}

/** A number of the table that an entry belongs to. */
function tableOf(record: i32): i32 {
  return column(record, placedBytes) + 1;
}

function isEntry(record: i32): boolean {
  return fixupOf(headOf(record)) === tableFixup;
}

function reaches(record: i32): boolean {
  return tableDistance(record) <= mostDistance(templateOf(headOf(record)));
}

/** The most that the one operand of a table's entry may be. */
function mostDistance(template: i32): i32 {
  const span = load32(template + templateSpan);
  // Where there are no bounds, a mask says it.
  return (span === -1 ? ~load32(template + templateSecondZeros) : load32(template + templateLeast) + span) & 0x7fff_ffff;
}

/** Moves everything into new areas, in one segment, with the jumps where they belong. False where there is no room. */
function placeIslands(marks: i32, count: i32): boolean {
  const first = load32(records);
  const before = load32(recordCount);
  const moved = allocate((before + 1) << 2);
  const into = allocate((before + count) * recordStride);
  const bound = allocate((load32(labelCount) + count) << 2);
  const whole = allocate(segmentStride);
  if (moved === 0 || into === 0 || bound === 0 || whole === 0) return false;
  for (let at = 0; at < before << 2; at += 4) store32(moved + at, -1);
  let next = 0;
  let label = load32(labelCount);
  for (let segment = load32(segments); segment < load32(segmentsEnd); segment += segmentStride) {
    const behind = load32(segment + segmentEnd) / recordStride;
    for (let index = load32(segment + segmentBegin) / recordStride; index < behind;) {
      // An entry's table goes on until another one begins.
      let end = index + 1;
      const record = first + index * recordStride;
      const isTable = isEntry(record);
      if (isTable) while (end < behind && isSameTable(record, first + end * recordStride)) end++;
      const copy = into + next * recordStride;
      const last = copy + (end - index) * recordStride;
      copyWords(record, copy, last - copy);
      for (; index < end; index++) store32(moved + (index << 2), next++);
      if (!isTable) continue;
      for (let entry = copy; entry < last; entry += recordStride) {
        if (reaches(entry)) continue;
        const target = column(entry, placedLast);
        const mark = marks + target * markStride;
        if (load32(mark) !== -tableOf(entry)) {
          store32(mark, -tableOf(entry));
          store32(mark + 4, label);
          store32(bound + (label << 2), next);
          writeJump(into + next * recordStride, entry, target);
          label++;
          next++;
        }
        store32(entry + (placedLast << 2), load32(mark + 4));
      }
    }
  }
  store32(moved + (before << 2), next);
  moveLabels(moved, bound);
  noteMoved(moved, before);
  store32(whole + segmentEnd, next * recordStride);
  store32(whole + segmentBegin, 0);
  store32(segments, whole);
  store32(segmentsEnd, whole + segmentStride);
  store32(records, into);
  store32(recordCount, next);
  store32(labelCount, label);
  return true;
}

function isSameTable(record: i32, other: i32): boolean {
  return isEntry(other) && tableOf(other) === tableOf(record);
}

/** A jump in its nearest form, for an entry of a table. */
function writeJump(jump: i32, entry: i32, target: i32): void {
  for (let at = 0; at < recordStride; at += 4) store32(jump + at, 0);
  const head = (headOf(entry) & (kindBits << kindShift)) | (toLabel << fixupShift);
  store32(jump + (placedHead << 2), head | column(formAt(head, 0), formTemplate));
  store32(jump + (placedLast << 2), target);
}

/** Says where records are now: they may have been moved before. */
function noteMoved(moved: i32, count: i32): void {
  const earlier = load32(movedTo);
  if (earlier === 0) {
    store32(movedTo, moved);
    store32(movedCount, count);
    return;
  }
  const end = earlier + (load32(movedCount) << 2);
  for (let at = earlier; at < end; at += 4) if (load32(at) >= 0) store32(at, load32(moved + (load32(at) << 2)));
}

/** Labels are bound in front of what has moved from where they were bound; those of jumps are there already. */
function moveLabels(moved: i32, bound: i32): void {
  const from = load32(labels);
  for (let at = (load32(labelCount) - 1) << 2; at >= 0; at -= 4) {
    const index = load32(from + at);
    store32(bound + at, index < 0 ? index : load32(moved + (index << 2)));
  }
  store32(labels, bound);
}
