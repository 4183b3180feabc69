import { Buffer } from 'node:buffer';

/** Bytes of a page: what snapshots share with each other. */
const pageSize = 4096;
/** Most of a large memory is as it was at power-on: so many pages are looked at together. */
const pagesOfChunk = 256;

/** The contents of a memory, page by page; the last one may be shorter. They are never changed. */
export type MemoryPages = readonly Uint8Array[];

const zeros = Buffer.alloc(pageSize * pagesOfChunk);
const zeroPage = zeros.subarray(0, pageSize);
const onesPage = Buffer.alloc(pageSize, 0xff);

/**
 * Pages that nobody reads any more, to be written over. Memory of snapshots that come and go makes the engine look for garbage among all that there
 * are, which takes longer than a step back may.
 */
export class PagePool {
  readonly #free: Uint8Array[] = [];

  /** A page of its own with this content. */
  copy(content: Uint8Array): Uint8Array {
    const page = content.length === pageSize ? this.#free.pop() : undefined;
    if (page === undefined) return content.slice();
    page.set(content);
    return page;
  }

  /** Nobody reads `dropped` any more, but for what is in `held`, too. */
  recycle(dropped: Iterable<MemoryPages>, held: Iterable<MemoryPages>): void {
    const gone = new Set<Uint8Array>();
    for (const pages of dropped) for (const page of pages) if (page.length === pageSize && page !== zeroPage && page !== onesPage) gone.add(page);
    for (const pages of held) for (const page of pages) gone.delete(page);
    this.#free.push(...gone);
  }
}

/** @returns the pages, and how many bytes of them are neither those of `previous` nor all zeros or all ones */
export function savePages(bytes: Uint8Array, previous: MemoryPages = [], pool = new PagePool()): { readonly pages: MemoryPages; readonly ownBytes: number } {
  let ownBytes = 0;
  const pages: Uint8Array[] = [];
  for (const { at, end } of chunksOf(bytes)) {
    if (isZero(bytes, at, end)) {
      for (let page = at; page < end; page += pageSize) pages.push(zeroPage);
      continue;
    }
    for (let begin = at; begin < end; begin += pageSize) {
      const now = bytes.subarray(begin, begin + pageSize);
      let page = [previous[pages.length], zeroPage, onesPage].find((known) => known !== undefined && Buffer.compare(known, now) === 0);
      if (page === undefined) {
        page = pool.copy(now);
        ownBytes += page.length;
      }
      pages.push(page);
    }
  }
  return { pages, ownBytes };
}

/** Writes the pages that differ back, and says where. */
export function restorePages(bytes: Uint8Array, pages: MemoryPages, changed: (offset: number, size: number) => void): void {
  for (const { at, end, first } of chunksOf(bytes)) {
    const chunk = pages.slice(first, first + pagesOfChunk);
    if (chunk.every((page) => page === zeroPage) && isZero(bytes, at, end)) continue;
    for (const [index, page] of chunk.entries()) {
      const offset = at + index * pageSize;
      const now = bytes.subarray(offset, offset + page.length);
      if (Buffer.compare(page, now) === 0) continue;
      now.set(page);
      changed(offset, page.length);
    }
  }
}

function* chunksOf(bytes: Uint8Array): Generator<{ readonly at: number; readonly end: number; readonly first: number }> {
  const size = pageSize * pagesOfChunk;
  for (let at = 0; at < bytes.length; at += size) yield { at, end: Math.min(at + size, bytes.length), first: at / pageSize };
}

function isZero(bytes: Uint8Array, at: number, end: number): boolean {
  // One that ends within a page has a page of its own length.
  return (end - at) % pageSize === 0 && Buffer.compare(bytes.subarray(at, end), zeros.subarray(0, end - at)) === 0;
}
