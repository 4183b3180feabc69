/** What is where in the core's memory: addresses of words where nothing else is said. Numbers of types, lists and signatures are those of `types.ts`. */

/** What the host writes once. Of each opcode of one byte, and of each behind the prefix: shape, code of the last operand's type << 8, of the result's << 16, log2 of the largest alignment hint << 24. */
export const rules = 0;
export const prefixedRules = 0x400;
/** Bytes: signatures of block types of one byte; `noSignature` for bytes that begin a number or nothing. */
export const signatureOfByte = 0x800;
export const noSignature = 0xff;
/** Bytes: types by their encoding; `unknownType` for bytes that encode none. */
export const typeOfEncoding = 0x900;

/** What the host writes of a module, in this order. Address of its first byte, if all of them were there: those of its bodies are. */
export const moduleBytes = 0xa00;
export const typeCount = 0xa04;
export const functionCount = 0xa08;
/** Address of the signatures of functions. */
export const functionSignatures = 0xa0c;
/** Address of a byte for each function: may `ref.func` name it? */
export const declaredFunctions = 0xa10;
export const globalCount = 0xa14;
/** Addresses of bytes: types of globals, and of those that can be set, `unknownType` for the others. */
export const globalTypes = 0xa18;
export const mutableTypes = 0xa1c;
export const tableCount = 0xa20;
/** Address of bytes: types of the elements of tables. */
export const tableTypes = 0xa24;
export const elementCount = 0xa28;
/** Address of bytes: types of element segments. */
export const elementTypes = 0xa2c;
/** Of data segments that code may name. */
export const dataCount = 0xa30;
/** All bits where the module has no memory, which makes any alignment too large; else 0. */
export const withoutMemory = 0xa34;
/** Address of pairs of words: lists of the parameters and of the results of signatures. */
export const signatures = 0xa38;
/** Address of pairs of words: address of a list's types, bytes, and how many there are. */
export const lists = 0xa3c;
/** Address of `bodyStride` bytes for each body. */
export const bodies = 0xa40;
/** Address of the bottom of the operand stack, and of what is behind it. */
export const stack = 0xa44;
export const stackEnd = 0xa48;

/** What the core writes. Address of the first byte that is not in use. */
export const heap = 0xa4c;
/** Was there no room for what a body needs? */
export const isFull = 0xa50;
/** Is the body that was reached refused? */
export const isRefused = 0xa54;
/** Address behind the number that was read last. */
export const next = 0xa58;
/** Of the current body: bits of `flagsField`. */
export const flags = 0xa5c;
/** How many open frames are unreachable from somewhere on: the outermost of them delimits the dead range, which begins at the offset `deadFrom`. */
export const deadFrames = 0xa60;
export const deadFrom = 0xa64;
/** Where the rows of the current body begin in the table of controls, counted from the first one of all. */
export const bodyControls = 0xa68;
/** Areas that grow by need: address of the first byte, of the first one that is not used (`usedField`), and of the one behind the last one (`limitField`). */
export const controls = 0xa6c;
export const branches = 0xa78;
export const dead = 0xa84;
export const frames = 0xa90;
export const localTypes = 0xa9c;
export const usedField = 4;
export const limitField = 8;

/** Where the heap begins, aligned for any area. */
export const heapStart = 0xaa8;

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
/** How many operands the deepest stack has. */
export const heightField = 40;
/** Bits: has it calls, does it use memory, does it let memory grow? */
export const flagsField = 44;
export const hasCalls = 1;
export const usesMemory = 2;
export const hasMemoryGrow = 4;
export const bodyStride = 48;
