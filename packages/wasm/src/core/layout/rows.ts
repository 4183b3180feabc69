/** Columns of the side tables: words of a row. */

/** Of the table of controls: what begins there, a `functionKind`, `blockKind`, `loopKind` or `ifKind`. */
export const controlKind = 0;
/** Offset of the opening instruction; of the first instruction for the function. */
export const controlStart = 1;
/** Offset of the first instruction inside. */
export const controlBody = 2;
/** Offset of the `else`; 0 where there is none. */
export const controlElse = 3;
/** Offset of the matching `end`. */
export const controlEnd = 4;
/** Operands below it. */
export const controlHeight = 5;
/** Row of the enclosing frame; -1 for the function. */
export const controlParent = 6;
/** How many loops enclose its inside. */
export const controlLoopDepth = 7;
/** How many branches name it. */
export const controlBranches = 8;
/** Number of its signature. */
export const controlSignature = 9;
export const controlColumns = 10;

export const functionKind = 0;
export const blockKind = 1;
export const loopKind = 2;
export const ifKind = 3;

/** Of the table of branches: offset of the instruction, row of the frame that it names, and how many operands it carries. */
export const branchAt = 0;
export const branchControl = 1;
export const branchArity = 2;
export const branchColumns = 3;

/**
 * Of the table of jumps, which an interpreter goes by: a row for every label of a branch, and for every `if`, `else`, `return` and tail call that can be reached, in code order; on request for every
 * `loop`, too, whose row counts arrivals, so that branches lead to it. Offset where it goes on; of the `loop` for its own row.
 */
export const jumpTo = 0;
/** Row that comes next there, counted from the function's first; `loopArrival` for the row of a loop. */
export const jumpNext = 1;
export const loopArrival = -1;
/** Operands that go, and how many on top of them stay; both 0 where nothing moves. */
export const jumpDropped = 2;
export const jumpKept = 3;
export const jumpColumns = 4;

/** Of the table of unreachable code: its first offset, and the one behind it. */
export const deadStart = 0;
export const deadEnd = 1;
export const deadColumns = 2;
