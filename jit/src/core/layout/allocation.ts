/** What the allocation of registers reads and writes. Words, where nothing else is said; a register that is none is -1. */
import { analysesEnd } from './analyses.js';

/** What the host writes of a function: are there calls, and calls of runtime routines? How many computed words are on the operand stack at most? */
export const hasCalls = analysesEnd;
export const hasRoutines = analysesEnd + 4;
export const pressure = analysesEnd + 8;
/** Index of the first instruction behind which control may have come from a call or a runtime routine: that, or the outermost loop around it; behind all of them without one. Behind some the function is left: they are none. */
export const firstCall = analysesEnd + 256;
/** Has the walk, or what is counted now, come that far? */
export const isBehindCall = analysesEnd + 260;
/** Instructions that it takes to save and restore a register. */
export const saveCost = analysesEnd + 72;
/** The same as a number with a binary point, while registers are allocated. */
export const savePrice = analysesEnd + 248;
/** What a constant must save that nothing wants behind a call, likewise: it is loaded at entry, even if control goes another way. */
export const shortPrice = analysesEnd + 272;
/** Address of the registers in which the words of parameters arrive. */
export const arrivals = analysesEnd + 12;

/** Address of a web for each word, of which the one at its first word counts: local words that share a register, copies of each other. */
export const webs = analysesEnd + 16;
/** Executed uses. */
export const webBenefit = 0;
/** How many instructions name one of them. */
export const webMentions = 8;
/** The first word of the web that the word is in; -1 where code does not name it. */
export const webFirst = 12;
/** The word of the same web that follows; -1 where there is none. Of the first word: the last one. */
export const webNext = 16;
export const webLast = 20;
/** Must some call preserve one of them? */
export const webCrosses = 24;
export const webStride = 32;
/** Address of the sets of the words that webs have, by their first words. */
export const webWords = analysesEnd + 20;

/** Address of the candidates, and of their addresses in the order of their value, most valuable first; how many there are. */
export const candidates = analysesEnd + 24;
export const candidateOrder = analysesEnd + 28;
export const candidateCount = analysesEnd + 32;
/** Instructions that are saved. */
export const candidateBenefit = 0;
/** First word of the web; -1 for a constant, or `shortConstant` for one that nothing wants behind a call. */
export const candidateWord = 8;
export const shortConstant: i32 = -2;
/** Of a constant, such that they are in the order of their values without sign: the value with the other sign. */
export const candidateRank = 12;
export const candidateMentions = 16;
/** Where a word of the web arrives. */
export const candidateArrival = 20;
/** Address of the place that it has got; 0 without one. */
export const candidatePlace = 24;
export const candidateStride = 32;

/** Address of the places, and of what is behind them: registers, and who is in them, one constant, or webs that may share it. */
export const places = analysesEnd + 36;
export const placesEnd = analysesEnd + 40;
export const placeReg = 0;
/** Has it to be saved? */
export const placeIsSaved = 4;
/** How many are in it, and is that a constant? */
export const placeCount = 8;
export const placeIsConstant = 12;
export const placeBenefit = 16;
export const placeMentions = 24;
/** The constant. */
export const placeValue = 28;
/** How many webs arrive there. */
export const placeArrivals = 32;
/** Four sets: the words that are in it, what conflicts with these, and both of all webs that arrive there. */
export const placeSets = 40;
export const placeSetCount = 4;

/** What allocation finds. Address of the register of each word. */
export const wordRegs = analysesEnd + 44;
/** Address of pairs of words, and how many: constants and their registers. First come those in registers that calls preserve; how many selection may rely on where it is. */
export const constantRegs = analysesEnd + 48;
export const constantRegCount = analysesEnd + 52;
export const lastingRegCount = analysesEnd + 264;
export const pinnedCount = analysesEnd + 268;
/** Addresses of registers, and how many: callee-saved ones in use, and those left for temporaries. */
export const savedRegs = analysesEnd + 56;
export const savedRegCount = analysesEnd + 60;
export const tempRegs = analysesEnd + 64;
export const tempRegCount = analysesEnd + 68;

/** What the host writes once: the roles of registers on each target. Lists of bytes, each with how many there are in front. */
export const roles = analysesEnd + 76;
export const rolesTemps = 0;
export const rolesSaved = 16;
export const rolesLeafExtra = 32;
export const rolesCallExtra = 48;
/** The link register where it may hold values. */
export const rolesLink = 64;
export const rolesArgs = 68;
/** The register that is always 0. */
export const rolesZero = 80;
export const rolesStride = 84;
