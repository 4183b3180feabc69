/** What the host calls. */
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
export { makeRoom, reset } from './room.js';
