/**
 * Tables of a template set, which the host makes of its metadata. They begin with the rows of templates, by their numbers; lists are named by how many words
 * they lie behind that. Lists that are the same are there once.
 */

/** Columns of a template's row, each half a word. How many bytes an instance has; the list of those of the one in which every field's value is 0, and, as many words behind, of the bits that no field fills. */
export const templateSize = 0;
export const templateBytes = 1;
/** Its operands, pairs of them that must differ, as byte offsets among the operands, and the bits of features that it needs: lists with their lengths. */
export const templateOperands = 2;
export const templateOperandCount = 3;
export const templateDistinct = 4;
export const templateDistinctCount = 5;
export const templateRequires = 6;
/** For patching: parts of operands that are not in the list of operands, and computed fields. */
export const templateParts = 7;
export const templatePartCount = 8;
export const templateComputed = 9;
export const templateComputedCount = 10;
/** For reading back: fields that are neighbouring bits of operands, as parts, and all others. */
export const templateRuns = 11;
export const templateRunCount = 12;
export const templateFields = 13;
export const templateFieldCount = 14;
/** Upper half of `templateRequires`. */
export const templateRequiresAbove = 15;
export const templateColumns = 16;

/** An operand: its legal values, a bit for each, all below 32; or, where `hasRule`, the list that says which they are. And in bits where it goes. */
export const operandLegal = 0;
export const operandPlace = 4;
export const operandStride = 8;
/** First bit in the code, and byte offset of the instruction, of an operand that goes there as it is. */
export const placeToBits: i32 = 0x1f;
export const placeOffsetShift: i32 = 8;
export const placeOffsetBits: i32 = 0x3ff;
export const isPlaced: i32 = 0x4000_0000;
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

/** A part: neighbouring bits of a value that are flipped in the code. First bit in the value, first bit in the code, how many bits of a word are left over, byte offset of the operand, byte offset of the instruction. */
export const partBits: i32 = 0x1f;
export const partToShift: i32 = 5;
export const partRestShift: i32 = 10;
export const partOperandShift: i32 = 15;
export const partOperandBits: i32 = 0x7c;
export const partOffsetShift: i32 = 22;
export const partOffsetBits: i32 = 0x3ff;

/** A computed field: by which function, of which operands, as byte offsets, how many parts; what is subtracted; and the parts. */
export const computedSource = 0;
export const computedBias = 4;
export const computedParts = 8;
/** Bits of a source. */
export const sourceFunctionBits: i32 = 0xff;
export const sourceFirstShift: i32 = 8;
export const sourceSecondShift: i32 = 16;
export const sourceOperandBits: i32 = 0xff;
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
/** A form: number of its template, which operand is the distance, from where it counts, its bounds and the list of values that it cannot have, and what the other operands are made of. */
export const formTemplate = 0;
export const formRelative = 1;
export const formOrigin = 2;
export const formLeast = 3;
export const formMost = 4;
export const formExcluded = 5;
export const formExcludedCount = 6;
export const formSourceCount = 7;
/** Number of a value, or, negative, of one of which bit 0 is flipped: `~number`. */
export const formSources = 8;
export const formColumns = 12;
