import { UsageError } from '@fireball/contracts';
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
  return session.atParting() ?? stop;
}
