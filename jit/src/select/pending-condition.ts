import type { HeldFloat } from './float-file.js';
import type { Condition } from '../target/conditions.js';
import type { Held } from './temporaries.js';

/** A comparison about to be consumed; its registers are held until then. */
export interface PendingCondition {
  readonly condition: Condition;
  readonly held: readonly (Held | HeldFloat)[];
}
