/** Whether selection can go on. */
import { isFull, load32 } from '@fireball/wasm';
import { placing, refusal } from '../layout/masm.js';
import { outcome, selected } from '../layout/select.js';
import { refusedPlacing } from '../layout/walk.js';
import { failInternally, outOfMemory } from './failure.js';

/** Has nothing gone wrong so far? */
export function isGoingOn(): boolean {
  if (load32(isFull) !== 0) outOfMemory();
  if (load32(refusal) !== placing) failInternally(refusedPlacing);
  return load32(outcome) === selected;
}
