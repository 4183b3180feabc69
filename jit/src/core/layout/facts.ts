/** What is known of a local word at one point, which never changes; versions of what is known of all of them; and sets of groups. */

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

/** Of a version: the one that it differs from in one word, 0 where that is none; the word, what is known of it, and when that was found out. */
export const versionNext = 0;
export const versionWord = 4;
export const versionFact = 8;
export const versionAge = 12;
export const versionSize = 16;

/** A list of facts: address of its end, and then rows. */
export const listedWord = 0;
export const listedFact = 4;
export const listStride = 8;

/** Of a set: how many members it has, and has room for. */
export const setCount = 0;
export const setRoom = 4;
/** Two words of bits, by the lowest six bits of words: those of which it may have a member. */
export const setWords = 8;
export const firstOfSet = 16;
/** Members of a set, and facts of a version, at most. */
export const mostMembers = 64;
