/** Heads of entries: the four bytes that `layout/select.ts` names, as one word. */
import { fixedSource, ownSource, sumEntry, wordSource } from '../layout/select.js';

/** Where each is: the kind, from where the first operand is read, operation or second source, and whether it is the upper word of a pair. */
export const kindBits: i32 = 0xff;
export const fromShift: i32 = 8;
export const fromBits: i32 = 0xff00;
export const shiftShift: i32 = 16;
export const highShift: i32 = 24;
export const highHead: i32 = 0x100_0000;

/** Of sums that are no upper words. */
export const wordHead: i32 = sumEntry | (wordSource << fromShift);
export const ownHead: i32 = sumEntry | (ownSource << fromShift);
export const fixedHead: i32 = sumEntry | (fixedSource << fromShift);
