/** What ends the selection of a function: flags, at which the walk looks behind each instruction. The first one stays. */
import { load32, store32 } from '@fireball/wasm';
import { internal, internalError, noRoom, outcome, pressure, selected, unsupported } from '../layout/select.js';

function fail(reason: i32, code: i32): void {
  if (load32(outcome) !== selected) return;
  store32(outcome, reason);
  store32(internalError, code);
}

/** One instruction needs more temporaries than there are. */
export function outOfRegisters(): void {
  fail(pressure, 0);
}

/** One of the errors inside. */
export function failInternally(code: i32): void {
  fail(internal, code);
}

/** The core has no memory left. */
export function outOfMemory(): void {
  fail(noRoom, 0);
}

/** The instruction at an index needs a routine that there is none of. */
export function lacksRoutine(index: i32): void {
  fail(unsupported, index);
}
