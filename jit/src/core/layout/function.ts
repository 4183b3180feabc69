/** What the host says of the function in question, its module, its addresses and its target. */
import { functionBlock } from './blocks.js';

/** One of the targets below. */
export const target = functionBlock;
export const thumb2 = 0;
export const rv32 = 1;

/** Address of its signature. */
export const functionSignature = functionBlock + 4;

/** Address of the indices of loops that can be entered from outside, words in their order, and how many there are. */
export const enteredLoops = functionBlock + 8;
export const enteredCount = functionBlock + 12;

/** Has the instance a memory? */
export const hasMemory = functionBlock + 16;
/** Native address of its byte 0. */
export const memoryBase = functionBlock + 20;
/** Number of its last byte that is there for certain, if there is one. */
export const hasBytes = functionBlock + 24;
export const lastByte = functionBlock + 28;
/** Is there no other size while code of the instance is active? */
export const isFixed = functionBlock + 32;
/** Is the module trusted to access nothing outside, so that code makes no bounds checks? */
export const isTrusted = functionBlock + 44;
/** Does it leave the end of its memory, of a fixed size, alone, so that one check of a local may be of more than is accessed? */
export const checksWidely = functionBlock + 48;

/** Is there a flag that safepoints look at, and its address. */
export const hasSafepoint = functionBlock + 36;
export const safepointFlag = functionBlock + 40;

/** A signature: words of the parameters, how many parameters and results there are; then words of each result, and of each parameter. */
export const wordsOfParameters = 0;
export const parameterCount = 4;
export const resultCount = 8;
export const firstResult = 12;
