/** The function whose templates are placed: words where nothing else is said. */
import { placingBlock } from './blocks.js';

/** What the host writes. Addresses of the rows of templates, and of the kinds of branches. */
export const templates = placingBlock;
export const kinds = placingBlock + 4;
/** Address of the records of placed templates, and how many there are. Address of their segments, in the order of the code (`layout/masm.ts`), and where the last one ends. */
export const records = placingBlock + 8;
export const recordCount = placingBlock + 12;
export const segments = placingBlock + 0xd0;
export const segmentsEnd = placingBlock + 0xd4;
/** Where records are that have been moved to make room for jumps: their indices, by those that they had, -1 for what is no part of the code. 0 where none were. And how many they were. */
export const movedTo = placingBlock + 0xf4;
export const movedCount = placingBlock + 0xf8;
/** Address of what labels are bound to, the index of a record or -1, and how many there are. */
export const labels = placingBlock + 16;
export const labelCount = placingBlock + 20;
/** Address of the byte offsets of labels, once they are laid out, and of a bit for each half-word of the code, in which verification notes where labels may be bound. */
export const labelOffsets = placingBlock + 0xd8;
export const starts = placingBlock + 0xdc;
/** Address of the code, how many bytes it has, and where it will run. */
export const code = placingBlock + 24;
export const codeSize = placingBlock + 28;
export const codeAddress = placingBlock + 32;
/** Address of the ranges that code may branch to outside of the function, first address and the one behind the last, and how many there are. */
export const entries = placingBlock + 36;
export const entryCount = placingBlock + 40;
/** Bits of the features that the core has which will run the code. */
export const features = placingBlock + 44;

/** What the core writes. Number of the record, or of the label (`unbound`, `gap`), with which something is wrong. */
export const problem = placingBlock + 48;
/** Where the memory of functions begins: behind the tables of the template set in use. */
export const functionHeap = placingBlock + 52;
/** Where the memory in use has ended before some of it was given back. */
export const mostHeap = placingBlock + 56;
/** Addresses of the first and the last record that is a table's entry; 0 where there is none. */
export const firstEntry = placingBlock + 60;
export const lastEntry = placingBlock + 0xf0;
/** Operands of the template in question, a word each. */
export const operands = placingBlock + 64;
/** The first two of them joined, as a template's row says. */
export const joint = placingBlock + 0xcc;
/** Where the code ends that templates were made, or compared with, of one word each. */
export const behindWords = placingBlock + 0xfc;
/**
 * While the function is laid out: area of branches to labels, in the order of the code, behind a row that is none: address of the record, how many bytes are between the branch before and
 * this one, address of the form of now, and two offsets where it ends, in the forms of now and in those that branches get meanwhile, which is which by turns. And how many bytes there are
 * behind the last one.
 */
export const branches = placingBlock + 0xc0;
export const branchRecord = 0;
export const branchGap = 4;
export const branchForm = 8;
export const branchEnd = 12;
export const branchNext = 16;
export const branchStride = 20;
export const tail = placingBlock + 0xe0;
/** Lists of labels that are bound within a few records, by the first of each, and the next one of each: numbers from 1 on. Of a label that the code has come to, instead, which branch is in front of it, by the bytes of rows before that one's; `labelOffsets` has how many bytes are between them. And how many labels it has not come to. */
export const labelLists = placingBlock + 0xe4;
export const labelLinks = placingBlock + 0xe8;
export const labelsAhead = placingBlock + 0xec;
/** CRC-32 of each byte. */
export const checksums = placingBlock + 0x100;

/** What comes of it: all is well, there is no room, a label was never bound, a branch reaches nowhere near. */
export const fine = 0;
export const noRoom = 1;
export const unbound = 2;
export const tooFar = 3;
/** A template cannot be filled with its values; a function that is called has no place yet. */
export const refused = 4;
export const unplaced = 5;
/** The code is not what was placed: a label lies where no template begins, the core lacks a feature, bytes differ, a branch leads to no entry, something is left. */
export const gap = 6;
export const lacksFeature = 7;
export const differs = 8;
export const noEntry = 9;
export const notFilled = 10;
