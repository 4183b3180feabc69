/** What the baseline compiler knows while it walks over a body. Words, where nothing else is said; what the compilers have in common is in `select.ts` and `walk.ts`. */
import { addressesBlock } from './blocks.js';

/** What the other compiler has there is of addresses, of which this one knows nothing. */
const baselineBlock = addressesBlock;

/** Address of the next byte of the body, and of what is behind the last one; what has to be added to an address for the offset in the module. */
export const position = baselineBlock;
export const bodyEnd = baselineBlock + 4;
export const origin = baselineBlock + 8;
/** Where the first instruction is. */
export const bodyStart = baselineBlock + 12;

/** What the scan finds: how often each word is named, a word for each, weighted by loops; is memory accessed; are there numbers of two words, or operations that a routine may carry out; are functions called? */
export const uses = baselineBlock + 16;
export const hasAccesses = baselineBlock + 20;
export const hasPairs = baselineBlock + 24;
export const hasCalls = baselineBlock + 28;
/** Of the instructions that somebody has been asked about, the one that comes next: address of its row in `asked`. */
export const nextAsked = baselineBlock + 32;
/** Of the memory's accesses, weighted by loops: how far behind the index the last byte lies in the one kind that may be more than half of them, and how many more than all others they are, so far. */
export const usualReach = baselineBlock + 0x130;
export const usualVotes = baselineBlock + 0x134;
/** Area of the kinds of the blocks that are open while the body is scanned. */
export const nesting = baselineBlock + 36;

/** Address of the place of each local word: a register, or -1, its home. */
export const wordPlaces = baselineBlock + 48;
/** Registers for temporaries, those that hold something, and those that ever did: sets. */
export const temporaries = baselineBlock + 52;
export const busy = baselineBlock + 56;
export const taken = baselineBlock + 60;
/** Callee-saved registers that locals have: a set. */
export const localRegs = baselineBlock + 64;
/** The register with the address of the memory; -1 without one. */
export const memoryReg = baselineBlock + 68;

/** The register with the last index for these accesses, where the memory's size is fixed; -1 without one. */
export const limitReg = baselineBlock + 0x148;
export const limit = baselineBlock + 0x14c;

/** Area of the words on the operand stack: rows, whose first word says of what kind one is, whether it is an upper word, and how many values are below. */
export const operands = baselineBlock + 72;
export const operandHead = 0;
export const kindMask = 0x7f;
export const constKind = 0;
/** In a temporary, in the register of a local, in a slot of the frame: its own home, or a local's. */
export const tempKind = 1;
export const localKind = 2;
export const slotKind = 3;
export const highBit = 0x80;
export const valueShift = 8;
/** The constant, the register, or the sp offset. */
export const operandValue = 4;
export const operandStride = 8;
/** How many values there are. */
export const valueCount = baselineBlock + 84;
/** How many bytes of rows lie below the innermost block: these are constants, or in their homes. */
export const baseBytes = baselineBlock + 88;

/** Where locations are asked for: how many bytes of rows lie below those that may have changed. */
export const changedFrom = baselineBlock + 0x12c;

/** Is the comparison that was read last pending (`pendingCondition`), for the instruction behind it? And the set of the registers that it reads. */
export const isPending = baselineBlock + 92;
export const pendingRegs = baselineBlock + 96;

/** What becomes of a result: it is pushed, or has been written to a local, which may be read again. */
export const resultWay = baselineBlock + 100;
export const pushed = 0;
export const written = 1;
export const writtenAndRead = 2;
/** Of two words, their registers. */
export const lowResult = baselineBlock + 104;
export const highResult = baselineBlock + 108;

/** The memory access in question: its base, a register that is held; the index, likewise, -1 without one; and otherwise the offset. Is its address a constant, and which? */
export const accessBase = baselineBlock + 116;
export const accessIndex = baselineBlock + 120;
export const accessOffset = baselineBlock + 124;
export const accessIsKnown = baselineBlock + 0x120;
export const accessAddress = baselineBlock + 0x124;

/** Number of the branch table that was read last. */
export const tableCount = baselineBlock + 112;

/** Registers of locals that have been checked as indices, and not been written since, on all ways to here: a set. And of each how far behind it the last byte lies that is in memory for certain. */
export const checkedRegs = baselineBlock + 0x150;
export const checkedReaches = baselineBlock + 0x180;

/** Of a parallel move: for each word the register that it is read from, -1 for what is none, and the one that it goes to. */
export const moveSources = baselineBlock + 0x80;
export const moveTargets = baselineBlock + 0xb0;
export const mostMoves = 12;
/** The words that locals are mentioned most by, in their order, while registers are given: words. */
export const ranking = baselineBlock + 0xe0;
export const mostRanked = 16;

/** A record for a constant of two words. */
export const longRecord = baselineBlock + 0x138;
