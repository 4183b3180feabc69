/** What the host calls. */
import { freeAll } from '@fireball/wasm';
import { heapStart } from './layout/blocks.js';

export { allocate } from '@fireball/wasm';
export { readBody } from './body.js';

/** Forgets the function before. */
export function reset(): void {
  freeAll(heapStart);
}
