/**
 * Tables of a template set, which the host makes of its metadata. They begin with the rows of templates, by their numbers; lists are named by how many words
 * they lie behind that. Lists that are the same are there once.
 */

/**
 * Columns of a template's row, each half a word. How many bytes an instance has; the list of those of the one in which every field's value is 0, and, as many
 * words behind, of the bits that no field fills.
 */
export const templateSize = 0;
export const templateBytes = 1;
/** List of three words: bits that may be 1 in the first two words of operands, and the features that it needs, a bit for each. */
export const templateMasks = 2;
/** Lists with their lengths: of operands that masks do not say everything about, and of pairs of places whose operands must differ. */
export const templateRules = 3;
export const templateRuleCount = 4;
export const templateDistinct = 5;
export const templateDistinctCount = 6;
/** For patching: parts of operands, and computed fields. */
export const templateParts = 7;
export const templatePartCount = 8;
export const templateComputed = 9;
export const templateComputedCount = 10;
/** For reading back: fields that are neighbouring bits of operands, as parts, and all others. */
export const templateRuns = 11;
export const templateRunCount = 12;
export const templateFields = 13;
export const templateFieldCount = 14;
export const templateColumns = 16;

/** Words of `templateMasks`. */
export const firstMask = 0;
export const secondMask = 4;
export const requiredFeatures = 8;

/** Where an operand lies, in a byte: byte offset of the word; which byte of that it is, if it is one. */
export const placeWordBits: i32 = 0x7c;
export const placeByteBits: i32 = 3;
export const isByte: i32 = 0x80;
export const placeBits: i32 = 0xff;

/** An operand that has to be looked at: its legal values, a bit for each, all below 32; or, where `hasRule`, the list that says which they are. And its place. */
export const ruleLegal = 0;
export const rulePlace = 4;
export const ruleStride = 8;
export const hasRule: i32 = -0x8000_0000;

/** Rules, columns of words: within bounds; of a list; a set of registers. */
export const ruleKind = 0;
export const rangeRule = 1;
export const listRule = 2;
export const registersRule = 3;
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

/** A part: neighbouring bits of a word that are flipped in the code. First bit in the word, first bit in the code, how many bits of a word are left over, byte offset of the word of operands, byte offset of the instruction. */
export const partBits: i32 = 0x1f;
export const partToShift: i32 = 5;
export const partRestShift: i32 = 10;
export const partWordShift: i32 = 15;
export const partWordBits: i32 = 0x7c;
export const partOffsetShift: i32 = 22;
export const partOffsetBits: i32 = 0x3ff;

/** A computed field: by which function, of operands at which places, how many parts; what is subtracted; and the parts. */
export const computedSource = 0;
export const computedBias = 4;
export const computedParts = 8;
/** Bits of a source. */
export const sourceFunctionBits: i32 = 0xff;
export const sourceFirstShift: i32 = 8;
export const sourceSecondShift: i32 = 16;
export const sourceCountShift: i32 = 24;

/** A field that is no neighbouring bits of an operand, columns of words: where it is, and which bits it fills; the source of its value, what is subtracted, how far it is shifted, and which bits of it reach the code; how it is solved: lists with their lengths. */
export const fieldOffset = 0;
export const fieldFootprint = 1;
export const fieldSource = 2;
export const fieldBias = 3;
export const fieldShift = 4;
export const fieldReach = 5;
export const fieldSums = 6;
export const fieldSumCount = 7;
export const fieldReads = 8;
export const fieldReadCount = 9;
export const fieldRest = 10;
export const fieldColumns = 11;

/** A step of reading a field back: where a bit is 1, a mask leaves the word and bits enter the value. */
export const sumPivot = 0;
export const sumMask = 1;
export const sumBits = 2;
export const sumColumns = 3;
/** Bits that are flipped by one bit of the value each: first one in the word, mask of so many, first one in the value. */
export const readFrom = 0;
export const readMask = 1;
export const readTo = 2;
export const readColumns = 3;

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
