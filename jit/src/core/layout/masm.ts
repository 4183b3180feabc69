/**
 * The macro assembler of the core, for selection: each function places one or a few templates of the target in question (`target` of `function.ts`) behind
 * those that are there. Nothing here knows WebAssembly's control flow or stack; nothing outside knows encodings. None of them writes a register other than its
 * destination and the target's private scratch registers.
 *
 * - Before the first function the host writes which templates the set in use has (`instance/masm.ts`), and before each one the target. `beginAssembly` begins a function.
 * - A second operand is two numbers, its kind (`register`, `immediate`) and its value. All values are words with sign; what is one without sign where a template
 *   takes it is known here. A pair is two registers, low word first. -1 is no register, and no label.
 * - A condition is the address of the words that `machine.ts` names, which selection has wherever it likes; `invert` makes it its contrary.
 *   `branchIfWords` needs none. Operations on words and conditions have their numbers from `arithmetic.ts`, all others from `machine.ts`.
 * - Lists of labels and registers are words at an address, ranges for `moveBehind` are pairs of words.
 * - The frame is described by the words from `frameSaved` on, before the first of `prologue`, `epilogue`, `frameBytes`, `savedPlaces` and `restoreSaved`.
 * - What is placed where the function is left is known only with the frame: `returnSite` and `boundsCallSite` take a number for it, its kind, and a word that selection
 *   knows it by. When the body is there, `beginFinish`, the prologue, and then for each site that `nextSite` finds (until it is -1) the code of its kind (`siteAt`): at least one template, and no labels; `epilogueSite` is `epilogue`.
 * - No record changes its place: what the code is in its order are segments, stretches of records.
 * - What cannot go on says so in `refusal`, and nothing more is placed from then on: selection looks there when it is done, and now and then before. The host makes errors of it.
 * - Addresses of records, labels, sites and checks are good until something is placed: areas move when they grow. Their numbers stay what they are.
 *
 * Here is the function under construction: words where nothing else is said.
 */
import { masmBlock } from './blocks.js';

/** What the host writes of a template set. A word for each template of the target's list: which one is in use, its size and its kind of branches, as the head of a record has them. The same of the nearest form of each kind of branches. */
export const templateRows = masmBlock;
export const mostTemplates = 128;
export const kindRows = masmBlock + 0x200;
export const mostKinds = 8;
export const rowStride = 4;
/** Bits of what the core has that will run the code, as far as it says which templates are placed. */
export const coreFeatures = masmBlock + 0x440;
export const hasFpv5 = 1;

/** What has come of it: all is well, or why nothing more is placed; and what was wrong: a wasm offset, or a label. */
export const refusal = masmBlock + 0x444;
export const refused = masmBlock + 0x448;
export const placing = 0;
export const noRoom = 1;
export const tooMuchCode = 2;
export const boundTwice = 3;
/** The target has no such instruction: selection must not ask for it. */
export const noForm = 4;

/** Most code of one function: far above any budget, below every unconditional branch's reach. */
export const mostCodeBytes = 0x10_0000;

/** wasm offset that placed templates are attributed to (`attribute`). */
export const wasmOffset = masmBlock + 0x44c;
/** What the host writes: does it want to know that of every template? And area of it, then: from how many bytes of records on, and which wasm offset it is from there on. */
export const keepsOrigins = masmBlock + 0x4f4;
export const origins = masmBlock + 0x590;
export const originBegin = 0;
export const originOffset = 4;
export const originStride = 8;
/** Does the function write its link register? */
export const linkUsed = masmBlock + 0x450;

/** Of Thumb-2: the register whose sign and zero flags are current, and the code of the condition of which the flags tell until it is consumed; -1 where there is none. */
export const flagsOf = masmBlock + 0x458;
export const heldCode = masmBlock + 0x45c;

/** Area of the records of placed templates (`placed.ts`). */
export const placed = masmBlock + 0x460;
/** Area of what labels are bound to: the index of the record behind, or -1. */
export const boundTo = masmBlock + 0x46c;
/** Area of labels that are bound in front of what comes at an index, and that index. */
export const latest = masmBlock + 0x478;
export const latestAt = masmBlock + 0x484;

/** Area of the places where the function is left by code that is known with the frame: how many bytes of records are in front, what kind of code, a word that selection knows it by, and the wasm offset. */
export const sites = masmBlock + 0x488;
export const siteBegin = 0;
export const siteKind = 4;
export const siteValue = 8;
export const siteOffset = 12;
export const siteStride = 16;
/** The ordinary epilogue; other kinds are selection's. */
export const epilogueSite = 0;

/** Area of checks that several accesses share: the register, and where the accesses begin and end among all of them. */
export const checks = masmBlock + 0x494;
export const checkRegister = 0;
export const checkBegin = 4;
export const checkEnd = 8;
export const checkStride = 12;
/** Area of their accesses: wasm offset, distance from the register, bytes. */
export const members = masmBlock + 0x4a0;
export const memberOffset = 0;
export const memberDelta = 4;
export const memberSize = 8;
export const memberStride = 12;

/** The frame: set of the callee-saved registers in use; bytes of the slot area, at sp; is the link register saved; bytes of stack arguments that the callee pops. */
export const frameSaved = masmBlock + 0x4b0;
export const frameSlotBytes = masmBlock + 0x4b4;
export const frameSavesLink = masmBlock + 0x4b8;
export const frameStackArguments = masmBlock + 0x4bc;

/** Area of which templates belong to which of these checks, by its number from 1 on. */
export const shares = masmBlock + 0x4e0;
export const shareIndex = 0;
export const shareCheck = 4;
export const shareStride = 8;

/** Area of segments, in the order of the code: how many bytes of records are in front of the first record, and in front of the one behind the last. And where the one begins that reaches up to here, which is not among them yet. */
export const segments = masmBlock + 0x4c0;
export const segmentBegin = 0;
export const segmentEnd = 4;
export const segmentStride = 8;
export const openSegment = masmBlock + 0x4cc;

/** While prologue and sites are placed: segments of the body that are left, where the last of them ends, and how far the first of them has got; which site's code is placed, by how many bytes of records are in front, -1 for none. Labels that are bound behind the body, and how many there are. */
export const finishSegment = masmBlock + 0x4d0;
export const finishEnd = masmBlock + 0x4d4;
export const finishNext = masmBlock + 0x4d8;
export const finishSite = masmBlock + 0x4dc;
export const finishLabels = masmBlock + 0x4ec;
export const finishLabelCount = masmBlock + 0x4f0;
/** And address of the site that comes next unless cold code begins or ends before it. */
export const followingSite = masmBlock + 0x4f8;

/** Where the prologue puts registers, as `savedPlaces` finds: the register, and how many bytes above sp. */
export const savedRows = masmBlock + 0x500;
export const savedRegister = 0;
export const savedOffset = 4;
export const savedStride = 8;

/** A record that is none, for what is placed after a refusal. */
export const spareRecord = masmBlock + 0x580;
