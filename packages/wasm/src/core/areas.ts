/** Memory by need: what is allocated is free again when all of it is. */
import { commonEnd, heap, heapEnd, isFull, limitField, usedField } from './layout/common.js';
import { growMemory, isBelow, load32, memoryPages, store32 } from './memory.js';

const pageBits = 16;
/** Addresses are not negative, and none is behind them all. */
const mostPages = 0x7fff;
/** An area that grows where it is gets room for so many more bytes than it needs, and elsewhere, for twice what it has: most areas have little in them, or nothing. */
const leastGrowth = 0x100;
const leastRoom = 0x30;

/** Frees everything from an address on, aligned for any area. */
export function freeAll(heapStart: i32): void {
  store32(heap, heapStart);
  store32(heapEnd, roomForHeap());
  store32(isFull, 0);
}

/**
 * Bytes at the end of a memory of so many pages that nothing uses, so that a core may be compiled with one check for all that is reached from an address
 * (`BoundsChecks`): what instructions reach, and as much again as a limit of eight leading bits is below the exact one.
 */
function unusedBytes(pages: i32): i32 {
  return 0x1000 + ((pages >> 4) << 13);
}

/** Address behind the memory that there is for the heap. */
function roomForHeap(): i32 {
  const all = memoryPages();
  const pages = all < mostPages ? all : mostPages;
  return (pages << pageBits) - unusedBytes(pages);
}

/** Address of so many bytes that nothing else uses; 0 where there is no room, which `isFull` tells from then on. */
export function allocate(bytes: i32): i32 {
  const start = (load32(heap) + 7) & -8;
  if (isBelow(load32(heapEnd) - start, bytes)) return allocateElsewhere(start, bytes);
  store32(heap, start + bytes);
  return start;
}

/** The same where memory has to grow. @noinline */
function allocateElsewhere(start: i32, bytes: i32): i32 {
  if (!growHeap(bytes < 0 ? bytes : start + bytes)) return 0;
  store32(heap, start + bytes);
  return start;
}

/** Makes the heap reach to an address. False where there is no room. */
function growHeap(end: i32): boolean {
  if (end >= 0 && end <= (mostPages << pageBits) - unusedBytes(mostPages)) {
    // No fewer than of the pages that there will be.
    const unused = unusedBytes((end >> pageBits) + (end >> (pageBits + 4)) + 2);
    const missing = ((end + unused + (1 << pageBits) - 1) >> pageBits) - memoryPages();
    if (missing <= 0 || growMemory(missing)) {
      store32(heapEnd, roomForHeap());
      return true;
    }
  }
  store32(isFull, 1);
  return false;
}

/** Makes an area without bytes. */
export function makeArea(area: i32): void {
  makeAreaIn(area, commonEnd, commonEnd);
}

/** Makes an area that begins where there is room for it, from one address to another: it is elsewhere once it needs more. */
export function makeAreaIn(area: i32, room: i32, end: i32): void {
  store32(area + limitField, end);
  store32(area + usedField, room);
  store32(area, room);
}

/** Forgets what is in an area. */
export function clearArea(area: i32): void {
  store32(area + usedField, load32(area));
}

/** How many bytes of an area are used. */
export function usedBytes(area: i32): i32 {
  return load32(area + usedField) - load32(area);
}

/** Address of so many bytes behind those that are used, which are used from then on; 0 where there is no room. What was in the area before may be elsewhere after that. */
export function take(area: i32, bytes: i32): i32 {
  const start = load32(area + usedField);
  const end = start + bytes;
  if (end > load32(area + limitField)) return takeFromHeap(area, bytes);
  store32(area + usedField, end);
  return start;
}

/** The same where the area has not so many bytes left. @noinline */
function takeFromHeap(area: i32, bytes: i32): i32 {
  if (!(load32(area + limitField) === load32(heap) ? extendArea(area, bytes) : moveArea(area, bytes))) return 0;
  const start = load32(area + usedField);
  store32(area + usedField, start + bytes);
  return start;
}

/** Has an area have so many bytes left, for who takes them by itself. False where there is no room. @noinline */
export function makeRoomIn(area: i32, bytes: i32): boolean {
  if (take(area, bytes) === 0) return false;
  store32(area + usedField, load32(area + usedField) - bytes);
  return true;
}

/** Makes room where the area is, behind which nothing has been allocated. */
function extendArea(area: i32, bytes: i32): boolean {
  const end = load32(area + usedField) + bytes + leastGrowth;
  if (isBelow(load32(heapEnd), end) && !growHeap(end)) return false;
  store32(heap, end);
  store32(area + limitField, end);
  return true;
}

/** Makes room elsewhere. */
function moveArea(area: i32, bytes: i32): boolean {
  const before = load32(area);
  const used = usedBytes(area);
  const size = 2 * used + bytes + leastRoom;
  const start = allocate(size);
  if (start === 0) return false;
  copyWords(before, start, used);
  store32(area, start);
  store32(area + usedField, start + used);
  store32(area + limitField, start + size);
  return true;
}

/** Copies so many bytes to where there is nothing of them yet; the last word may have bytes that are not used. */
export function copyWords(from: i32, into: i32, bytes: i32): void {
  const distance = into - from;
  const last = from + bytes;
  let at = from;
  // Four at once, the last one first: the others need no bounds check then.
  for (; at + 16 <= last; at += 16) {
    const copy = at + distance;
    store32(copy + 12, load32(at + 12));
    store32(copy + 8, load32(at + 8));
    store32(copy + 4, load32(at + 4));
    store32(copy, load32(at));
  }
  for (; at < last; at += 4) store32(at + distance, load32(at));
}
