/** Code behind the function, off the hot path. */
import { load32, usedBytes } from '@fireball/wasm';
import {
  deferred,
  deferredKind,
  deferredOffset,
  deferredStride,
  edge,
  floatTruncate,
  forwardJump,
  growingCheck,
  nearCheck,
  splitLoad,
  splitStore,
  stageCheck,
} from '../layout/select.js';
import { attribute } from '../masm/assembly.js';
import { emitGrowingCheck, emitNearCheck } from './bounds-checks.js';
import { emitEdge, emitJump } from './edges.js';
import { emitFloatDeferred } from './truncation.js';
import { emitStageCheck } from './joint-checks.js';
import { emitSplitAccess } from './memory.js';
import { isGoingOn } from './progress.js';
import { forgetTemps } from './state.js';

/** Places all that waits; more may come while that is done, after which the address of a row is no longer good. */
export function emitOutOfLine(): void {
  for (let at = 0; at < usedBytes(deferred) && isGoingOn(); at += deferredStride) {
    forgetTemps();
    const row = load32(deferred) + at;
    attribute(load32(row + deferredOffset));
    emit(row);
  }
}

function emit(row: i32): void {
  switch (load32(row + deferredKind)) {
    case nearCheck:
      emitNearCheck(row);
      return;
    case growingCheck:
      emitGrowingCheck(row);
      return;
    case splitLoad:
    case splitStore:
      emitSplitAccess(row);
      return;
    case edge:
      emitEdge(row);
      return;
    case forwardJump:
      emitJump(row);
      return;
    case stageCheck:
      emitStageCheck(row);
      return;
    case floatTruncate:
      emitFloatDeferred(row);
      return;
  }
}
