/** The body of the function in question, as records of its instructions. */
import { bodyBlock } from './blocks.js';

/** Address of the records, and how many there are. */
export const records = bodyBlock;
export const recordCount = bodyBlock + 4;
/** Address behind the labels of branch tables. */
export const labelsEnd = bodyBlock + 8;

/** How many functions there have been. */
export const generation = bodyBlock + 12;

/** Has it calls, of functions that return to another caller, too? */
export const mayCall = bodyBlock + 16;

/** Address of the indices of steps, and of what is behind them: of the instructions that move control, begin or end where it may go, call something, or name a local. */
export const steps = bodyBlock + 20;
export const stepsEnd = bodyBlock + 24;

/** Words of a record. One of `classes.ts`. */
export const classField = 0;
/** Immediates: one of 64 bits is two words, the low one first. */
export const aField = 4;
export const bField = 8;
/** Offset in the module. */
export const offsetField = 12;
/** One of `operations.ts`. */
export const operationField = 16;
export const recordStride = 32;

/** Of an instruction that opens a block, instead of immediates: index of its `end`, and of its `else`, 0 where there is none. */
export const endField = aField;
export const elseField = bField;
/** Its type: the number of one, or `emptyType`, or the encoding of the type of the only result, as a negative number of 7 bits. */
export const typeField = 20;
/** Index of the instruction that opens the block around it; -1 where there is none. */
export const outerField = 24;
export const emptyType = -0x40;

/** Of `else` and `end`: index of the instruction that opens the block; -1 for the function's own `end`. */
export const openerField = aField;

/** Of a branch table: how many bytes before `labelsEnd` its labels begin, words, and how many there are, the default last. */
export const labelsField = aField;
export const labelCountField = bField;

/** What the first walk finds out of an instruction: bits. Of a memory access: not executed in most turns of a loop; which plan it has; last one of its group in its run of code, and followed by others. */
export const flagsField = 28;
export const isRare = 1;
export const planMask = 0x700;
export const staticPlan = 0x100;
export const boundedPlan = 0x200;
export const groupPlan = 0x300;
export const singlePlan = 0x400;
export const endsRun = 0x800;
export const isFollowed = 0x1000;
/** A mask, or the check of a table's index, is superfluous; of a shift, the mask of its amount. */
export const isForegone = 2;
export const isShort = 0x10;
/** The comparison behind it needs no mask: it is one of an interval, below its limit or not. */
export const isInterval = 4;
export const isBelowLimit = 8;

/** Of an access: native address of a static one, group of one that has one, and what that one adds to the group's local. */
export const staticField = 20;
export const groupField = 20;
export const addedField = 24;

/** Of an interval: what is to be added, and the limit. */
export const deltaField = 20;
export const limitField = 24;

/** What the host knows of an instruction: signature of a call; address of a slot, of a global, of the elements of a table or of a record, and whether it is wanted; words of a global. */
export const signatureField = 20;
export const addressField = 24;
export const isWantedField = 8;
export const wordsField = 20;

/** Of an indirect call: number of its type, and address of the table's record. Of what works on a table, a segment, or several of these: address of its record, or theirs. */
export const typeNumberField = aField;
export const tableField = bField;
/** Of a branch or `if`, once it is planned: most of the time control goes around what is behind it. */
export const isColdBranch = 0x2000;

/** Of an instruction that writes a local, once a loop is planned: index of the next one that does, 0 where there is none, which no validated body begins with. */
export const nextWriteField = bField;
export const noWrite = 0;

/** Of a loop, where others have an `else`: address of what is known of it, 0 before that. */
export const loopField = bField;
