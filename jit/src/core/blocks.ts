/** How blocks lie in one another. */
import { load32, store32 } from '@fireball/wasm';
import { classAt, recordOf } from './instructions.js';
import { blockDepth, loopCount } from './layout/analyses.js';
import { recordCount } from './layout/body.js';
import * as classes from './layout/classes.js';

/** Counts the loops of a body, and the blocks that are open at most, the function itself included. */
export function measureBlocks(): void {
  const count = load32(recordCount);
  let depth = 1;
  let deepest = 1;
  let loops = 0;
  for (let index = 0; index < count; index++) {
    const kind = classAt(recordOf(index));
    if (kind > classes.end) continue;
    if (kind === classes.loop) loops++;
    if (kind === classes.end) depth--;
    else if (kind !== classes.elseThen && ++depth > deepest) deepest = depth;
  }
  store32(blockDepth, deepest);
  store32(loopCount, loops);
}
