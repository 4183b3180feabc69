/** Accesses that one bounds check covers: those of a local word + c, for c from `groupLow` on. Addresses of groups are in the order of their beginning. */

export const groupLocal = 0;
/** Added to the local (wrapping) to give the checked anchor. */
export const groupLow = 4;
/** Bytes behind the anchor that the check proves to be in bounds. */
export const groupExtent = 8;
/** Does the local's bound cover all of it, so that there is no check? */
export const groupIsBounded = 12;
export const groupNumber = 16;
/** First and last member, in program order, and how many there are. */
export const groupFirst = 20;
export const groupLast = 24;
export const groupMembers = 28;
/** Has another group of the same local an anchor from which an immediate leads to this one's? */
export const groupHasNeighbour = 32;
export const groupNext = 36;
/** Register of the group's pointer while selection has one: -1 for none, -2 before the first access. */
export const groupPointer = 40;
export const groupSize = 48;

/** One access of a group: index of its instruction. */
export const memberIndex = 0;
/** What it adds to the group's local (wrapping). */
export const memberC = 4;
/** Bytes behind that address which it needs: its offset and its width. */
export const memberBytes = 8;
export const memberWidth = 12;
/** Which run of code without labels and calls it stands in: native pointers do not outlive one. */
export const memberRun = 16;
/** Its neighbours in the group, and the next one of all groups; 0 where there is none. */
export const memberBefore = 20;
export const memberNext = 24;
export const memberNextOfAll = 28;
export const memberGroup = 32;
/** How many loops are around it, and how often it is executed in each turn of the innermost one (64 bits). */
export const memberLevel = 36;
export const memberShare = 40;
export const memberSize = 48;
