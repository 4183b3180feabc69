/** What is where in the memory of the core of validation, behind what is common: addresses of words where nothing else is said. Numbers of types, lists and signatures are those of `types.ts`. */

/** What the host writes once. Of each opcode of one byte, and of each behind the prefix: shape, code of the last operand's type << 8, `hasWideValues` where the result has 64 bits, code of the result's type << 16, log2 of the largest alignment hint << 24. */
export const rules = 0x10;
export const prefixedRules = 0x410;

/** Bytes: signatures of block types of one byte; `noSignature` for bytes that begin a number or nothing. */
export const signatureOfByte = 0x810;
export const noSignature = 0xff;
/** Bytes: types by their encoding; `unknownType` for bytes that encode none. */
export const typeOfEncoding = 0x910;

/** What the host writes of a module, in this order. Address of its first byte, if all of them were there: those of its bodies are. */
export const moduleBytes = 0xa10;
export const typeCount = 0xa14;
export const functionCount = 0xa18;
/** Address of the signatures of functions. */
export const functionSignatures = 0xa1c;
/** Address of a byte for each function: may `ref.func` name it? */
export const declaredFunctions = 0xa20;
export const globalCount = 0xa24;
/** Addresses of bytes: types of globals, and of those that can be set, `unknownType` for the others. */
export const globalTypes = 0xa28;
export const mutableTypes = 0xa2c;
export const tableCount = 0xa30;
/** Address of bytes: types of the elements of tables. */
export const tableTypes = 0xa34;
export const elementCount = 0xa38;
/** Address of bytes: types of element segments. */
export const elementTypes = 0xa3c;
/** Of data segments that code may name. */
export const dataCount = 0xa40;
/** All bits where the module has no memory, which makes any alignment too large; else 0. */
export const withoutMemory = 0xa44;
/** Address of pairs of words: lists of the parameters and of the results of signatures. */
export const signatures = 0xa48;
/** Address of pairs of words: address of a list's types, bytes, and how many there are. */
export const lists = 0xa4c;
/** Address of `bodyStride` bytes for each body. */
export const bodies = 0xa50;
/** Address of the bottom of the operand stack, and of what is behind it. */
export const stack = 0xa54;
export const stackEnd = 0xa58;

/** Which jumps are wanted: `noJumps`, `allJumps`, or `allJumpsAndLoops`. */
export const wantedJumps = 0xa5c;
export const noJumps = 0;
export const allJumps = 1;
export const allJumpsAndLoops = 2;

/** What the core writes. Is the body that was reached refused? */
export const isRefused = 0xa60;
/** Offset of the instruction that breaks a rule, if one does. */
export const refusedAt = 0xa64;
/** Of the current body: bits of `flagsField`. */
export const flags = 0xa68;
/** How many open frames are unreachable from somewhere on: the outermost of them delimits the dead range, which begins at the offset `deadFrom`. */
export const deadFrames = 0xa6c;
export const deadFrom = 0xa70;
/** Where the rows of the current body begin in the tables of controls and of jumps: bytes behind the first one of all. */
export const bodyControls = 0xa74;
export const bodyJumps = 0xa78;
/** Areas. */
export const controls = 0xa7c;
export const branches = 0xa88;
export const dead = 0xa94;
export const frames = 0xaa0;
export const localTypes = 0xaac;
export const jumps = 0xab8;

/** Not 0: jumps are taken down where they are wanted, and what else only interpreters and devices want to know. */
export const takesJumps = 0xac4;

/** Where the heap begins, aligned for any area. */
export const heapStart = 0xac8;

/** Fields of a body that the host writes. Offsets in the module: of the declarations of locals, of the first instruction, behind the last one. */
export const declarationsField = 0;
export const startField = 4;
export const endField = 8;
/** Number of the function's type. */
export const typeField = 12;
/** Fields of a body that the core writes: of each side table, the index of the first word of its rows in what the host takes, and how many rows there are. */
export const controlsField = 16;
export const branchesField = 24;
export const deadField = 32;
export const jumpsField = 40;
/** How many operands the deepest stack has. */
export const heightField = 48;
/**
 * Bits: has it calls, does it use memory, does it let memory grow? Where jumps are wanted: may it have values of 64 bits, and has it numbers of locals, labels and block types, or alignments, of more than
 * one byte? Code that cannot be reached may make these two true.
 */
export const flagsField = 52;
export const hasCalls = 1;
export const usesMemory = 2;
export const hasMemoryGrow = 4;
export const hasLongImmediates = 8;
export const hasWideValues = 0x8000;
export const bodyStride = 56;
