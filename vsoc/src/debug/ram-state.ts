import { restorePages, savePages, type MemoryPages, type PagePool } from '@fireball/emulator';

/** RAM at some moment, by base address; a linear memory is as long as it was. */
export type RamState = ReadonlyMap<number, { readonly pages: MemoryPages; readonly length: number }>;

interface Ram {
  readonly base: number;
  readonly bytes: Uint8Array;
}

/** @param previous pages that have not changed since are shared with it */
export function saveRam(ram: readonly Ram[], previous: RamState | undefined, pool: PagePool): RamState {
  return new Map(ram.map(({ base, bytes }) => [base, { pages: savePages(bytes, previous?.get(base)?.pages, pool).pages, length: bytes.length }]));
}

/** @param roomAt RAM from an address on, with the room that a linear memory may grow into */
export function restoreRam(ram: readonly Ram[], state: RamState, roomAt: (address: number) => Uint8Array): void {
  // Sizes of linear memories are in the RAM that comes back, too: first what lies beyond the smaller size.
  for (const { base, bytes } of ram) bytes.subarray(state.get(base)?.length ?? 0).fill(0);
  for (const [base, { pages, length }] of state) restorePages(roomAt(base).subarray(0, length), pages, () => undefined);
}

export function pagesOfRam(state: RamState): MemoryPages[] {
  return [...state.values()].map(({ pages }) => pages);
}
