/** What a placed template is made of: columns of its record, each of a word. */

/** What it is, in the bits below. */
export const placedHead = 0;
/**
 * Its operands but the last one, a byte each, the first one in the lowest; of more than `mostOperandsOfBytes` the first four. Of a branch the values that its
 * forms take their operands from; of a table's entry the label where the table begins.
 */
export const placedBytes = 1;
/** The last operand; of more than `mostOperandsOfBytes` a byte for each that is left. Of what depends on the layout what it leads to: a label, an address, the number of a function or of a site. */
export const placedLast = 2;
export const placedWords = 3;
/** Of so many operands all but the last one are in one word. */
export const mostOperandsOfBytes = 5;
/** Most operands of a template that is placed. */
export const mostOperands = 8;

/** Bits of the head. Number of the template in the set. */
export const templateBits: i32 = 0x7ff;
/** How many half-words it has, if no more than these bits say; otherwise 0. */
export const sizeShift: i32 = 11;
export const sizeBits: i32 = 7;
/** Of a branch the number of its kind; of a table's entry that of the jump that stands behind the table where the entry does not reach. */
export const kindShift: i32 = 14;
export const kindBits: i32 = 0x3f;
/** Which of its operands depends on the layout: one of the fix-ups. */
export const fixupShift: i32 = 20;
export const fixupBits: i32 = 7;
/** Of a branch the number of the form in use. */
export const formShift: i32 = 25;
export const formBits: i32 = 7;
/** What it is for, one of the roles. */
export const roleShift: i32 = 28;
const roleBits: i32 = 3;
/** Is the last operand one of 2^31 or more? */
export const unsignedLast: i32 = 0x80_0000;
/** Is a label bound in front of it? Known once the function is laid out. */
export const labelled: i32 = 0x100_0000;

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
/** No template yet: the function is left here, by code that is known with the frame, and whose first template takes this place. */
export const siteFixup = 5;

/** Roles: it traps, a stub's or that of `unreachable` in place; data of a branch table; it loads or stores, and not by the frame's registers. */
export const trapRole = 1;
export const entryRole = 2;
export const accessRole = 3;

/** The fix-up of a record with this head. */
export function fixupOf(head: i32): i32 {
  return (head >>> fixupShift) & fixupBits;
}

/** Number of the kind of branch. */
export function kindOf(head: i32): i32 {
  return (head >>> kindShift) & kindBits;
}

/** Number of the form. */
export function formOf(head: i32): i32 {
  return (head >>> formShift) & formBits;
}

/** Number of the role; 0 for none. */
export function roleOf(head: i32): i32 {
  return (head >>> roleShift) & roleBits;
}
