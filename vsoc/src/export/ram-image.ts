import type { DataMemory } from '../chip/data-memory.js';
import type { VsocStore } from '../runtime/store.js';

/** Zeros of at least this many bytes are not carried along. */
const shortestGap = 256;

/** Guest RAM that instances own. */
export interface RamRegion {
  readonly base: number;
  readonly bytes: Uint8Array;
}

/** The contents of guest RAM as they are now, but for the stack and the result buffer. Addresses and sizes are multiples of 4. */
export function ramRegions(dataMemory: DataMemory, { memories }: Pick<VsocStore, 'memories'>): RamRegion[] {
  return [...dataMemory.regions(), ...memories.map((memory) => memory.region())].filter(({ bytes }) => bytes.length > 0);
}

/** The parts of a region that are not zero, word by word; short gaps count as contents. */
export function contentsOf({ base, bytes }: RamRegion): RamRegion[] {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const parts: RamRegion[] = [];
  let begin = -1;
  let end = -1;
  const finish = (): void => {
    if (begin >= 0) parts.push({ base: base + 4 * begin, bytes: bytes.slice(4 * begin, 4 * end) });
  };
  words.forEach((word, index) => {
    if (word === 0) return;
    if (begin < 0 || 4 * (index - end) >= shortestGap) {
      finish();
      begin = index;
    }
    end = index + 1;
  });
  finish();
  return parts;
}
