/** What a placed template is made of: columns of its record, each of a word. */

/** Its number in the set. */
export const placedTemplate = 0;
/** Byte offset from the start of the function, once that is laid out. */
export const placedOffset = 1;
/** Offset of the wasm instruction, from the start of the module. */
export const placedWasm = 2;
/** What it is for, one of the roles, and from `checkShift` on the number of the shared check that it belongs to, from 1 on. */
export const placedNote = 3;
/** Which of its operands depends on the layout: one of the fix-ups. */
export const placedFixup = 4;
/** What it leads to: a label, an address, the number of a function or of a site. */
export const placedTarget = 5;
/** Of a branch the number of its kind; of a table's entry that of the jump that stands behind the table where the entry does not reach. */
export const placedKind = 6;
/** Of a branch the number of the form in use. */
export const placedForm = 7;
/** Of others, a bit for each value of 2^31 or more. */
export const placedUnsigned = 7;
/** Of a branch what its forms take their operands from; of a table's entry the label where the table begins; of others the operands, of which no template that selection places has more than fit. */
export const placedValues = 8;
export const placedWords = 16;

/** Nothing depends on the layout. */
export const noFixup = 0;
/** A branch to a label of this function. */
export const toLabel = 1;
/** A branch to an address outside of it. */
export const toAddress = 2;
/** A branch to another function's entry, whose place is known when the code is linked. */
export const toCallee = 3;
/** An entry of a branch table: the distance in half-words from where the table begins to a label. */
export const tableFixup = 4;
/** No template yet: the function is left here, by code that is known with the frame. */
export const siteFixup = 5;

export const checkShift = 2;

/** Roles: it traps, a stub's or that of `unreachable` in place; data of a branch table; it loads or stores, and not by the frame's registers. */
export const trapRole = 1;
export const entryRole = 2;
export const accessRole = 3;
