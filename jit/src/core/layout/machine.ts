/** Numbers of what a machine does, as macro assemblers name it, beside the operations and conditions of `arithmetic.ts`. */

/** Kinds of a second operand: a register's number, or a constant. */
export const register = 0;
export const immediate = 1;

/** Accesses: bit 0 for loads, logarithm of how many bytes from bit 1 on, bit 3 for those that extend a sign. */
export const store8 = 0;
export const load8U = 1;
export const store16 = 2;
export const load16U = 3;
export const storeWord = 4;
export const loadWord = 5;
export const load8S = 9;
export const load16S = 11;

export const divS = 0;
export const divU = 1;
export const remS = 2;
export const remU = 3;

export const clz = 0;
export const ctz = 1;
export const extend8S = 2;
export const extend16S = 3;
export const extend8U = 4;
export const extend16U = 5;

/** Types of floats. */
export const f32Type = 0;
export const f64Type = 1;

export const floatAdd = 0;
export const floatSub = 1;
export const floatMul = 2;
export const floatDiv = 3;
export const floatMin = 4;
export const floatMax = 5;

export const nearest = 0;
export const trunc = 1;
export const floor = 2;
export const ceil = 3;

/** Conditions of floats. */
export const floatLe = 0;
export const floatLt = 1;
export const floatEq = 2;
export const floatGe = 3;
export const floatGt = 4;

/** A condition: words at an address. What is compared, one of the kinds below; one of `arithmetic.ts`, or of the conditions of floats. */
export const conditionTest = 0;
export const conditionCode = 4;
/** Of what the flags tell, instead: do they tell of it still when it has been consumed? */
export const conditionLasts = conditionCode;
/** Of floats and of what the flags tell: does it hold, or fail? */
export const conditionHolds = 8;
/** Type of floats. */
export const conditionType = 12;
/** Registers: of the word or float, or of both words of a pair. */
export const conditionA = 16;
export const conditionAHigh = 20;
/** The second operand: its kind, and its words, the upper one of pairs only. */
export const conditionBKind = 24;
export const conditionB = 28;
export const conditionBHigh = 32;
export const conditionStride = 36;

/** Of words: a COND b, or (a AND b) COND 0, where COND is eq or ne. */
export const compareTest = 0;
export const bitsTest = 1;
/** Of pairs, orders only. */
export const pairTest = 2;
/** Of floats: where one is NaN the condition fails. */
export const floatTest = 3;
/** What the flags tell of since `holdCondition`, until it is consumed for the last time. */
export const heldTest = 4;
