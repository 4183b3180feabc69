/**
 * Tables of a template set, which the host makes of its metadata. They begin with the rows of templates, by their numbers; lists are named by how many words
 * they lie behind that. Lists that are the same are there once.
 */

/** Columns of a template's row, each half a word. Two words: bits that may be 1 in the first two words of operands. */
export const templateFirstMask = 0;
export const templateSecondMask = 2;
/** How many bytes an instance has, and the features that it needs, a bit for each. */
export const templateSize = 4;
export const templateFeatures = 5;
/** List of its words, as many as it has. */
export const templateWords = 6;
/** Lists with their lengths: of operands that have few legal values, and of all else that masks do not say. */
export const templateChoices = 7;
export const templateChoiceCount = 8;
export const templateRules = 9;
export const templateRuleCount = 10;
/** For patching: computed fields. For reading back: all fields that are no slices. */
export const templateComputed = 11;
export const templateComputedCount = 12;
export const templateFields = 13;
export const templateFieldCount = 14;
export const templateColumns = 16;
export const mostFeatures = 16;

/** A word of an instance: what it is where every field's value is 0, and the bits that no field fills. Lists of slices with their lengths, in half words: those that are flipped in the code, and those that are read back. */
export const wordBits = 0;
export const wordFixed = 4;
export const wordParts = 8;
export const wordPartCount = 10;
export const wordRuns = 12;
export const wordRunCount = 14;
export const wordStride = 16;

/**
 * A slice: neighbouring bits of operands that are neighbours in the code. These bits of the code, and how they get there: the address of the word of
 * operands, how far that is rotated to the right, and, where it is not known otherwise, the byte offset of the word of code.
 */
export const sliceMask = 0;
export const sliceWay = 4;
export const sliceStride = 8;
export const wayAddressBits: i32 = 0xffff;
export const wayRotationShift: i32 = 16;
export const wayOffsetShift: i32 = 21;
export const wayOffsetBits: i32 = 0x7ff;

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

/** A computed field: by which function, of operands at which places, how many slices; what is subtracted; and the slices of the value, which is in no word of operands. */
export const computedSource = 0;
export const computedBias = 4;
export const computedSlices = 8;
/** Bits of a source. */
export const sourceFunctionBits: i32 = 0xff;
export const sourceFirstShift: i32 = 8;
export const sourceSecondShift: i32 = 16;
export const sourceCountShift: i32 = 24;

/**
 * A field that is no slices of operands, columns of words: where it is, and what is there where its value is 0; the source of its value, and what is subtracted;
 * slices of the value, which is in no word of operands, and steps to be taken before, lists with their lengths. Bits of the code, and of the value, that must be 0
 * behind these steps.
 */
export const fieldOffset = 0;
export const fieldBits = 1;
export const fieldSource = 2;
export const fieldBias = 3;
export const fieldSlices = 4;
export const fieldSliceCount = 5;
export const fieldSums = 6;
export const fieldSumCount = 7;
export const fieldRest = 8;
export const fieldLeft = 9;
export const fieldColumns = 10;

/** A step of reading a field back: where a bit of the code is 1, a mask leaves the code and bits the value. */
export const sumPivot = 0;
export const sumMask = 1;
export const sumBits = 2;
export const sumColumns = 3;

/** A kind of branch: list of its forms, and how many there are. */
export const kindForms = 0;
export const kindCount = 1;
export const kindColumns = 2;
/** A form: number of its template, whose last operand is the distance, from where that counts, its bounds and the list of values that it cannot have, and what the other operands are made of. */
export const formTemplate = 0;
export const formOrigin = 1;
export const formLeast = 2;
export const formMost = 3;
export const formExcluded = 4;
export const formExcludedCount = 5;
export const formSourceCount = 6;
/** A byte for each operand: which byte of the branch's values it is, and from `sourceFlip` on whether bit 0 is flipped. */
export const formSources = 7;
export const formSourceBits: i32 = 3;
export const formFlipShift: i32 = 2;
export const formColumns = 8;
