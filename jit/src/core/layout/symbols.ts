/** What is known of one word of the operand stack. */

/** A computed value, of at most `symbolMax`, plus `symbolC` (wrapping). It may be a test: 1 where that is so, 0 where it is not. */
export const valueKind = 0;
/** A local word, between `symbolMin` and `symbolMax` when it was read, plus `symbolC` (wrapping), as long as it has been written `symbolVersion` times. */
export const localKind = 1;
/** A constant, which is its own bounds. */
export const constKind = 2;

/** The first word is four bytes, which are written as one. */
export const symbolKind = 0;
/** Is it the upper word of a pair? */
export const symbolHigh = 1;
export const highShift = 8;
/** Of a test: the condition, or none, which the local word (of that version, plus a constant) has to another constant. */
export const symbolCond = 2;
/** Has what was known of its bounds been forgotten where code is entered from outside? */
export const symbolIsUnbound = 3;
/** The other fields are words. */
export const symbolMin = 4;
export const symbolMax = 8;
export const symbolC = 12;
export const symbolWord = 16;
export const symbolVersion = 20;
export const symbolTestC = 24;
export const symbolTestValue = 28;
export const symbolStride = 32;
