/** Tables of a template set, which the host makes of its metadata: columns of rows, each of a word. Addresses of lists come with the address behind them. */

/** Of a template, by its number: bytes of the instance in which every field's value is 0, how many there are, and the bits that no field fills. */
export const templateSize = 0;
export const templateBytes = 1;
export const templateFixed = 2;
/** Its operands, pairs of them that must differ, as byte offsets among the operands, and the bits of features that it needs. */
export const templateOperands = 3;
export const templateOperandsEnd = 4;
export const templateDistinct = 5;
export const templateDistinctEnd = 6;
export const templateRequires = 7;
/** For patching: parts of operands, and computed fields. */
export const templateParts = 8;
export const templatePartsEnd = 9;
export const templateComputed = 10;
export const templateComputedEnd = 11;
/** For reading back: fields that are neighbouring bits of operands, and all others. */
export const templateRuns = 12;
export const templateRunsEnd = 13;
export const templateFields = 14;
export const templateFieldsEnd = 15;
export const templateColumns = 16;

/** Which values an operand may take: of `bits` those whose bit is set; within bounds; of a list; a set of registers. */
export const operandRule = 0;
export const bitsRule = 0;
export const rangeRule = 1;
export const listRule = 2;
export const registersRule = 3;
/** The bits; of a set, all registers that may be in it, and how many must be. */
export const operandBits = 1;
export const operandLeast = 2;
/** What multiples must leave: the low bits that must be 0; or, negative, the number of which they are multiples, and what is left of 2^31 then. */
export const operandStep = 3;
export const operandHalfway = 4;
/** Of values below 2^31: bounds, and a list of values that may be taken, or, within bounds and in sets, not. */
export const operandBelow = 5;
/** The same of values from 2^31 on, as numbers with sign. */
export const operandAbove = 9;
export const boundLeast = 0;
export const boundMost = 1;
export const boundList = 2;
export const boundListEnd = 3;
export const operandColumns = 13;

/** Neighbouring bits of a value that are flipped in the code, in the order of instructions: first bit in the value, first bit in the code from bit 8 on, and the byte offset of the operand from bit 16 on; mask of so many bits; byte offset of the instruction. */
export const partPlace = 0;
export const partToShift = 8;
export const partOperandShift = 16;
export const partMask = 1;
export const partOffset = 2;
export const partColumns = 3;

/** A computed field: by which function, of which operands, as byte offsets, what is subtracted, and its parts. */
export const computedFunction = 0;
export const computedFirst = 1;
export const computedSecond = 2;
export const computedBias = 3;
export const computedParts = 4;
export const computedPartsEnd = 5;
export const computedColumns = 6;

/** A field that is neighbouring bits of an operand: byte offset of the instruction, its bits in the template, first bit, mask of so many; the operand and how far it is shifted. */
export const runOffset = 0;
export const runBytes = 1;
export const runFrom = 2;
export const runMask = 3;
export const runOperand = 4;
export const runShift = 5;
export const runColumns = 6;

/** Any other field: where it is, its bits in the template, and which it fills; how its value is computed, shifted, and cut; how it is solved. */
export const fieldOffset = 0;
export const fieldBytes = 1;
export const fieldFootprint = 2;
export const fieldFunction = 3;
export const fieldFirst = 4;
export const fieldSecond = 5;
export const fieldBias = 6;
export const fieldShift = 7;
export const fieldReach = 8;
export const fieldSums = 9;
export const fieldSumsEnd = 10;
export const fieldReads = 11;
export const fieldReadsEnd = 12;
export const fieldRest = 13;
export const fieldColumns = 14;

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

/** A kind of branch: address of its forms, and how many there are. */
export const kindForms = 0;
export const kindCount = 1;
export const kindColumns = 2;
/** A form: number of its template, which operand is the distance, from where it counts, its bounds and values that it cannot have, and what the other operands are made of. */
export const formTemplate = 0;
export const formRelative = 1;
export const formOrigin = 2;
export const formLeast = 3;
export const formMost = 4;
export const formExcluded = 5;
export const formExcludedEnd = 6;
export const formSourceCount = 7;
/** Number of a value, or, negative, of one of which bit 0 is flipped: `~number`. */
export const formSources = 8;
export const formColumns = 16;
