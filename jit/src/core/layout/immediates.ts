/** What follows the opcode of an instruction, and where the record has it. */

export const none = 0;
/** One number: a. */
export const index = 1;
/** Two numbers: a and b. */
export const indexPair = 2;
export const blockType = 3;
export const labels = 4;
/** a. */
export const word = 5;
export const wordBits = 6;
/** a is the low word, b the high one. */
export const long = 7;
export const longBits = 8;
/** Bytes that say nothing. */
export const oneByte = 9;
export const twoBytes = 10;
/** One number, a, and a byte that says nothing. */
export const indexAndByte = 11;
/** Types that nobody asks for: one, or a list. */
export const type = 12;
export const types = 13;
