/** What is known of a local word at one point; and sets of that, each word's once, the youngest last. None of them is changed once somebody else has seen it. */

export const factMin = 0;
export const factMax = 4;
/** Bits: which of the next two there are. */
export const factFlags = 8;
export const hasNot = 1;
export const hasOthers = 2;
/** A number that it is not. */
export const factNot = 12;
/**
 * Index of the instruction that begins a loop, since whose header the word has become `factDelta` more (wrapping), or, where there are others, has got
 * another value of at most `factOthers`; -1 where this is not known for any loop.
 */
export const factLoop = 16;
export const factDelta = 20;
export const factOthers = 24;
export const factSize = 28;

/** Of a set: how many members it has, and has room for. */
export const setCount = 0;
export const setRoom = 4;
/** Bits, by the lowest five bits of words: those of which it may have a member. */
export const setWords = 8;
export const firstOfSet = 12;
/** Of a member of a set of facts. */
export const memberWord = 0;
export const memberFact = 4;
export const memberStride = 8;
/** Members of a set at most: where paths meet, each is looked at. */
export const mostMembers = 64;
