/** The two words of an i64 on the operand stack: low below high. */
import { store8 } from '@fireball/wasm';
import { entryHigh } from '../layout/select.js';
import { isConst } from './entries.js';
import { push } from './operand-stack.js';

/** Are both words constants? */
export function isConstantPair(low: i32, high: i32): boolean {
  return isConst(low) && isConst(high);
}

/** Pushes two entries, which nobody else has, as the words of a pair. */
export function pushWords(low: i32, high: i32): void {
  store8(low + entryHigh, 0);
  push(low);
  store8(high + entryHigh, 1);
  push(high);
}
