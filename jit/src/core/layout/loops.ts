/** What a walk finds out of a loop and its ways round, and of loops that begin together. */

/** What is known of local words on the edges back: a version until the loop ends, and a list behind it; 0 where there is none. */
export const loopRound = 0;
/** The words that it writes, of which something was known in front of it: a chain. */
export const loopBefore = 4;
/** May its header be one place of the code with that of another loop? There nobody can tell the ways round the one from those round the other. */
export const loopIsShared = 8;
export const loopIndex = 12;
export const loopSize = 16;

export const beforeWord = 0;
export const beforeNext = 4;
export const beforeSize = 8;

/** A loop, another in it, and the words that get a constant between their headers: a chain. */
export const nestedOuter = 0;
export const nestedInner = 4;
export const nestedWords = 8;
export const nestedNext = 12;
export const nestedSize = 16;

/** An instruction in an outermost loop that writes a word: its index, and the next one; 0 where there is none. */
export const writeIndex = 0;
export const writeNext = 4;
export const writeSize = 8;

export const bareWord = 0;
export const bareNext = 4;
export const bareSize = 8;
