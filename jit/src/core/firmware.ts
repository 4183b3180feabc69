/** What firmware calls (vsoc/guest/core/core.c): all that this needs of the compiler is its own module, which is built for one target (packages/wasm/scripts/build-core.mjs). */
export { allocate } from '@fireball/wasm';
export { compileFunction, placeFunction, readFunction } from './driver/compile.js';
export { crc32 } from './placing/checksum.js';
export { labelOffset } from './placing/operands.js';
export { makeRoom, reset } from './room.js';
