/**
 * The macro assembler of the core, for selection: each function places one or a few templates of the target in question (`target` of `layout/function.ts`) behind
 * those that are there. Nothing here knows WebAssembly's control flow or stack; nothing outside knows encodings. None of them writes a register other than its
 * destination and the target's private scratch registers.
 *
 * - Before the first function the host writes which templates the set in use has (`instance/masm.ts`), and before each one the target. `beginAssembly` begins a function.
 * - A second operand is two numbers, its kind (`register`, `immediate`) and its value. All values are words with sign; what is one without sign where a template
 *   takes it is known here. A pair is two registers, low word first. -1 is no register, and no label.
 * - A condition is the address of the words that `layout/machine.ts` names, which selection has wherever it likes; `invert` makes it its contrary.
 *   `branchIfWords` needs none. Operations on words and conditions have their numbers from `layout/arithmetic.ts`, all others from `layout/machine.ts`.
 * - Lists of labels and registers are words at an address, ranges for `moveBehind` are pairs of words.
 * - The frame is described by the words from `frameSaved` on (`layout/masm.ts`), before the first of `prologue`, `epilogue`, `frameBytes`, `savedPlaces` and `restoreSaved`.
 * - What is placed where the function is left is known only with the frame: `returnSite` and `boundsCallSite` take a number for it, its kind, and a word that selection
 *   knows it by. When the body is there, `beginFinish`, the prologue, and then for each site that `nextSite` finds (until it is -1) the code of its kind (`siteAt`); `epilogueSite` is `epilogue`.
 * - What cannot go on says so in `refusal`, and nothing more is placed from then on: selection looks there when it is done, and now and then before. The host makes errors of it.
 * - Addresses of records, labels, sites and checks are good until something is placed: areas move when they grow. Their numbers are good until `moveBehind` and `beginFinish`.
 */
export * from './arithmetic.js';
export * from './assembly.js';
export * from './calls.js';
export * from './condition-words.js';
export * from './conditions.js';
export * from './floats.js';
export * from './memory.js';
export * from './moving.js';
export * from './pairs.js';
export * from './properties.js';
export { placedCount, recordAt, share } from './records.js';
export * from './roles.js';
export * from './stack.js';
export { anchorOf, constCost, fitsImmediate, fitsReverse, immediateLimit } from '../costs.js';
export * from '../index.js';
