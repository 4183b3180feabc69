/** What the host calls. */
import { allocate, freeAll, heap, load32, makeArea, store32 } from '@fireball/wasm';
import { constants, copies, events } from './layout/analyses.js';
import { heapStart } from './layout/blocks.js';
import { generation } from './layout/body.js';
import { functionHeap } from './layout/placing.js';

export { allocate } from '@fireball/wasm';
export { allocateRegisters } from './allocation.js';
export { giveRegisters, selectByNeed } from './driver/by-need.js';
export { compileFunction, placeFunction, readFunction } from './driver/compile.js';
export { nameOperands } from './driver/names.js';
export { readBody } from './body.js';
export { findCandidates } from './candidates.js';
export { findRegions } from './cold.js';
export { findLiveLocals } from './live-locals.js';
export { planFunction } from './plan.js';
export { analyseLocals, analyseUses } from './analyses.js';
export { frameBytes, savedPlaces } from './masm/stack.js';
export { placeSystemCallStub, placeYieldStub } from './masm/stubs.js';
export { crc32, prepareChecksums } from './placing/checksum.js';
export { layOut, layOutPlaced } from './placing/layout.js';
export { fillFirst, link } from './placing/patch.js';
export { verify } from './placing/verify.js';

/** Makes room at `heapStart` for tables that stay from one function to the next, in place of those before, and forgets the function before. False where there is no room. */
export function makeRoom(bytes: i32): boolean {
  freeAll(heapStart);
  const hasRoom = allocate(bytes) !== 0;
  store32(functionHeap, load32(heap));
  reset();
  return hasRoom;
}

/** Forgets the function before. */
export function reset(): void {
  freeAll(load32(functionHeap));
  makeArea(copies);
  makeArea(events);
  makeArea(constants);
  store32(generation, load32(generation) + 1);
}
