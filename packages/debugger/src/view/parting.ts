import { UsageError } from '@fireball/contracts';
import { orderOf } from '../session/boundaries.js';
import type { Session, SessionStop } from '../session/session.js';

/**
 * To where the code parts from the reference.
 * @throws UsageError where it does not, or nobody knows
 */
export function goToParting(session: Session): SessionStop {
  const { parting } = session;
  if (parting === undefined)
    throw new UsageError('nothing is known to differ from the reference: --lockstep finds out, and writes to the target make it forget');
  const stop = session.goTo(parting.count);
  if (session.target.instructions !== parting.count) return stop;
  session.order = orderOf(session.here, session.position, parting.wasmOffset);
  return { why: 'parting', message: parting.message };
}
