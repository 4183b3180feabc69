import { restorePages, savePages, type MemoryPages } from '@fireball/emulator';
import type { InstalledFunction } from '../chip/code-map.js';
import type { Vsoc } from '../vsoc.js';

/** Code memory at some moment: behind and within the instruction cache, and which functions lie there. */
export interface CodeState {
  readonly stored: MemoryPages;
  readonly fetched: readonly MemoryPages[];
  readonly functions: readonly InstalledFunction[];
}

/** @param previous pages that have not changed since are shared with it */
export function saveCode({ codeMemory, codeMap }: Vsoc, previous?: CodeState): CodeState {
  const { stored, fetched } = codeMemory.views();
  const pages = savePages(stored, previous?.stored).pages;
  let first = 0;
  const pagesOfPieces = fetched.map((bytes) => {
    // Nearly always the same as what is stored.
    const piece = savePages(bytes, pages.slice(first)).pages;
    first += piece.length;
    return piece;
  });
  return { stored: pages, fetched: pagesOfPieces, functions: [...codeMap.functions] };
}

/** Brings back bytes and functions. Which blocks are whose is the business of whoever compiles, and that is done with the past. */
export function restoreCode({ codeMemory, codeMap, cpu }: Vsoc, state: CodeState): void {
  codeMemory.clearBehind(state.stored.reduce((bytes, page) => bytes + page.length, 0));
  const { stored, fetched } = codeMemory.views();
  restorePages(stored, state.stored, () => undefined);
  let { base } = codeMemory;
  for (const [index, bytes] of fetched.entries()) {
    const from = base;
    restorePages(bytes, state.fetched[index] ?? [], (offset, size) => {
      cpu.invalidateCode(from + offset, size);
    });
    base += bytes.length;
  }
  codeMap.reset(state.functions);
}

export function pagesOf({ stored, fetched }: CodeState): readonly Uint8Array[] {
  return [...stored, ...fetched.flat()];
}
