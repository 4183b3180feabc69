import type { CodeBlock, CodeMemoryState } from '@fireball/contracts';
import { blockBytes, blocksOf, lineBytes } from '../chip/code-memory.js';
import type { Vsoc } from '../vsoc.js';
import { staleLines } from './stale-lines.js';

/**
 * Code memory as W^X and the instruction cache have it now. Reads only.
 * @param isPast which blocks are whose is the business of whoever compiles, and that is done with the past: what is sealed then follows from the functions that lie there
 */
export function codeMemoryState({ codeMemory, codeMap, boundsRoutines }: Vsoc, isPast: boolean): CodeMemoryState {
  const { base } = codeMemory;
  const states = codeMemory.blockStates();
  const dirty = new Set<number>();
  const pieces = [...codeMap.functions.map(({ code: { address, bytes } }) => ({ address, size: bytes.length })), ...boundsRoutines];
  if (isPast) {
    states.fill('free');
    for (const { address, size } of pieces) states.fill('sealed', (address - base) / blockBytes, (address - base) / blockBytes + blocksOf(size));
  }
  for (const { code } of codeMap.functions) {
    const stored = codeMemory.stored(code.address, code.bytes.length);
    for (let at = 0; at < stored.length; at += blockBytes) {
      if (Buffer.compare(stored.subarray(at, at + blockBytes), code.bytes.subarray(at, at + blockBytes)) !== 0) dirty.add(code.address + at);
    }
  }
  const stale = staleLines(codeMemory);
  const blocks = states.map((state, index): CodeBlock => {
    const address = base + index * blockBytes;
    return { address, state, isDirty: dirty.has(address), staleLines: stale.filter((line) => line >= address && line < address + blockBytes) };
  });
  return { base, blockBytes, lineBytes, blocks };
}
