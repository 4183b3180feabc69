/**
 * What the core is told once of a module, words behind one another at an address of their own (`moduleWords` of `environment.ts`). First the entries of the
 * routines, by the numbers of operations; what is said to be somewhere here is so many bytes behind the beginning.
 */
import { operationCount } from './operations.js';

/** Where rows begin: of the functions, types, globals and tables, by their numbers. */
export const functionRows = operationCount << 2;
export const typeRows = functionRows + 4;
export const globalRows = functionRows + 8;
export const tableRows = functionRows + 12;

/** Signatures of blocks without a result, and with one of one word or two. */
export const emptySignature = functionRows + 16;
export const wordSignature = emptySignature + 12;
export const pairSignature = wordSignature + 16;
/** Where the others may begin. */
export const moduleEnd = pairSignature + 16;

/** A function: where its signature is, and the address of its slot. */
export const functionSignature = 0;
export const functionSlot = 4;
/** A type: where its signature is, and its number. */
export const typeSignature = 0;
export const typeNumber = 4;
/** A global: how many words it has, and its address. */
export const globalWords = 0;
export const globalAddress = 4;
/** A table, which has two rows: addresses of its record, and of its elements; how many these are for ever, 0 where that is not known. */
export const tableRecord = 0;
export const tableElements = 4;
export const tableCount = 8;
/** Each of these rows has so many bytes. */
export const moduleRowStride = 8;
