/** An open block of the first walk. */

export const controlIsLoop = 0;
/** Of the instruction that begins it. */
export const controlIndex = 4;
/** Words on the operand stack below its parameters, and address of its signature. */
export const controlHeight = 8;
export const controlSignature = 12;
/** What holds at its end on every branch to it so far, a set of groups and one of facts; 0 while there is none. */
export const endGroups = 16;
export const endFacts = 20;
/** Of an `if`, until its `else` is met: what held when the condition was looked at. */
export const falseGroups = 24;
export const falseFacts = 28;
/** Of all that comes to the block, and to its end by branches (64 bits). */
export const controlShare = 32;
export const controlArriving = 40;
/** Number of the innermost loop that it is or lies in; -1 where there is none. */
export const controlLoop = 48;
/** Index of the last branch table that names it, its share of that (64 bits), and the block that the table names for the first time behind it. */
export const tableIndex = 52;
export const tableShare = 56;
export const tableNext = 64;
export const controlStride = 72;
