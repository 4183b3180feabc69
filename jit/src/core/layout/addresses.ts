/** Addresses of memory accesses, and their checks, as selection has them. Words, where nothing else is said. */
import { addressesBlock } from './blocks.js';

/** The access in question: its base; the index, -1 where it has none, and by how much that is shifted; otherwise the offset. What it holds: noHeld where that is nothing. */
export const locatedBase = addressesBlock;
export const locatedIndex = addressesBlock + 4;
export const locatedShift = addressesBlock + 8;
export const locatedOffset = addressesBlock + 12;
export const locatedHeld = addressesBlock + 16;
export const locatedHeld2 = addressesBlock + 20;
/** Is its address a constant, and which. */
export const isLocated = addressesBlock + 24;
export const locatedAddress = addressesBlock + 28;

/** The least and the greatest offset that every word of it reaches, and can it be at base + index? */
export const leastOffset = addressesBlock + 80;
export const mostOffset = addressesBlock + 84;
export const mayIndex = addressesBlock + 88;
/** Of which accesses these are: both in one word; 0 where that is not known. */
export const reachOf = addressesBlock + 96;

/** Area of rows, in the order of the body: accesses that begin groups of a run of checks (check-runs.ts). The row that comes next. */
export const parts = addressesBlock + 32;
export const nextPart = addressesBlock + 44;
/** Record of its access; what is behind all of them where there is no such row. */
export const nextRecord = addressesBlock + 92;
/** Index of the access, and its group. */
export const partIndex = 0;
export const partGroup = 4;
/** The run, and which of its pointers. */
export const partRun = 8;
export const partPointer = 12;
/** Is it the first one of its stage, which goes on up to the next one that is? */
export const partBegins = 16;
export const partStride = 20;

/** A run: the greatest limit that a check takes as an immediate, below which all pointers + low are in bounds. */
export const runLimit = 0;
/** How far behind the beginning of the area its first part is, and that of its last stage; how many stages there are. */
export const runFirst = 4;
export const runLast = 8;
export const runStages = 12;
/** How many pointers it has, and their rows. */
export const runPointerCount = 16;
export const runPointers = 20;
/** Registers that flags tell of at once. */
export const mostPointers = 3;
/** A local whose accesses the run covers: the word + c, for c of [low, low + extent). */
export const pointerWord = 0;
export const pointerLow = 4;
export const pointerExtent = 8;
/** Its first group is the lowest: where that is in bounds, no sum wraps on the way up to another one. */
export const pointerAscends = 12;
/** Groups of it in the run. */
export const pointerMembers = 16;
export const pointerStride = 20;
export const runSize = runPointers + mostPointers * pointerStride;

/** While runs are looked for: the one that is under construction; was there an effect since its last member; set of registers of locals that were written since it began. */
export const run = addressesBlock + 48;
export const hasEffect = addressesBlock + 52;
export const written = addressesBlock + 56;
/** What stands for it where there is no room. */
export const spareRun = addressesBlock + 0x80;

/** Of the stage that is checked: what holds each of the run's pointers. */
export const stageHeld = addressesBlock + 60;

/** Shared tails of slow bounds checks, in the order of first use: the first, and the last. Chains of those of one hash. */
export const firstThunk = addressesBlock + 72;
export const lastThunk = addressesBlock + 76;
export const thunkChains = addressesBlock + 0x100;
export const thunkChainCount = 64;
export const thunkReg = 0;
export const thunkExtent = 4;
export const thunkLabel = 8;
export const thunkUsers = 12;
export const thunkNext = 16;
export const thunkOfChain = 20;
export const thunkSize = 24;
/** What stands for one where there is no room. */
export const spareThunk = addressesBlock + 0xe0;
