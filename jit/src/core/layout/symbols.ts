/** What is known of one word of the operand stack. */

/** A computed value, of at most `symbolMax`, plus `symbolC` (wrapping). It may be a test: 1 where that is so, 0 where it is not. */
export const valueKind = 0;
/** A local word, between `symbolMin` and `symbolMax` when it was read, plus `symbolC` (wrapping), as long as it has been written `symbolVersion` times. */
export const localKind = 1;
/** A constant, which is its own bounds. */
export const constKind = 2;

export const symbolKind = 0;
/** Is it the upper word of a pair? */
export const symbolHigh = 4;
export const symbolMin = 8;
export const symbolMax = 12;
export const symbolC = 16;
export const symbolWord = 20;
export const symbolVersion = 24;
/** Of a test: the condition, or none, which the local word (of that version, plus a constant) has to another constant. */
export const symbolCond = 28;
export const symbolTestC = 32;
export const symbolTestValue = 36;
/** Has what was known of its bounds been forgotten where code is entered from outside? */
export const symbolIsUnbound = 40;
export const symbolStride = 44;
