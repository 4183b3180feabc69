/** What follows the opcode of an instruction, and where the record has it. */

export const none = 0;
/** One number: a. */
export const index = 1;
/** An alignment, which says nothing, and an offset: a. */
export const memarg = 2;
/** a. */
export const word = 3;
export const wordBits = 4;
/** Two numbers: a and b. */
export const indexPair = 5;
export const blockType = 6;
export const labels = 7;
/** a is the low word, b the high one. */
export const long = 8;
export const longBits = 9;
/** Bytes that say nothing. */
export const oneByte = 10;
export const twoBytes = 11;
/** One number, a, and a byte that says nothing. */
export const indexAndByte = 12;
/** Types that nobody asks for: one, or a list. */
export const type = 13;
export const types = 14;

/** With one of these: the instruction has a record of the rest, too. */
export const withRest = 0x80;
