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
/** How the upper word of an i64 that it makes follows from the lower one: bits of `analyses.ts`. Of a constant it depends on the constant. */
export const extensionsOf = operationsBlock + 2 * operationCount;
export const i64Const = 0x42;
