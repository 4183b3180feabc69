/** The comparison about to be consumed; its registers are held until then. */
import { load32, store32 } from '@fireball/wasm';
import { conditionA, conditionB, conditionBKind, conditionCode, conditionStride, conditionTest } from '../layout/machine.js';
import { noHeld, pendingCondition, pendingCount, pendingHelds } from '../layout/select.js';
import { invert } from '../masm/condition-words.js';
import { release } from './releasing.js';

/** Another one. */
export function clearPending(): void {
  for (let at = 0; at < conditionStride; at += 4) store32(pendingCondition + at, 0);
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
  const end = pendingHelds + (load32(pendingCount) << 2);
  for (let at = pendingHelds; at < end; at += 4) release(load32(at));
  store32(pendingCount, 0);
}

/** Makes it its contrary. */
export function invertPending(): void {
  invert(pendingCondition);
}
