/** Whether selection can go on. */
import { isFull, load32 } from '@fireball/wasm';
import { placing, refusal } from '../layout/masm.js';
import { outcome } from '../layout/select.js';
import { refusedPlacing } from '../layout/walk.js';
import { failInternally, outOfMemory } from './failure.js';

/** Has nothing gone wrong so far? All is well with 0 everywhere. */
export function isGoingOn(): boolean {
  return (load32(isFull) | load32(refusal) | load32(outcome)) === 0 || noteFailure();
}

/** Makes an outcome of what has gone wrong. */
function noteFailure(): boolean {
  if (load32(isFull) !== 0) outOfMemory();
  if (load32(refusal) !== placing) failInternally(refusedPlacing);
  return false;
}
