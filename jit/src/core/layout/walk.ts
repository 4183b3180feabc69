/** What the walk of selection keeps of blocks and branches, and of code that comes later. Words, where nothing else is said; -1 is no label. */
import { walkBlock } from './blocks.js';

/** Area of the blocks that are open, the function itself first. */
export const openBlocks = walkBlock;
export const openKind = 0;
export const functionKind = 0;
export const blockKind = 1;
export const loopKind = 2;
export const ifKind = 3;
export const openSignature = 4;
/** Words and values on the stack below its parameters. */
export const openWords = 8;
export const openValues = 12;
/** Where branches to it go: a loop's header, otherwise the end. */
export const openLabel = 16;
/** Of an `if`, until its `else` is met: where that begins, and what temporaries contain where the condition does not hold. */
export const openElse = 20;
export const openOtherwise = 24;
/** Does anybody branch to its end? */
export const openIsTargeted = 28;
/** Not of loops: what temporaries contain on all branches to its end so far; 0 while there is none. */
export const openArriving = 32;
/** Index of the last branch table that names it, and where that leads, by way of a jump where it has to be forwards; -1 while that is not asked for. */
export const openTable = 36;
export const openTableLabel = 40;
export const openTableEntry = 44;
export const openStride = 48;

/** Registers in which results of a block meet, all of them or none: how many words, and which. */
export const resultRegCount = walkBlock + 12;
export const resultRegs = walkBlock + 16;
export const mostResultRegs = 2;
/** Where the function's code begins. */
export const entryLabel = walkBlock + 24;

/** Area of rows: cold regions that are open, outermost first. The number of the block that each reaches to, how many bytes of `coldRanges` are in front of its own, and of the labels by which control goes around it how many bytes they begin behind those of all, and how many there are. */
export const openRegions = walkBlock + 28;
export const regionBlock = 0;
export const regionRange = 4;
export const regionAround = 8;
export const regionAroundCount = 12;
export const regionStride = 16;
/** Area of those labels. */
export const aroundLabels = walkBlock + 40;
/** Area of the ranges of records that are cold, in the order in which they begin: begin and end. */
export const coldRanges = walkBlock + 52;
export const rangeStride = 8;

/** Area of copies of the entries that edges move. */
export const edgeEntries = walkBlock + 64;

/** Area of safepoints: where code leaves the usual way and comes back, and the offset of the instruction. */
export const yields = walkBlock + 76;
export const yieldStub = 0;
export const yieldBack = 4;
export const yieldOffset = 8;
export const yieldStride = 12;

/** Area of the headers of loops that can be entered from outside, in the order of their code: index of the instruction, label, and of the sp offsets of operand words that are in their homes how many bytes they begin behind those of all, and how many there are. */
export const loopHeaders = walkBlock + 88;
export const headerIndex = 0;
export const headerLabel = 4;
export const headerHomes = 8;
export const headerHomeCount = 12;
/** Label of the entry, once that is placed. */
export const headerEntry = 16;
export const headerStride = 20;
/** Area of those offsets. */
export const headerHomesArea = walkBlock + 100;

/** Area of where the words of arguments travel, a word each: a register, or `~offset` among the arguments on the stack; how many bytes these take. Does it have all registers for them, in their order? */
export const argumentPlaces = walkBlock + 112;
export const argumentStackBytes = walkBlock + 124;
export const hasAllRegisters = walkBlock + 168;

/** Area of boundaries, where it is asked for where locals and operands are: in front of each instruction that can be reached its index, a label, how many words are on the stack and have been put there so far, and the local that no place has because the flags have it, or -1. */
export const boundaries = walkBlock + 128;
export const boundaryIndex = 0;
export const boundaryLabel = 4;
export const boundaryLength = 8;
export const boundaryWrites = 12;
export const boundaryInFlags = 16;
export const boundaryStride = 20;

/** Area of home words that need their zero. */
export const zeroHomes = walkBlock + 140;

/** What is left where the count of a register's owners is wrong: is it one of floats, which one, and how many owners were found and noted. */
export const recountIsFloat = walkBlock + 152;
export const recountRegister = walkBlock + 156;
export const recountFound = walkBlock + 160;
export const recountNoted = walkBlock + 164;
/** Owners that are found, a word for each register; the same of floating-point registers. */
export const registerOwners = walkBlock + 0x100;
export const floatOwners = walkBlock + 0x180;

/** A word for each register: the last local word in it that an entry at a loop wants. */
export const wordsByRegister = walkBlock + 0x200;

/** Errors inside, beside those of `select.ts`: a register is counted wrong, or owned and no temporary; the prologue overwrites the link register; placing was refused, of which `refusal` says why. */
export const miscounted = 32;
export const ownedNoTemporary = 33;
export const linkOverwritten = 34;
export const refusedPlacing = 35;

/** Kinds of sites beside the epilogue: tail calls, by the callee, whose site's value is the address of the instruction's record; a call of the exact bounds check or of what several share. */
export const selfSite = 1;
export const directSite = 2;
export const slotSite = 3;
export const elementSite = 4;
export const boundsSite = 5;
