/** What the first walk has and finds. */
import { planBlock } from './blocks.js';

/** Most values on the operand stack at one time. */
export const mostValues = planBlock;
/** How many memory accesses the walk has met. */
export const accessCount = planBlock + 84;
/** While the walk looks ahead at an outermost loop, the number of that block; 0 otherwise. */
export const looksAhead = planBlock + 4;
/** Address of the record of that loop. */
export const loopAhead = planBlock + 448;
/** What held in front of it, a version of facts and a set of groups, and how many computed words there had been at most. */
export const factsBefore = planBlock + 152;
export const groupsBefore = planBlock + 440;
export const pressureBefore = planBlock + 444;

/** Address of the slots in which constants are found, 0 or the number of one from 1 on, and how many there are less one. */
export const slots = planBlock + 8;
export const slotMask = planBlock + 12;
/** Numbers with a binary point, of 64 bits. How often something is executed: of each turn of the innermost loop, and what that weighs with all turns of the loops around. */
export const share = planBlock + 16;
export const weight = planBlock + 24;
/** How many loops are around. */
export const loopLevel = planBlock + 776;
/** What it is worth to spare the load of a constant, and to spare two, if one of these is known, or both; and a multiple of that. */
export const isWorthKnown = planBlock + 780;
export const worth = planBlock + 784;
export const doubleWorth = planBlock + 696;
export const multiple = planBlock + 792;
/** The share of those who come to a branch that take it. */
export const taken = planBlock + 800;

/** The operand stack: area of symbols, how many computed words it holds, and the address where it ends when it has as many values as ever, with those upper words of pairs that it has. */
export const symbols = planBlock + 32;
export const computed = planBlock + 44;
export const mostEnd = planBlock + 48;
/** A range that was asked for. */
export const rangeMin = planBlock + 56;
export const rangeMax = planBlock + 60;
/** A test that was asked for: one of the conditions, or none. */
export const testCond = planBlock + 64;
export const testWord = planBlock + 68;
export const testVersion = planBlock + 72;
export const testC = planBlock + 76;
export const testValue = planBlock + 80;

/** What is known of local words here: address of the version, and of how many words; how often something has been found out, and how often somebody has looked at what differs. */
export const facts = planBlock + 88;
export const factCount = planBlock + 92;
export const factAge = planBlock + 164;
export const looks = planBlock + 52;
/** These words: as many as a version has facts at most. */
export const knownWords = planBlock + 832;
/** Address of a version that is not used yet, and of what is behind the last one. */
export const nextVersion = planBlock + 468;
export const endOfVersions = planBlock + 472;
/** The groups that hold: address of a set, and whether it may be changed. */
export const alive = planBlock + 96;
export const ownsAlive = planBlock + 100;
/** Which run of code without labels and calls this is. */
export const run = planBlock + 104;
/** Groups from this address on still grow, and those that need no check from another one on; how many there are. */
export const firstOpen = planBlock + 108;
export const firstUnseen = planBlock + 124;
export const groupCount = planBlock + 112;
/** Address of what members of groups weigh, 64 bits each, in their order; and of what the next one will. */
export const memberWeights = planBlock + 116;
export const nextWeight = planBlock + 120;

/** Area of open blocks. */
export const controls = planBlock + 132;
/** Index of the loop whose header was met last, if no instruction since is sure to become code but those that give words a constant; -1. The words are a chain. */
export const bareLoop = planBlock + 144;
export const bareWords = planBlock + 148;
/** Address of the first byte behind the groups and their members so far, which lie in front of all that only the plan needs. */
export const keptEnd = planBlock + 824;
/** Where the first of them is. */
export const kept = planBlock + 828;
/** First of the loops within loops that begin together with them. */
export const firstNested = planBlock + 156;
/** Address of the next write of each local word in the outermost loop, rows of `loops.ts`; 0 in front of the first one. Of that loop the rows of all, the last write first. */
export const nextWrites = planBlock + 160;
export const firstWrite = planBlock + 460;
export const endOfWrites = planBlock + 464;
/** Has a loop in that one asked for them? Chains of words begin there then. */
export const hasAsked = planBlock + 456;

/** A set without members. */
export const emptySet = planBlock + 808;
/** What is written to where there is no room: one for sets, one for all else. */
export const spareSet = planBlock + 168;
export const spare = planBlock + 704;
