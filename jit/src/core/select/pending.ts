/** The comparison about to be consumed; its registers are held until then. */
import { load32, store32 } from '@fireball/wasm';
import {
  conditionA,
  conditionAHigh,
  conditionB,
  conditionBHigh,
  conditionBKind,
  conditionCode,
  conditionHolds,
  conditionTest,
  conditionType,
} from '../layout/machine.js';
import { noHeld, pendingCondition, pendingCount, pendingHelds } from '../layout/select.js';
import { invert } from '../masm/condition-words.js';
import { release } from './releasing.js';

/** Another one. @noinline */
export function clearPending(): void {
  store32(pendingCondition + conditionTest, 0);
  store32(pendingCondition + conditionCode, 0);
  store32(pendingCondition + conditionHolds, 0);
  store32(pendingCondition + conditionType, 0);
  store32(pendingCondition + conditionA, 0);
  store32(pendingCondition + conditionAHigh, 0);
  store32(pendingCondition + conditionBKind, 0);
  store32(pendingCondition + conditionB, 0);
  store32(pendingCondition + conditionBHigh, 0);
  store32(pendingCount, 0);
}

/** It compares words: its test, condition and operands. */
export function pendCompare(test: i32, cond: i32, a: i32, bKind: i32, b: i32): void {
  store32(pendingCondition + conditionTest, test);
  store32(pendingCondition + conditionCode, cond);
  store32(pendingCondition + conditionA, a);
  store32(pendingCondition + conditionBKind, bKind);
  store32(pendingCondition + conditionB, b);
}

/** It holds this, if that is something. */
export function addPendingHeld(held: i32): void {
  if (held === noHeld) return;
  const count = load32(pendingCount);
  store32(pendingHelds + (count << 2), held);
  store32(pendingCount, count + 1);
}

/** It holds nothing any more. */
export function releasePending(): void {
  if (load32(pendingCount) !== 0) releaseHelds();
}

/** @noinline */
function releaseHelds(): void {
  const end = pendingHelds + (load32(pendingCount) << 2);
  for (let at = pendingHelds; at < end; at += 4) release(load32(at));
  store32(pendingCount, 0);
}

/** Makes it its contrary. */
export function invertPending(): void {
  invert(pendingCondition);
}
