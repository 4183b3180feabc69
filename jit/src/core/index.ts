/** What the host calls. */
import { freeAll, load32, makeArea, store32 } from '@fireball/wasm';
import { constants, copies, events } from './layout/analyses.js';
import { heapStart } from './layout/blocks.js';
import { generation } from './layout/body.js';

export { allocate } from '@fireball/wasm';
export { allocateRegisters } from './allocation.js';
export { readBody } from './body.js';
export { findCandidates } from './candidates.js';
export { findRegions } from './cold.js';
export { findLiveLocals } from './live-locals.js';
export { planFunction } from './plan.js';
export { analyseLocals, analyseUses } from './analyses.js';
export { crc32, prepareChecksums } from './placing/checksum.js';
export { layOut } from './placing/layout.js';
export { link } from './placing/patch.js';
export { verify } from './placing/verify.js';

/** Frees what lies from an address on. */
export function freeFrom(address: i32): void {
  freeAll(address);
}

/** Forgets the function before. */
export function reset(): void {
  freeAll(heapStart);
  makeArea(copies);
  makeArea(events);
  makeArea(constants);
  store32(generation, load32(generation) + 1);
}
