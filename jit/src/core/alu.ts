/** What is true of operations on words. */
import * as arithmetic from './layout/arithmetic.js';

/** May its operands change places? */
export function commutes(operation: i32): boolean {
  return (
    operation === arithmetic.add || operation === arithmetic.mul || operation === arithmetic.and || operation === arithmetic.or || operation === arithmetic.xor
  );
}

/** Without sign. */
export function isPowerOfTwo(value: i32): boolean {
  return value !== 0 && (value & (value - 1)) === 0;
}
