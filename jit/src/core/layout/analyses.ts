/** What the analyses of a body and the allocation of registers read and write. Words, where nothing else is said. */
import { analysesBlock } from './blocks.js';

/** What the host writes of a function's locals: how many there are, and how many of them are parameters; the same of their words. */
export const localCount = analysesBlock;
export const parameterCount = analysesBlock + 4;
export const wordCount = analysesBlock + 8;
export const parameterWords = analysesBlock + 12;
/** Address of the number of each local's first word, and of one more that would follow. */
export const firstWords = analysesBlock + 16;

/** How deep the blocks of the body lie in one another, and how many loops there are. */
export const blockDepth = analysesBlock + 20;
export const loopCount = analysesBlock + 24;

/** Address of a byte for each word: may its zero be read? Not so of parameters. */
export const needsZero = analysesBlock + 28;
/** Address of a byte for each local: how the upper word follows from the lower one; 0 where it does not. */
export const extended = analysesBlock + 32;
export const signedExtension = 1;
export const unsignedExtension = 2;

/** Above so many words analyses would cost more than they save. */
export const mostTracked = 512;

/** Of walks backwards: how many bytes a set of what is live has; addresses of the sets at the headers of loops, from the last loop to the first, and of the indices of these. */
export const setBytes = analysesBlock + 36;
export const loopSets = analysesBlock + 40;
export const loopIndices = analysesBlock + 44;
/** Address of the blocks that are open. */
export const scopes = analysesBlock + 48;

/** Is it known where the values of words are still wanted? It is not where that would take too long to find out. */
export const isLiveKnown = analysesBlock + 52;
/** Address of the set of words that may be read before they are written. */
export const liveAtEntry = analysesBlock + 56;
/** Address of a bit for each instruction: is it a `local.get` for a `br_if` or `if` behind which nothing wants the value any more? */
export const lastConditions = analysesBlock + 60;
/** Address of the set of words that some call must preserve. */
export const acrossCalls = analysesBlock + 64;
/** Address of a set for each word: the words whose values are wanted where it is written, unless it becomes a copy of them. */
export const conflicts = analysesBlock + 68;

/** Area of rows in the order of the body: instructions that call a runtime routine, or access memory and read the local word of their group again. */
export const events = analysesBlock + 72;
/** Index of the instruction, and the word; -1 for a call. */
export const eventIndex = 0;
export const eventWord = 4;
export const eventStride = 8;

/** Area of rows in the order of the body: words that become copies of others, which still have their values. */
export const copies = analysesBlock + 84;
export const copyWeight = 0;
/** Of the instruction that writes it. */
export const copyAt = 8;
export const copyWord = 12;
export const copySource = 16;
export const copyStride = 24;

/** Address of a row for each word: executed uses, a number with a binary point; how many instructions name it; how often the walk so far has written it. */
export const wordRows = analysesBlock + 96;
export const wordWeight = 0;
export const wordMentions = 8;
export const wordVersion = 12;
/** What is known of it, and when that was found out; its place among those that something is known of; who has looked at it last. */
export const wordFact = 16;
export const wordAge = 20;
export const wordPlace = 24;
export const wordLook = 28;
export const wordRowStride = 32;

/** Area of rows: constants that would save something if they sat in a register. */
export const constants = analysesBlock + 104;
export const constantWeight = 0;
export const constantValue = 8;
export const constantMentions = 12;
/** Instructions that it takes to load it. */
export const constantCost = 16;
/** Is it wanted where control may have come from a call? */
export const constantIsBehindCall = 20;
export const constantStride = 24;
/** What the bytes weigh that an instruction takes to load a constant, however rarely it is executed. */
export const byteWeight: f64 = 0.25;

/** Snapshots of what is live in front of each instruction: address of how far behind the beginning of the area of sets its set is, and that area. */
export const snapshots = analysesBlock + 116;
export const snapshotSets = analysesBlock + 120;

/** Area of rows: instructions behind which code may be passed over as a whole. */
export const regions = analysesBlock + 132;
/** Index of a `br_if` or `if`, and of what opens the block to whose end it goes. */
export const regionAt = 0;
export const regionBlock = 4;
export const regionStride = 8;

/** Of a walk backwards: row of the event that comes next, and address of the record of its instruction, 0 where there is none; the same of the copy that comes next. */
export const nextEvent = analysesBlock + 144;
export const nextEventAt = analysesBlock + 148;
export const nextCopy = analysesBlock + 152;
export const nextCopyAt = analysesBlock + 156;

/** Where the layout of allocation begins. */
export const analysesEnd = analysesBlock + 160;
