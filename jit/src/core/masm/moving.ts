/** Placed templates that change places: cold code goes behind the rest, prologue and code of sites come in between. */
import { allocate, limitField, load32, makeArea, store32, take, usedBytes, usedField } from '@fireball/wasm';
import * as layout from '../layout/masm.js';
import { fixupOf, placedHead, placedLast, placedWasm, siteFixup } from '../layout/placed.js';
import { labelCount } from './assembly.js';
import { copyRecords, placedCount, recordAt, recordStride, refuse, reserveRecords } from './records.js';

/** Ranges of records are two words: the index of the first one, and of the one behind the last. */
const rangeStride: i32 = 8;

/**
 * Moves `count` ranges at an address, disjoint or nested, no two with one beginning, behind everything that there is now, each without those inside it. Control
 * must not run into a range, nor out of it. A label stays with the template that it is bound in front of.
 */
export function moveBehind(ranges: i32, count: i32): void {
  const placed = placedCount();
  const begins = allocateCleared((placed + 1) << 2);
  const moved = allocate((placed + 1) << 2);
  const waiting = allocate((count + 1) * rangeStride);
  const into = allocate(placed * recordStride);
  if (begins === 0 || moved === 0 || waiting === 0 || into === 0) {
    refuse(layout.noRoom, 0);
    return;
  }
  if (!markBegins(begins, ranges, count)) return;
  store32(waiting, 0);
  store32(waiting + 4, placed);
  let next = 0;
  let last = waiting + rangeStride;
  for (let range = waiting; range < last; range += rangeStride) {
    const begin = load32(range);
    const end = load32(range + 4);
    for (let index = begin; index < end;) {
      const inner = load32(begins + (index << 2));
      // The whole function begins where a range may, and is none of them.
      if (inner === 0 || (range !== waiting && index === begin)) {
        copyRecords(recordAt(index), into + next * recordStride, 1);
        store32(moved + (index << 2), next++);
        index++;
      } else {
        store32(last, load32(inner));
        store32(last + 4, load32(inner + 4));
        last += rangeStride;
        index = load32(inner + 4);
      }
    }
  }
  store32(moved + (placed << 2), placed);
  replacePlaced(into, placed);
  moveLabels(load32(layout.boundTo), moved, labelCount());
  moveShares(moved, usedBytes(layout.shares));
}

/** Writes down which range begins at each record; false where none does. */
function markBegins(begins: i32, ranges: i32, count: i32): boolean {
  let found = false;
  for (let index = 0; index < count; index++) {
    const range = ranges + index * rangeStride;
    if (load32(range) >= load32(range + 4)) continue;
    store32(begins + (load32(range) << 2), range);
    found = true;
  }
  return found;
}

function replacePlaced(records: i32, count: i32): void {
  const end = records + count * recordStride;
  store32(layout.placed, records);
  store32(layout.placed + usedField, end);
  store32(layout.placed + limitField, end);
}

/** Binds labels to what has moved from where they were bound. */
function moveLabels(bound: i32, moved: i32, count: i32): void {
  for (let at = 0; at < count << 2; at += 4) {
    const index = load32(bound + at);
    if (index >= 0) store32(load32(layout.boundTo) + at, load32(moved + (index << 2)));
  }
}

/** The first bytes of `shares` are of records that have moved. */
function moveShares(moved: i32, bytes: i32): void {
  const first = load32(layout.shares) + layout.shareIndex;
  for (let at = first; at < first + bytes; at += layout.shareStride) store32(at, load32(moved + (load32(at) << 2)));
}

/** Begins to put together the function whose body is placed: the prologue is placed next, then the code of each site that `nextSite` finds. */
export function beginFinish(): void {
  const count = placedCount();
  const labels = labelCount();
  const moved = allocate((count + 1) << 2);
  const bound = allocate(labels << 2);
  if (moved === 0 || bound === 0) refuse(layout.noRoom, 0);
  else for (let at = 0; at < labels << 2; at += 4) store32(bound + at, load32(load32(layout.boundTo) + at));
  store32(layout.finishRecords, load32(layout.placed));
  store32(layout.finishCount, count);
  store32(layout.finishNext, 0);
  store32(layout.finishMoved, moved);
  store32(layout.finishBound, bound);
  store32(layout.finishLabels, labels);
  store32(layout.finishShares, usedBytes(layout.shares));
  makeArea(layout.placed);
  reserveRecords(count);
}

/** Puts what stands in front of the next site behind what is placed: number of the site, whose code is placed next; -1 where the function is whole. */
export function nextSite(): i32 {
  if (load32(layout.refusal) !== layout.placing) return -1;
  const before = load32(layout.finishRecords);
  const count = load32(layout.finishCount);
  const moved = load32(layout.finishMoved);
  const from = load32(layout.finishNext);
  let next = placedCount();
  let to = from;
  while (to < count && !isSite(before + to * recordStride)) {
    store32(moved + (to << 2), next++);
    to++;
  }
  const into = take(layout.placed, (to - from) * recordStride);
  if (into === 0) {
    refuse(layout.noRoom, 0);
    return -1;
  }
  copyRecords(before + from * recordStride, into, to - from);
  store32(moved + (to << 2), next);
  if (to === count) {
    moveLabels(load32(layout.finishBound), moved, load32(layout.finishLabels));
    moveShares(moved, load32(layout.finishShares));
    return -1;
  }
  store32(layout.finishNext, to + 1);
  const record = before + to * recordStride;
  store32(layout.wasmOffset, load32(record + (placedWasm << 2)));
  return load32(record + (placedLast << 2));
}

function isSite(record: i32): boolean {
  return fixupOf(load32(record + (placedHead << 2))) === siteFixup;
}

function allocateCleared(bytes: i32): i32 {
  const start = allocate(bytes);
  if (start !== 0) for (let at = 0; at < bytes; at += 4) store32(start + at, 0);
  return start;
}
