/** The body of the function in question, as records of its instructions. */
import { bodyBlock } from './blocks.js';

/** Address of the records, and how many there are. */
export const records = bodyBlock;
export const recordCount = bodyBlock + 4;
/** Address behind the labels of branch tables. */
export const labelsEnd = bodyBlock + 8;

/** How many functions there have been. */
export const generation = bodyBlock + 12;

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
