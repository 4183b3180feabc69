/** Conditions, each the address of words (`machine.ts`). */
import { load32, store32 } from '@fireball/wasm';
import * as arithmetic from '../layout/arithmetic.js';
import {
  conditionA,
  conditionAHigh,
  conditionB,
  conditionBHigh,
  conditionBKind,
  conditionCode,
  conditionHolds,
  conditionTest,
  pairTest,
  register,
} from '../layout/machine.js';

/** Makes a condition its contrary. */
export function invert(condition: i32): void {
  const field = condition + (load32(condition + conditionTest) <= pairTest ? conditionCode : conditionHolds);
  store32(field, load32(field) ^ 1);
}

/** The condition of `arithmetic.ts` that holds for (b, a) exactly when this one holds for (a, b). */
export function swapped(cond: i32): i32 {
  return cond < arithmetic.ltS ? cond : cond ^ 2;
}

/** Is the general register one that the condition reads? */
export function readsRegister(condition: i32, reg: i32): boolean {
  const test = load32(condition + conditionTest);
  if (test > pairTest) return false;
  const isPair = test === pairTest;
  if (load32(condition + conditionA) === reg || (isPair && load32(condition + conditionAHigh) === reg)) return true;
  if (load32(condition + conditionBKind) !== register) return false;
  return load32(condition + conditionB) === reg || (isPair && load32(condition + conditionBHigh) === reg);
}
