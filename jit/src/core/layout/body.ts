/** The body of the function in question, as records of its instructions. */
import { bodyBlock } from './blocks.js';

/** Address of the records, and how many there are. */
export const records = bodyBlock;
export const recordCount = bodyBlock + 4;
/** How many of them are of instructions. */
export const instructionCount = bodyBlock + 28;
/** How many functions there have been. */
export const generation = bodyBlock + 8;

/** Has it calls, of functions that return to another caller, too? */
export const mayCall = bodyBlock + 12;

/** How many memory accesses it has. */
export const mostAccesses = bodyBlock + 24;

/** How many blocks are open while instructions are read, the function itself included. */
export const openBlocks = bodyBlock + 16;

/** What a record begins with: a byte, one of `classes.ts`; nine bits, one of `operations.ts`; and flags. */
export const classField = 0;
export const operationShift = 8;
export const operationBits = 0x1ff;
export const flagsField = 0;
/** The class and the operation alone. */
export const withoutFlags = 0x1_ffff;
/** Words. Offset in the module. */
export const offsetField = 4;
/** Immediate. */
export const aField = 8;
export const recordStride = 12;

/** Few instructions need more: those have a record in front of their own, with a class that says so and the same operation. An immediate of 64 bits is two words, the low one first. */
export const bField = -8;
const moreField = -4;

/** Of an instruction that opens a block, instead of immediates: index of its `end`, until that is read of what opens the block around it, -1 where there is none; and of its `else`, 0 where there is none. */
export const endField = aField;
export const outerField = aField;
export const elseField = bField;
/** Its type: the number of one, or `emptyType`, or the encoding of the type of the only result, as a negative number of 7 bits. */
export const typeField = moreField;
export const emptyType = -0x40;

/** Of `else` and `end`: index of the instruction that opens the block; -1 for the function's own `end`. */
export const openerField = aField;

/** Of a branch table: address of its labels, words, and how many there are, the default last. */
export const labelsField = aField;
export const labelCountField = bField;
/** The branch table before it, until labels are read: address of its record. */
export const tableBeforeField = moreField;

/** What the first walk finds out of an instruction: flags. Of a memory access: not executed in most turns of a loop; which plan it has. */
export const isRare = 0x2_0000;
export const planMask = 0x700_0000;
export const staticPlan = 0x100_0000;
export const boundedPlan = 0x200_0000;
export const groupPlan = 0x300_0000;
export const singlePlan = 0x400_0000;
/** A mask, or the check of a table's index, is superfluous; of a shift, the mask of its amount. */
export const isForegone = 0x4_0000;
export const isShort = 0x20_0000;
/** The comparison behind it needs no mask: it is one of an interval, below its limit or not. */
export const isInterval = 0x8_0000;
export const isBelowLimit = 0x10_0000;
/** Of a branch or `if`, once it is planned: most of the time control goes around what is behind it. */
export const isColdBranch = 0x2000_0000;

/** Of an access: its offset, unless it has one of the others: native address of a static one, and the member that it is of a group. */
export const memoryOffsetField = aField;
export const staticField = aField;
export const memberField = aField;

/** Of an interval: what is to be added, and the limit, which the comparison has two records behind it. */
export const deltaField = aField;
export const limitField = 2 * recordStride + aField;

/** What the host knows of an instruction: signature of a call; address of a slot, 0 where that is not wanted, of a global, or of a record; words of a global. */
export const signatureField = bField;
export const addressField = moreField;
export const wordsField = bField;
/** As long as somebody is asked for the address: number of the operation. */
export const askedOperationField = moreField;
/** Of a reference to a function: its number, and once that is named, address of its slot. */
export const referenceField = aField;

/** Of an indirect call: number of its type, and address of what is known of the table. */
export const typeNumberField = aField;
export const tableField = moreField;

/** Of a loop, where others have an `else`: address of what is known of it, 0 before that. */
export const loopField = bField;
