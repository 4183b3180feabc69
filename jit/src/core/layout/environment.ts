/** What the host writes of the environment that code is for, and of how it is wanted. Words; what is yes or no is 1 or 0. */
import { environmentBlock } from './blocks.js';

/** Of the instance's memory: entry of the exact bounds check, address of the record, and the logarithm of a page's size. */
export const boundsRoutine = environmentBlock;
export const memoryRecord = environmentBlock + 4;
export const pageShift = environmentBlock + 8;

/** Where result words beyond the fourth go. */
export const resultBuffer = environmentBlock + 12;
/** Address of what is told of the module (`module.ts`): a word for each operation first, entry of the routine that carries it out, 0 where there is none. */
export const moduleWords = environmentBlock + 16;
/** Do routines lie beyond the reach of a direct call? */
export const farRoutines = environmentBlock + 20;
/** What code calls when it yields. */
export const safepointService = environmentBlock + 24;
/** sp must stay at or above this. */
export const stackLimit = environmentBlock + 28;
/** Does the core trap on misaligned accesses, so that code accesses bytes instead? */
export const splitsMisaligned = environmentBlock + 32;

/** Nothing but calls and routines needs the link register: it may hold values. */
export const ownsLink = environmentBlock + 36;
/** Number of the function, and the offset of its body in the module. */
export const functionIndex = environmentBlock + 40;
export const functionStart = environmentBlock + 44;
/** Is it asked for where locals and operands are? */
export const recordsLocations = environmentBlock + 48;
/** Are owners of registers counted anew after every operation? */
export const recountsOwners = environmentBlock + 52;

/** Is it asked for calls of other functions, because some of them may be called without their slots? */
export const asksForCalls = environmentBlock + 56;
/** Area of the addresses of records that `nameOperands` leaves to whoever calls it. */
export const asked = environmentBlock + 60;

/** Is the function compiled by the baseline compiler? */
export const isBaseline = environmentBlock + 76;

/** What has come of `compileFunction` and `placeFunction`: the outcomes below; and the offset of the instruction that is not supported. */
export const failedAt = environmentBlock + 72;
export const compiled = 0;
/** There is no room for so large a function. */
export const tooLarge = 1;
/** The instruction needs a routine that there is none of. */
export const lacksRoutine = 2;
/** Its branches reach too far, or its code is too much. */
export const tooMuchCode = 3;
/** An error of the compiler. */
export const failed = 4;
/** The code read back is not what was to be placed. */
export const notVerified = 5;
/** It has instructions whose operands somebody must name first: `asked` has them. */
export const asks = 6;
