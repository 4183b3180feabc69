/** The order of placed templates: cold code goes behind the rest, prologue and code of sites come in between. What is in order are segments: no record moves for it. */
import { allocate, clearArea, copyWords, heap, load32, makeArea, store32, take, usedBytes, usedField } from '@fireball/wasm';
import { freeFrom } from '../heap.js';
import * as layout from '../layout/masm.js';
import { attribute, labelsHere, rebind } from './assembly.js';
import { copyRecord, makeRoomForRecords, recordStride, refuse } from './records.js';

/** Ranges of records are two words: the index of the first one, and of the one behind the last. */
const rangeStride: i32 = 8;
/** By how many records a function may be larger than its body is expected to be: this, and three eighths. */
const leastMore: i32 = 24;
const moreEighths: i32 = 3;

/** Makes room for a body of so many records before they are placed, and what will be around it, so that none need move elsewhere. */
export function reserveBody(count: i32): void {
  makeRoomForRecords((leastMore + count + ((count * moreEighths) >> 3)) * recordStride);
}

/** Makes room for so many bytes in an area that has none yet. */
function reserve(area: i32, bytes: i32): void {
  if (take(area, bytes) === 0) refuse(layout.noRoom, 0);
  clearArea(area);
}

/**
 * Moves `count` ranges at an address behind everything that there is now, each without those inside it: disjoint or nested, in the order in which they begin, no two with one
 * beginning. Control must not run into a range, nor out of it. A label stays with the template that it is bound in front of.
 */
export function moveBehind(ranges: i32, count: i32): void {
  reserve(layout.segments, (2 * count + 2) * layout.segmentStride);
  const kept = load32(heap);
  const waiting = allocate(count << 2);
  if (waiting === 0) {
    refuse(layout.noRoom, 0);
    return;
  }
  const end = ranges + count * rangeStride;
  let last = addAround(0, usedBytes(layout.placed), ranges, end, waiting);
  for (let at = waiting; at < last; at += 4) {
    const range = load32(at);
    last = addAround(load32(range) * recordStride, load32(range + 4) * recordStride, range + rangeStride, end, last);
  }
  store32(layout.openSegment, usedBytes(layout.placed));
  freeFrom(kept);
}

/** Adds segments of what lies from one place to another, around the ranges in it, the first of which is at an address, if there is one. Lists these, and returns where the list ends. */
function addAround(begin: i32, end: i32, first: i32, behind: i32, list: i32): i32 {
  let from = begin;
  let last = list;
  for (let range = first; range < behind && load32(range) * recordStride < end;) {
    addSegment(from, load32(range) * recordStride);
    store32(last, range);
    last += 4;
    const next = load32(range + 4);
    from = next * recordStride;
    range = firstFrom(range + rangeStride, behind, rangeStride, next);
  }
  addSegment(from, end);
  return last;
}

/** Address of the first of the rows from one address to another that begins with no less than a number; the rows are in the order of the numbers. */
function firstFrom(first: i32, end: i32, stride: i32, least: i32): i32 {
  let low = 0;
  let high = (end - first) / stride;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load32(first + middle * stride) < least) low = middle + 1;
    else high = middle;
  }
  return first + low * stride;
}

/** Has what lies from one place to another follow in the code. */
function addSegment(begin: i32, end: i32): void {
  if (begin >= end) return;
  const last = load32(layout.segments + usedField) - layout.segmentStride;
  if (last >= load32(layout.segments) && load32(last + layout.segmentEnd) === begin) {
    store32(last + layout.segmentEnd, end);
    return;
  }
  const segment = take(layout.segments, layout.segmentStride);
  if (segment === 0) {
    refuse(layout.noRoom, 0);
    return;
  }
  store32(segment + layout.segmentEnd, end);
  store32(segment + layout.segmentBegin, begin);
}

/** Has all that is placed, and in no segment yet, follow in the code. */
export function closeSegment(): void {
  const end = usedBytes(layout.placed);
  addSegment(load32(layout.openSegment), end);
  store32(layout.openSegment, end);
}

/** Begins to put together the function whose body is placed: the prologue is placed next, then the code of each site that `nextSite` finds. */
export function beginFinish(): void {
  closeSegment();
  keepLabelsBehind();
  const body = load32(layout.segments);
  const end = load32(layout.segments + usedField);
  makeArea(layout.segments);
  // The prologue, and what is in front of each site and its code.
  reserve(layout.segments, end - body + (usedBytes(layout.sites) / layout.siteStride) * (2 * layout.segmentStride) + 2 * layout.segmentStride);
  store32(layout.finishSegment, body);
  store32(layout.finishEnd, end);
  store32(layout.finishNext, body < end ? load32(body + layout.segmentBegin) : 0);
  store32(layout.finishSite, -1);
  store32(layout.followingSite, load32(layout.sites));
}

/** Labels that are bound behind the body stay behind it. */
function keepLabelsBehind(): void {
  const count = labelsHere();
  const labels = allocate(count << 2);
  if (labels === 0) {
    refuse(layout.noRoom, 0);
    return;
  }
  copyWords(load32(layout.latest), labels, count << 2);
  store32(layout.finishLabels, labels);
  store32(layout.finishLabelCount, count);
  store32(layout.latestAt, -1);
}

/** Puts what stands in front of the next site behind the code so far: number of the site, whose code is placed next; -1 where the function is whole. */
export function nextSite(): i32 {
  if (load32(layout.refusal) !== layout.placing) return -1;
  settleSite();
  leadLabels();
  const sites = load32(layout.sites);
  const last = load32(layout.sites + usedField);
  let from = load32(layout.finishNext);
  let segment = load32(layout.finishSegment);
  while (segment < load32(layout.finishEnd)) {
    const end = load32(segment + layout.segmentEnd);
    const site = siteFrom(sites, last, from);
    if (site < last && load32(site + layout.siteBegin) < end) return enterSite(segment, from, site);
    addSegment(from, end);
    segment += layout.segmentStride;
    from = load32(segment + layout.segmentBegin);
  }
  store32(layout.finishSegment, segment);
  rebind(load32(layout.finishLabels), load32(layout.finishLabelCount));
  return -1;
}

/** The first of the sites from one address to another that is not in front of a record. */
function siteFrom(sites: i32, last: i32, from: i32): i32 {
  const site = load32(layout.followingSite);
  if (site === last || load32(site + layout.siteBegin) >= from) {
    if (site === sites || load32(site - layout.siteStride + layout.siteBegin) < from) return site;
  }
  return firstFrom(sites, last, layout.siteStride, from);
}

function enterSite(segment: i32, from: i32, site: i32): i32 {
  const begin = load32(site + layout.siteBegin);
  addSegment(from, begin);
  store32(layout.finishSegment, segment);
  store32(layout.finishNext, begin + recordStride);
  store32(layout.finishSite, begin);
  store32(layout.followingSite, site + layout.siteStride);
  attribute(load32(site + layout.siteOffset));
  return (site - load32(layout.sites)) / layout.siteStride;
}

/** Has follow in the code what was placed for the site, or is the prologue. The first template takes the site's place, so that labels lead there. */
function settleSite(): void {
  const site = load32(layout.finishSite);
  if (site >= 0) {
    const begin = load32(layout.openSegment);
    const records = load32(layout.placed);
    copyRecord(records + begin, records + site);
    moveShare(begin / recordStride, site / recordStride);
    addSegment(site, site + recordStride);
    const second = begin + recordStride;
    if (usedBytes(layout.placed) === second) store32(layout.placed + usedField, records + begin);
    else store32(layout.openSegment, second);
  }
  closeSegment();
}

/** What belongs to a shared check is elsewhere: of what was placed last. */
function moveShare(from: i32, into: i32): void {
  const first = load32(layout.shares);
  let row = load32(layout.shares + usedField) - layout.shareStride;
  for (; row >= first && load32(row + layout.shareIndex) > from;) row -= layout.shareStride;
  if (row >= first && load32(row + layout.shareIndex) === from) store32(row + layout.shareIndex, into);
}

/** Labels that are bound behind the prologue are bound in front of what follows. */
function leadLabels(): void {
  const count = labelsHere();
  let segment = load32(layout.finishSegment);
  if (count === 0 || segment === load32(layout.finishEnd)) return;
  let next = load32(layout.finishNext);
  if (next === load32(segment + layout.segmentEnd)) {
    segment += layout.segmentStride;
    if (segment === load32(layout.finishEnd)) return;
    next = load32(segment + layout.segmentBegin);
  }
  const labels = load32(layout.latest);
  for (let at = labels; at < labels + (count << 2); at += 4) store32(load32(layout.boundTo) + (load32(at) << 2), next / recordStride);
  store32(layout.latestAt, -1);
}
