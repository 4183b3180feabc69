/** Code behind a branch that mostly goes around it: it is moved away once the body is selected. */
import { load32, makeArea, store32, take, usedBytes, usedField } from '@fireball/wasm';
import { latest } from '../layout/masm.js';
import { pendingCondition } from '../layout/select.js';
import { aroundLabels, coldRanges, openRegions, rangeStride, regionAround, regionAroundCount, regionBlock, regionRange, regionStride } from '../layout/walk.js';
import { labelsHere, newLabel, rebind } from '../masm/assembly.js';
import { bind, branchIf, jump } from '../masm/conditions.js';
import { moveBehind } from '../masm/moving.js';
import { placedCount } from '../masm/records.js';
import { numberOf } from './open-blocks.js';
import { outOfMemory } from './failure.js';

export function beginColdRegions(): void {
  makeArea(openRegions);
  makeArea(aroundLabels);
  makeArea(coldRanges);
}

/** Where the pending condition holds, control leaves the usual way for a cold region, which begins here and reaches to the end, or the `else`, of a block. */
export function enterColdRegion(block: i32): void {
  const cold = newLabel();
  branchIf(pendingCondition, cold);
  const count = labelsHere();
  const row = take(openRegions, regionStride);
  const around = take(aroundLabels, count << 2);
  const range = take(coldRanges, rangeStride);
  if (row === 0 || around === 0 || range === 0) {
    outOfMemory();
    return;
  }
  store32(row + regionBlock, numberOf(block));
  store32(row + regionRange, range - load32(coldRanges));
  store32(row + regionAround, around - load32(aroundLabels));
  store32(row + regionAroundCount, count);
  for (let at = 0; at < count << 2; at += 4) store32(around + at, load32(load32(latest) + at));
  store32(range, placedCount());
  bind(cold);
}

/** Ends the cold regions that reach up to here: they go on at the label, where the usual way is. */
export function leaveColdRegions(block: i32, label: i32, isReachable: boolean): void {
  if (usedBytes(openRegions) !== 0) leaveRegions(block, label, isReachable);
}

/** @noinline */
function leaveRegions(block: i32, label: i32, isReachable: boolean): void {
  const number = numberOf(block);
  let runsOn = isReachable;
  while (usedBytes(openRegions) > 0) {
    const row = load32(openRegions + usedField) - regionStride;
    if (load32(row + regionBlock) !== number) return;
    store32(openRegions + usedField, row);
    if (runsOn) jump(label);
    rebind(load32(aroundLabels) + load32(row + regionAround), load32(row + regionAroundCount));
    store32(load32(coldRanges) + load32(row + regionRange) + 4, placedCount());
    // The usual way around this one lies in the next outer one.
    runsOn = true;
  }
}

/** Moves what is cold behind the body. */
export function moveColdRanges(): void {
  const count = usedBytes(coldRanges) / rangeStride;
  if (count > 0) moveBehind(load32(coldRanges), count);
}
