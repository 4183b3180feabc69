/** How selection carries out each operation: a row of bytes, which the host writes once. */
import { familiesBlock } from './blocks.js';

/** A byte for its family, one of those below, and three that the family says more by. */
export const families = familiesBlock;
export const familyStride = 4;

/** On two words, by the operation of `arithmetic.ts`. */
export const aluFamily = 0;
/** Of two words, by the condition of `arithmetic.ts`. */
export const compareFamily = 1;
/** By the division of `machine.ts`. */
export const divideFamily = 2;
/** On one word, by the operation of `machine.ts`; and those that not every target has. */
export const unaryFamily = 3;
export const countFamily = 4;
/** By the accesses of `machine.ts` for the words, low one first, `noAccess` where there is no second one; how one word becomes a pair. */
export const loadFamily = 5;
/** By the accesses; how many words the operand has. */
export const storeFamily = 6;
/** On pairs: one of the kinds below, and what that one says. */
export const pairFamily = 7;
/** On floats: one of the kinds below, their type, and what the kind says. */
export const floatFamily = 8;
/** On signs, by the operation of `arithmetic.ts` and the type. */
export const signFamily = 9;
/** Words stay where they are. */
export const reinterpretFamily = 10;
/** A routine carries it out, on numbers, and on the records of memories and tables. */
export const routineFamily = 11;
export const recordFamily = 12;
/** A case of its own. */
export const specialFamily = 13;

export const noAccess = 0xff;
/** How a word that is loaded becomes a pair. */
export const notExtended = 0;
export const signExtended = 1;
export const zeroExtended = 2;

/** Of pairs: add and sub; and, or, xor; shl, shrS, shrU, by their numbers of `arithmetic.ts`; rotations, eq and ne, and orders by their conditions. */
export const pairAdd = 0;
export const pairLogic = 1;
export const pairMultiply = 2;
export const pairShift = 3;
export const pairRotate = 4;
export const pairEquality = 5;
export const pairEqz = 6;
export const pairCompare = 7;
export const pairWrap = 8;
/** With sign or without; and of what: one of the operands below. */
export const pairExtend = 9;

export const rotateRight = 0;
export const rotateLeft = 1;

/** The operand of an extension is a word; the low word of a pair; or that one after an operation on it, `extend8S` or `extend16S` of `machine.ts`. */
export const ofWord = 0xff;
export const ofPair = 0xfe;

/** Of floats: the operation on two, the rounding. */
export const floatBinary = 0;
export const floatSqrt = 1;
export const floatRound = 2;
/** The condition, with `fails` where it is that it does not hold. */
export const floatCompare = 3;
/** From a word, with sign or without. */
export const floatConvert = 4;
/** To a word, by bits. */
export const floatTruncate = 5;
/** From the other type. */
export const floatPrecision = 6;

export const fails = 0x10;
export const isSigned = 1;
export const isSaturating = 2;
