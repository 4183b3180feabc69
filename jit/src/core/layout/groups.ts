/**
 * Accesses that one bounds check covers: those of a local word + c, for c from `groupLow` on. Groups and their members lie behind one another in the order in
 * which they begin, the first member behind its group.
 */

export const groupLocal = 0;
/** Added to the local (wrapping) to give the checked anchor. */
export const groupLow = 4;
/** Half a word: bytes behind the anchor that the check proves to be in bounds. */
export const groupExtent = 8;
/** A byte: does the local's bound cover all of it, so that there is no check? */
export const groupIsBounded = 10;
/** Last member in program order. */
export const groupLast = 12;
/** Which run of code without labels and calls that one stands in: native pointers do not outlive one. */
export const groupRun = 16;
/** Then, register of the group's pointer while selection has one: -1 for none, -2 before the first access. */
export const groupPointer = 16;
export const groupSize = 20;

/** One access of a group: index of its instruction. */
export const memberIndex = 0;
/** What it adds to the group's local (wrapping). */
export const memberC = 4;
/** Half a word: bytes behind that address which it needs, its offset and its width, which is a byte. */
export const memberBytes = 8;
export const memberWidth = 10;
/** The next one in the group; 0 where there is none. */
export const memberNext = 12;
export const memberGroup = 16;
export const memberSize = 20;

/** Flags, a byte, of a group: has another one of the same local an anchor from which an immediate leads to this one's? */
export const flagsField = 11;
export const hasNeighbour = 1;
/** Of a member, in the same byte: it is one; it is in a loop; the one in front of it in the group, and the next one, stand in the same run of code. */
export const isMember = 0x80;
export const isInLoop = 2;
export const continuesRun = 4;
export const isContinued = 8;
/** What these bytes and half-words are in their word. */
export const byteShift = 16;
export const flagsShift = 24;
