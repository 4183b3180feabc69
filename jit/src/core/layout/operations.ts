/** Tables that the host writes once: a byte for each operation. */
import { operationsBlock } from './blocks.js';

/** An operation's number is its byte, or so much more than what is behind the prefix. */
export const prefix = 0xfc;
export const firstPrefixed = 0x100;
export const operationCount = 0x120;

/** What an operation is to the analyses: one of `classes.ts`. */
export const classOf = operationsBlock;
/** What follows it in the body: one of `immediates.ts`. */
export const immediatesOf = operationsBlock + operationCount;
/** What kind it is of its class: one of `arithmetic.ts`; of an access, how many bytes it moves. */
export const detailOf = operationsBlock + 2 * operationCount;
/** How many words it takes: of a store, those of its operand; of a numeric one, all. */
export const takenBy = operationsBlock + 3 * operationCount;
/** What it leaves, one of the results below. */
export const resultOf = operationsBlock + 4 * operationCount;
/** How it is carried out on the target, one of the ways below. */
export const wayOf = operationsBlock + 5 * operationCount;

export const noResult = 0;
export const word = 1;
export const pair = 2;
/** A pair whose upper word is 0. */
export const extendedWord = 3;
/** Words, or pairs with the upper word 0, of few bits. */
export const byte = 4;
export const extendedByte = 5;
export const half = 6;
export const extendedHalf = 7;

export const inline = 0;
export const routine = 1;
/** Inline, and traps for some operands. */
export const trapping = 2;
/** By a routine, unless the last operand is a constant. */
export const routineOfVariable = 3;

/** How the upper word of an i64 that it makes follows from the lower one: bits of `analyses.ts`. Of a constant it depends on the constant. */
export const extensionsOf = operationsBlock + 6 * operationCount;
export const i64Const = 0x42;

/** Numbers of two operations that are of no class of their own. */
export const memorySize = 0x3f;
export const rotateLeft = 0x77;
