/**
 * Tables of a template set, which the host makes of its metadata. They begin with the rows of templates, by their numbers; lists are named by how many words
 * they lie behind that. Lists that are the same are there once.
 */

/** Of a template's row, words: bits that must be 0 in the first two words of operands; what the second word, a number with sign, is at least, and how far above that it may be. */
export const templateFirstZeros = 0;
export const templateSecondZeros = 4;
export const templateLeast = 8;
export const templateSpan = 12;
/** Of the bytes of the joint word of operands some must not have a pattern: the bits in which such a byte has it, and which of these are 0 there; of all other bytes 0. */
export const templateNever = 16;
export const templateNeverBits = 20;
/** Columns, each half a word: how many bytes an instance has, and the features that it needs, a bit for each. */
export const templateSize = 12;
export const templateFeatures = 13;
/** What is subtracted from the second word of operands, and how far that is shifted to the left, before it is joined to the first word. */
export const templateBias = 14;
export const templateShift = 15;
/** Lists of steps: of patching, and of reading back. */
export const templatePatching = 16;
export const templateReading = 17;
/** Lists: of operands that have few legal values, and of all else that masks, bounds and patterns do not say. How long they are, a byte for each; and the highest bit where steps look for operands in memory. */
export const templateChoices = 18;
export const templateRules = 19;
export const templateMore = 20;
/** How it is filled, and read back, in the bits below. */
export const templateWays = 21;
/**
 * Of one that is a word of code of slices of the joint word, words: what the code is where every operand is 0; how far three slices are rotated to the right, and a fourth one, a byte for each; their masks;
 * and bits that are known, which are those of slices, too. With the fourth slice comes another one, of the second word of operands, less what is subtracted: the list of steps has the two masks and its rotation. Where
 * a function makes something of the last operand first, the list ends with its number.
 */
export const templateBits = 44;
export const templateRotations = 48;
export const templateMasks = 52;
export const templateKnown = 64;
export const templateColumns = 34;
export const templateStride = 68;
export const fourthMask = 0;
export const lastMask = 4;
export const lastRotation = 8;
/** Slices that every such template has, and those of the joint word that are there at most. */
export const slicesOfWord = 3;
export const mostOfWord = 4;
export const mostFeatures = 16;
export const choiceCountBits: i32 = 0xff;
export const ruleCountShift: i32 = 8;
export const ruleCountBits: i32 = 0x7f;
export const looksForMore: i32 = 0x8000;

/**
 * Ways of a template. It is filled, or read back, by steps; or else it is a word. What masks do not say of operands of one that is filled as a word: it has patterns, bounds, or
 * operands with few legal values, all of which are bytes of the first word. And has it the further slices, and a function of the last operand?
 */
export const fillsBySteps: i32 = 0x8000;
export const readsBySteps: i32 = 0x4000;
export const hasPattern: i32 = 1;
export const hasBounds: i32 = 2;
export const hasChoices: i32 = 4;
export const hasMore: i32 = 8;
export const isDerived: i32 = 0x10;

/**
 * A step of patching or reading back: what it does to one word of an instance. Its source says where that is, and what value it works with: the joint word of
 * operands, unless one is computed. What the word is where every field's value is 0, unless a step before has seen to that. Four slices of the value, which are
 * flipped in the code or compared: how far each is rotated to the right, a byte for each, and their masks, 0 where there are fewer. List of further slices of operands, with its length, in half words. Of reading, bits that must be as they are.
 */
export const stepSource = 0;
export const stepBits = 4;
export const stepRotations = 8;
export const stepMasks = 12;
export const stepParts = 28;
export const stepPartCount = 30;
export const stepFixed = 32;
export const stepStride = 36;
/** Where the value is computed: what is subtracted from it. Of reading, bits of it that must be 0, and a list of sums, with its length. */
export const stepBias = 36;
export const stepLeft = 40;
export const stepSums = 44;
export const stepSumCount = 46;
export const longStepStride = 48;
/** How many slices a step has by itself. */
export const fewSlices = 4;
/** Bits of a source: is this the last step of the template; by which function of operands at which places the value is computed, if it is; byte offset of the word. */
export const sourceFunctionBits: i32 = 0x3f;
export const isLastStep: i32 = 0x40;
export const isComputed: i32 = 0x80;
export const sourceFirstShift: i32 = 8;
export const sourceSecondShift: i32 = 16;
export const sourceOffsetShift: i32 = 24;
/** A sum, of reading: where a bit of the code is 1, a mask leaves the code and bits the value. Columns of words. */
export const sumPivot = 0;
export const sumMask = 1;
export const sumBits = 2;
export const sumColumns = 3;

/** A slice: neighbouring bits of operands that are neighbours in the code. These bits of the code, and how they get there: the address of the word of operands, and how far that is rotated to the right. */
export const sliceMask = 0;
export const sliceWay = 4;
export const sliceStride = 8;
export const wayAddressBits: i32 = 0xffff;
export const wayRotationShift: i32 = 16;

/** An operand with few legal values: a bit for each, and, as slices have it, how the operand gets into the lowest bits. */
export const choiceLegal = 0;
export const choiceWay = 4;
export const choiceStride = 8;

/** Where an operand lies, in a byte: byte offset of the word; which byte of that it is, if it is one. */
export const placeWordBits: i32 = 0x7c;
export const placeByteBits: i32 = 3;
export const isByte: i32 = 0x80;
export const placeBits: i32 = 0xff;

/** An operand that has to be looked at closely, and its place: from which value on how many are legal, with bits that must be 0, all below 2^31; or, where `isListed`, the list that says what it may be. */
export const ruleFirst = 0;
export const ruleMore = 4;
export const ruleZeros = 8;
export const rulePlace = 12;
export const ruleStride = 16;
export const isListed: i32 = 0x100;

/** Rules, columns of words: within bounds; of a list; a set of registers; or another operand than that at a place. */
export const ruleKind = 0;
export const rangeRule = 1;
export const listRule = 2;
export const registersRule = 3;
export const otherRule = 4;
export const otherPlace = 1;
/** Of a set, all registers that may be in it, and how many must be. */
export const ruleBits = 1;
export const ruleLeast = 2;
/** What multiples must leave: the low bits that must be 0; or, negative, the number of which they are multiples, and what is left of 2^31 then. */
export const ruleStep = 3;
export const ruleHalfway = 4;
/** Of values below 2^31: bounds, and a list, with its length, of values that may be taken, or, within bounds and in sets, not. */
export const ruleBelow = 5;
/** The same of values from 2^31 on, as numbers with sign. */
export const ruleAbove = 9;
export const boundLeast = 0;
export const boundMost = 1;
export const boundList = 2;
export const boundCount = 3;
export const ruleColumns = 13;

/** A kind of branch: list of its forms, and how many there are. */
export const kindForms = 0;
export const kindCount = 1;
export const kindColumns = 2;
/** A form: its template, number and size as in the head of a record, whose last operand is the distance, from where that counts, its bounds and the list of values that it cannot have, and what the other operands are made of. */
export const formTemplate = 0;
export const formOrigin = 1;
export const formLeast = 2;
export const formMost = 3;
export const formExcluded = 4;
export const formExcludedCount = 5;
export const formSourceCount = 6;
/** A byte for each operand: which byte of the branch's values it is, and from `sourceFlip` on whether bit 0 is flipped; where the count is 0, bits of the branch's values that are the operands. */
export const formSources = 7;
export const formSourceBits: i32 = 3;
export const formFlipShift: i32 = 2;
export const formColumns = 8;
