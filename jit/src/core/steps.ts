/** Listing the instructions that most analyses look at, which are less than half of all. */
import { allocate, load32, store32 } from '@fireball/wasm';
import { freeFrom } from './heap.js';
import { classAt } from './instructions.js';
import { blockDepth, loopCount } from './layout/analyses.js';
import { recordCount, records, recordStride, steps, stepsEnd } from './layout/body.js';
import * as classes from './layout/classes.js';

/** Lists the steps of a body; counts its loops, and the blocks that are open at most, the function itself included. False where there is no room. */
export function listSteps(): boolean {
  const count = load32(recordCount);
  const list = allocate(count << 2);
  if (list === 0) return false;
  let step = list;
  let depth = 1;
  let deepest = 1;
  let loops = 0;
  let record = load32(records);
  for (const end = record + count * recordStride; record < end; record += recordStride) {
    const kind = classAt(record);
    if (kind > classes.localTee) continue;
    store32(step, record);
    step += 4;
    if (kind > classes.end) continue;
    if (kind === classes.loop) loops++;
    if (kind === classes.end) depth--;
    else if (kind !== classes.elseThen && ++depth > deepest) deepest = depth;
  }
  store32(steps, list);
  store32(stepsEnd, step);
  freeFrom(step);
  store32(blockDepth, deepest);
  store32(loopCount, loops);
  return true;
}
