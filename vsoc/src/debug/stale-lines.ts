import { lineBytes, type CodeMemory } from '../chip/code-memory.js';

/** Addresses of lines of which the instruction cache holds something else than memory. Reads only. */
export function staleLines(codeMemory: CodeMemory): number[] {
  const { stored, fetched } = codeMemory.views();
  const cached = Buffer.concat(fetched);
  const stale: number[] = [];
  for (let at = 0; at < stored.length; at += lineBytes) {
    if (Buffer.compare(stored.subarray(at, at + lineBytes), cached.subarray(at, at + lineBytes)) !== 0) stale.push(codeMemory.base + at);
  }
  return stale;
}
