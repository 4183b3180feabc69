/** What selection knows while it walks over a function: operands, registers, what is pending. Words, where nothing else is said. */
import { selectBlock } from './blocks.js';

/** No register, and nothing held. */
export const noReg: i32 = -1;
export const noHeld: i32 = -1;
/** What is held, in one word: the number of a register, and of these bits: its holder owns a share of it; it is a floating-point register. */
export const heldRegister: i32 = 0xff;
export const ownedHeld: i32 = 0x100;
export const floatHeld: i32 = 0x200;

/** A word of the operand stack begins with its head, four bytes that are written at once. One of the kinds below. */
export const entryKind = 0;
/** Of sum, shift and product: where the (first) operand is read, one of the sources below; of all others that is 0. */
export const entryFrom = 1;
/** Of a shift: the operation. Of a product: source of the second operand. Of a floating-point register: which part of it. */
export const entryShift = 2;
/** Is it the upper word of a pair? */
export const entryHigh = 3;
/** Words. Of sum, shift and product: number of the local word, or register. */
export const entrySource = 4;
/** The constant, alone or added (wrapping); sp offset of a home; floating-point register. */
export const entryC = 8;
/** By how much is shifted; the second factor. */
export const entryAmount = 12;
export const entryBytes = 16;
/** On the stack: how many values there are up to it. */
export const entryValues = 16;
export const entryStride = 32;

export const constEntry = 0;
/** Source + c. */
export const sumEntry = 1;
/** (Source shifted) + c. */
export const shiftEntry = 2;
export const productEntry = 3;
/** A single, or a word of a double, in a floating-point register, of which every entry owns a share. */
export const floatEntry = 4;
/** In its home slot. */
export const homeEntry = 5;

/** Sources: a local's word, a temporary that the entry owns, a register that is a constant's own. */
export const wordSource = 0;
export const ownSource = 1;
export const fixedSource = 2;

export const singlePart = 0;
export const lowPart = 1;
export const highPart = 2;

/** What has become of selection: the first thing that went wrong, if there is one, and for an error inside which one; the index of an instruction that needs a routine that there is none of. */
export const outcome = selectBlock;
export const internalError = selectBlock + 4;
export const selected = 0;
/** One instruction needs more temporaries than there are: selection is to begin again with more of them. */
export const pressure = 1;
export const internal = 2;
export const unsupported = 3;
export const noRoom = 4;
/** The same, and there are none left that could be withheld from locals and constants. */
export const outOfRegisters = 5;

/** Errors inside. */
export const stackUnderflow = 1;
export const releasedTwice = 2;
export const floatReleasedTwice = 3;
export const sourceInMemory = 4;
export const resultInUse = 5;
export const nothingToSpill = 6;
export const noProgress = 7;
export const resultInUseAtLabel = 8;
export const rotationOfVariable = 11;

/** Index of the instruction where the walk has ended. */
export const instructionIndex = selectBlock + 8;
/** Record of the instruction behind the one that is being selected, that a result may be fused with; `noRecord` where there is none. And which one it really is, while operations are parts of one instruction. */
export const followingRecord = selectBlock + 0x320;
export const composed = selectBlock + 0x32c;
/** A record of no class and no operation. */
export const noRecord = selectBlock + 0x400;
/** Are operations now selected parts of one instruction, so that their results are not what follows it wants? 1, or 2 and the register where the last one is wanted; 0 where they are not. */
export const composing = selectBlock + 12;
/** How many loops there are around what is being selected. */
export const loopDepth = selectBlock + 16;

/** So many bytes of the stack's rows are in lists. */
export const listedBytes = selectBlock + 20;

/** Bytes of home slots in use so far; bytes by which sp is below the frame while stack arguments are being passed, and the most that it was. */
export const slotBytes = selectBlock + 24;
export const spShift = selectBlock + 28;
export const outgoingBytes = selectBlock + 32;
/** Address of the sp offset of each local word's home: one slot of 8 bytes per local. */
export const wordHomes = selectBlock + 36;

/** Sets of registers: temporaries, those of them that somebody owns, and callee-saved ones that the function writes; all that callees save. */
export const tempSet = selectBlock + 40;
export const ownedSet = selectBlock + 44;
export const savedInUse = selectBlock + 48;
export const savedRoles = selectBlock + 52;
/** Registers that have several owners. */
export const sharedSet = selectBlock + 0x31c;
/** How many temporaries there are; which, in order of preference. */
export const tempCount = selectBlock + 56;
/** The link register, where functions may have it; the register that is always 0; -1. */
export const linkReg = selectBlock + 60;
export const zeroReg = selectBlock + 64;

/** Of each register that locals have: the first of their words, -1 where there is none. Address of the next word in the same register, for each word. */
export const nextWords = selectBlock + 68;
/** Address of the words of locals that live in registers which callees may overwrite, and how many. */
export const clobberedWords = selectBlock + 72;
export const clobberedCount = selectBlock + 76;

/** What is known to be in registers: how many rows, and the set of their registers; registers that a parallel move has already written. Of the set those whose contents cost more than one cheap instruction to have again. */
export const knownRows = selectBlock + 80;
export const knownSet = selectBlock + 84;
export const overwritten = selectBlock + 88;
export const worthSet = selectBlock + 0x304;
/** Bits of the words and constants that rows are of, and of some that none is of any more; and of the constants that have registers throughout the function. */
export const knownBits = selectBlock + 0x324;
export const pinnedBits = selectBlock + 0x328;
/** Constant that is added to the word, and distance from another constant, of what was found last. */
export const foundSum = selectBlock + 92;
export const foundDistance = selectBlock + 96;

/** How many rows of floating-point registers there are, and the set of these. */
export const floatRows = selectBlock + 100;
export const floatKnown = selectBlock + 104;

/** Which entry of the ring comes next. */
export const nextEntry = selectBlock + 108;
/** From this address on, words can be taken off the stack and nothing else need be done: they are in no list, nor known to be settled. */
export const quietFrom = selectBlock + 0x318;
/** Everything on the stack below is in its home or a constant. */
export const settledBelow = selectBlock + 112;
/** Address of the lists of positions on the stack: first and last node of each. */
export const positionLists = selectBlock + 116;

/** The destination of a result of one word: what is to be done when it is there, one of those below, its register, and the local word. */
export const destinationWay = selectBlock + 120;
export const destinationReg = selectBlock + 124;
export const destinationWord = selectBlock + 128;
/** The same of two words. */
export const pairWay = selectBlock + 132;
export const pairLow = selectBlock + 136;
export const pairHigh = selectBlock + 140;
export const pairWord = selectBlock + 144;
/** It is pushed; or it is in a register that nobody else reads any more; or in a local's register, from where it is read again or not. */
export const pushesResult = 0;
export const returnsResult = 1;
export const teesResult = 2;
export const setsResult = 3;

/** The local whose value only the flags have, -1 for none, and the index of the `local.get` to which they take it. */
export const inFlagsLocal = selectBlock + 148;
export const inFlagsUse = selectBlock + 152;

/** How many kinds of traps the function has met. */
export const trapCount = selectBlock + 156;

/** Areas: rows of the stack, and of their nodes; every entry that was put anywhere, if that is asked for; cached pointers; moves; positions on the stack, and nodes of lists of them; code that goes behind the function. */
export const stackEntries = selectBlock + 160;
export const stackNodes = selectBlock + 172;
export const stackWrites = selectBlock + 184;
export const cachedPointers = selectBlock + 196;
export const moves = selectBlock + 208;
export const positions = selectBlock + 220;
export const cursors = selectBlock + 232;
export const deferred = selectBlock + 244;

/** A node: the list that it is in, -1 for none, and the nodes before and behind it, -1 for none. Two for each position. */
export const nodeList = 0;
export const nodeBefore = 4;
export const nodeBehind = 8;
export const nodeStride = 12;
/** Positions whose entries own general registers, and floating-point registers; from here on, for each local word, that read it. */
export const owningList = 0;
export const floatList = 1;
export const firstReaders = 2;

/** Position, and the entry. */
export const writePosition = 0;
export const writeEntry = 4;
export const writeStride = 20;

/** Register of a cached pointer, and address of the word that has it, too; 0 for none. */
export const pointerRegister = 0;
export const pointerOwner = 4;
export const pointerStride = 8;

/** A move is an entry, and the register that it goes to; is it done? */
export const moveTarget = 16;
/** Set of the registers that it reads, which are none when it is done. */
export const moveReads = 20;
export const moveIsDone = 24;
export const moveStride = 28;

/** Code behind the function: one of the kinds below, the wasm offset that it belongs to, and ten words of who defers it. */
export const deferredKind = 0;
export const deferredOffset = 4;
export const deferredWords = 8;
export const deferredStride = 48;

/** What a register is known to contain, a constant, or the local's word + c: the register with the bits below, the constant or the word, and c. */
export const knownTag = 0;
export const knownValue = 4;
export const knownC = 8;
export const knownStride = 12;
export const knownRegister: i32 = 0xff;
/** It is a local's word + c; it costs more than one cheap instruction to have again. */
export const knownSum: i32 = 0x100;
export const knownWorth: i32 = 0x200;

/** What a floating-point register is known to contain: a local, by its first word, or a constant, by its bits. */
export const floatReg = 0;
export const floatKind = 4;
export const floatLow = 8;
export const floatHigh = 12;
export const floatStride = 16;
export const localContent = 0;
export const f32Content = 1;
export const f64Content = 2;

/** A word for each register: how many owners one has that has several; of floating-point registers how many they have. */
export const registerUses = selectBlock + 0x100;
export const floatShares = selectBlock + 0x180;
/** Temporaries, in order of preference: a set of each one alone. */
export const tempOrder = selectBlock + 0x200;
/** The first of them, as far as each has a smaller number than those before it: a set. */
export const orderedTemps = selectBlock + 0x420;
/** The first word in each register. */
export const firstWordsIn = selectBlock + 0x280;
/** Rows of what is known of registers, and of floating-point registers, in the order in which it became so. */
export const known = selectBlock + 0x440;
export const knownFloats = selectBlock + 0x6c0;
/** A snapshot in which nothing is known: one word. */
export const nothingKnown = selectBlock + 0x300;
/** Registers in which results have been claimed. */
export const claimedRegs = selectBlock + 0x308;
/** Labels of the stubs of traps, -1 where there is none; kinds of traps in the order of their first use. */
export const mostTraps = 16;
export const trapLabels = selectBlock + 0x330;
export const trapOrder = selectBlock + 0x370;
/** The comparison about to be consumed, as the macro assembler wants it, and what it holds until then: how many, and these. */
export const pendingCondition = selectBlock + 0x3b0;
export const pendingCount = selectBlock + 0x3d4;
export const pendingHelds = selectBlock + 0x3d8;
/** Entries that live for the time of an instruction. */
export const entryRing = selectBlock + 0x8c0;
export const ringEntries = 64;

/** Kinds of traps (`target/trap-kinds.ts`). */
export const unreachableTrap = 0;
export const divideByZeroTrap = 1;
export const overflowTrap = 2;
export const outOfBoundsTrap = 3;
export const stackTrap = 4;
export const conversionTrap = 5;
export const undefinedElementTrap = 6;
export const uninitializedElementTrap = 7;
export const typeMismatchTrap = 8;
export const tableBoundsTrap = 9;

/** Kinds of code behind the function. */
export const nearCheck = 0;
export const growingCheck = 1;
export const splitLoad = 2;
export const splitStore = 3;
export const edge = 4;
export const forwardJump = 5;
export const stageCheck = 6;
export const floatTruncate = 7;

/** Numbers of operations that selection looks for. */
export const nop = 0x01;
export const ifOp = 0x04;
export const end = 0x0b;
export const brIf = 0x0d;
export const returnOp = 0x0f;
export const call = 0x10;
export const select = 0x1b;
export const localGet = 0x20;
export const localSet = 0x21;
export const localTee = 0x22;
export const i32Const = 0x41;
export const i32Eqz = 0x45;
export const i32Add = 0x6a;
export const i32Sub = 0x6b;
export const i32Or = 0x72;
export const i32Xor = 0x73;
export const i64Add = 0x7c;
