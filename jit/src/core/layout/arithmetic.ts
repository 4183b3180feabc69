/** Numbers of operations on words, and of conditions. */

export const add = 0;
export const sub = 1;
export const and = 2;
export const or = 3;
export const xor = 4;
export const shl = 5;
export const shrS = 6;
export const shrU = 7;
export const rotr = 8;
export const mul = 9;
/** Uses of an operand that are none. */
export const compare = 10;
export const test = 11;

/** Conditions begin at 1; the contrary of each is beside it, and orders are in fours. */
export const noCondition = 0;
export const eq = 2;
export const ne = 3;
export const ltS = 4;
export const geS = 5;
export const gtS = 6;
export const leS = 7;
export const ltU = 8;
export const geU = 9;
export const gtU = 10;
export const leU = 11;

/** Operations on the sign of a float. */
export const abs = 0;
export const neg = 1;
export const copysign = 2;
