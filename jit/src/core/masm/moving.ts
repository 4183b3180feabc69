/** Placed templates that change places: cold code goes behind the rest, prologue and code of sites come in between. */
import { allocate, clearArea, copyWords, heap, limitField, load32, makeArea, store32, take, usedBytes, usedField } from '@fireball/wasm';
import { freeFrom } from '../heap.js';
import * as layout from '../layout/masm.js';
import { fixupBits, fixupShift, placedHead, placedLast, placedWasm, siteFixup } from '../layout/placed.js';
import { labelCount } from './assembly.js';
import { copyRecord, placedCount, recordStride, refuse } from './records.js';

/** Ranges of records are two words: the index of the first one, and of the one behind the last. */
const rangeStride: i32 = 8;
/** A range that is to be moved: the same, and where the first one of the function would be if it lay in front of it. */
const waitingOrigin: i32 = 8;
const waitingStride: i32 = 12;
/** Room for the prologue and the code of sites, in records: this, and an eighth of the body; and by how many the body may be larger than expected: the same, and an eighth. */
const leastMore: i32 = 12;
const moreShift: i32 = 3;

/** Makes room for a body of so many records before they are placed, and in front of them for what `beginFinish` puts there, so that none need move elsewhere. */
export function reserveBody(count: i32): void {
  const more = leastMore + (count >> moreShift);
  if (!reserve(more + count + more + (count >> moreShift))) return;
  const front = load32(layout.placed);
  const body = front + more * recordStride;
  store32(layout.finishFront, front);
  store32(layout.finishRecords, body);
  store32(layout.placed, body);
  store32(layout.placed + usedField, body);
}

/** Makes room for so many records. */
function reserve(count: i32): boolean {
  const hasRoom = take(layout.placed, count * recordStride) !== 0;
  if (!hasRoom) refuse(layout.noRoom, 0);
  clearArea(layout.placed);
  return hasRoom;
}

/**
 * Moves `count` ranges at an address, disjoint or nested, no two with one beginning, behind everything that there is now, each without those inside it. Control
 * must not run into a range, nor out of it. A label stays with the template that it is bound in front of.
 */
export function moveBehind(ranges: i32, count: i32): void {
  const placed = placedCount();
  const kept = load32(heap);
  const begins = allocateCleared((placed + 1) << 2);
  const moved = allocate((placed + 1) << 2);
  const waiting = allocate((count + 1) * waitingStride);
  if (begins === 0 || moved === 0 || waiting === 0) {
    refuse(layout.noRoom, 0);
    return;
  }
  if (markBegins(begins, ranges, count) && moveRanges(waiting, begins, moved, placed)) {
    store32(moved + (placed << 2), placed);
    moveLabels(load32(layout.boundTo), moved, labelCount());
    moveShares(moved, usedBytes(layout.shares));
  }
  freeFrom(kept);
}

/** Moves the ranges whose beginnings are marked, and notes where each record goes. False where there is no room. */
function moveRanges(waiting: i32, begins: i32, moved: i32, placed: i32): boolean {
  let into = load32(layout.placed);
  let next = 0;
  let last = addWaiting(waiting, 0, placed, into);
  for (let range = waiting; range < last; range += waitingStride) {
    const begin = load32(range);
    const end = load32(range + 4);
    const origin = load32(range + waitingOrigin);
    for (let index = begin; index < end;) {
      const inner = load32(begins + (index << 2));
      // The whole function begins where a range may, and is none of them.
      if (inner === 0 || (range !== waiting && index === begin)) {
        const record = origin + index * recordStride;
        if (record !== into) copyRecord(record, into);
        into += recordStride;
        store32(moved + (index << 2), next++);
        index++;
      } else {
        const behind = load32(inner + 4);
        // What is to go behind the rest leaves its place before that gets there; what is inside it has left with it.
        const away = range === waiting ? takeAway(origin, index, behind) : origin;
        if (away === 0) return false;
        last = addWaiting(last, index, behind, away);
        index = behind;
      }
    }
  }
  return true;
}

/** Returns where the next one goes. */
function addWaiting(at: i32, begin: i32, end: i32, origin: i32): i32 {
  store32(at + waitingOrigin, origin);
  store32(at + 4, end);
  store32(at, begin);
  return at + waitingStride;
}

/** Copies records to where they are out of the way: where the first one of the function would be then, 0 where there is no room. */
function takeAway(origin: i32, begin: i32, end: i32): i32 {
  const bytes = (end - begin) * recordStride;
  const copy = allocate(bytes);
  if (copy === 0) {
    refuse(layout.noRoom, 0);
    return 0;
  }
  copyWords(origin + begin * recordStride, copy, bytes);
  return copy - begin * recordStride;
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

/**
 * Begins to put together the function whose body is placed: the prologue is placed next, then the code of each site that `nextSite` finds. All of it goes
 * to the front of the room that `reserveBody` has made, as long as that does not reach what is not there yet; from then on elsewhere.
 */
export function beginFinish(): void {
  const count = placedCount();
  const labels = labelCount();
  const body = load32(layout.placed);
  const moved = allocate((count + 1) << 2);
  const bound = allocate(labels << 2);
  if (moved === 0 || bound === 0) refuse(layout.noRoom, 0);
  else copyWords(load32(layout.boundTo), bound, labels << 2);
  // Not where the body has become larger than that.
  if (body === load32(layout.finishRecords)) {
    store32(layout.placed, load32(layout.finishFront));
    store32(layout.placed + usedField, load32(layout.finishFront));
    store32(layout.finishLimit, load32(layout.placed + limitField));
    limitTo(body);
  } else {
    makeArea(layout.placed);
    reserve(leastMore + count + (count >> moreShift));
  }
  store32(layout.finishRecords, body);
  store32(layout.finishCount, count);
  store32(layout.finishNext, 0);
  store32(layout.finishMoved, moved);
  store32(layout.finishBound, bound);
  store32(layout.finishLabels, labels);
  store32(layout.finishShares, usedBytes(layout.shares));
}

/** Nothing is placed behind an address, as long as it is the front of the room for the body where something is. */
function limitTo(address: i32): void {
  if (load32(layout.refusal) === layout.placing && load32(layout.placed) === load32(layout.finishFront)) store32(layout.placed + limitField, address);
}

/** Puts what stands in front of the next site behind what is placed: number of the site, whose code is placed next; -1 where the function is whole. */
export function nextSite(): i32 {
  if (load32(layout.refusal) !== layout.placing) return -1;
  const count = load32(layout.finishCount);
  const from = load32(layout.finishNext);
  const end = load32(layout.finishRecords) + count * recordStride;
  let record = load32(layout.finishRecords) + from * recordStride;
  limitTo(load32(layout.finishLimit));
  let into = take(layout.placed, end - record);
  if (into === 0) {
    refuse(layout.noRoom, 0);
    return -1;
  }
  let next = (into - load32(layout.placed)) / recordStride;
  let moved = load32(layout.finishMoved) + (from << 2);
  while (record < end && !isSite(record)) {
    store32(moved, next++);
    moved += 4;
    copyRecord(record, into);
    into += recordStride;
    record += recordStride;
  }
  store32(moved, next);
  store32(layout.placed + usedField, into);
  if (record === end) {
    moveLabels(load32(layout.finishBound), load32(layout.finishMoved), load32(layout.finishLabels));
    moveShares(load32(layout.finishMoved), load32(layout.finishShares));
    return -1;
  }
  const behind = record + recordStride;
  limitTo(behind);
  store32(layout.finishNext, (behind - load32(layout.finishRecords)) / recordStride);
  store32(layout.wasmOffset, load32(record + (placedWasm << 2)));
  return load32(record + (placedLast << 2));
}

function isSite(record: i32): boolean {
  return (load32(record + (placedHead << 2)) & (fixupBits << fixupShift)) === siteFixup << fixupShift;
}

function allocateCleared(bytes: i32): i32 {
  const start = allocate(bytes);
  if (start !== 0) for (let at = 0; at < bytes; at += 4) store32(start + at, 0);
  return start;
}
