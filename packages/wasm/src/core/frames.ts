/** Fields of a frame that is open: offsets of words. */

/** Number of its row in the table of controls. */
export const frameRow = 0;
/** Numbers of the lists of its parameters, of its results, and of what branches to it carry. */
export const frameParams = 4;
export const frameResults = 8;
export const frameCarried = 12;
/** Address of the topmost operand below it. */
export const frameBase = 16;
/** 1 for an `if` without `else` until here. */
export const frameLacksElse = 20;
/** While another is open inside: is what follows in it unreachable? */
export const frameIsDead = 24;
/** Where jumps are wanted. Of a loop, where branches to it go on, and the row of jumps that is next there; of others, the last row that waits for the frame's end, from which a chain leads to the others. */
export const frameTo = 28;
export const frameNext = 32;
export const frameWaiting = 36;
/** The row of an `if` that waits for its `else` or end. */
export const frameIf = 40;
export const frameStride = 44;
