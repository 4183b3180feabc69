import { unknownName, UsageError } from '@fireball/contracts';
import type { CodePlace } from '../session/breakpoints.js';
import { placeOfFunction, placeOfOffset, placesOfKind, placesOfTrap } from '../session/places.js';
import type { Session } from '../session/session.js';
import type { Scope } from './scope.js';

/** Places in code, as `break` is told them. @throws UsageError where there are none */
export async function placesNamed(where: string, session: Session, scope: Scope): Promise<CodePlace[]> {
  const { view } = session;
  const [, kind] = /^kind\s+(\S+)$/.exec(where) ?? [];
  if (kind !== undefined) return placesOfKind(view, kind);
  const [isTrap, trap] = /^trap(?:\s+(.+))?$/.exec(where) ?? [];
  return isTrap === undefined || view.functions.some(({ name }) => name === where) ? [placeNamed(where, session, scope)] : placesOfTrap(view, trap);
}

function placeNamed(where: string, { view }: Session, scope: Scope): CodePlace {
  if (where === '') throw new UsageError('a function, an offset in the module or *ADDRESS is wanted');
  if (where.startsWith('*')) return { address: scope.address(where.slice(1)), order: 0 };
  if (/^(0x[\da-f]+|\d+)$/i.test(where)) return placeOfOffset(view, Number(where));
  const { functions } = view;
  const found = functions.find(({ name }) => name === where) ?? functions.find(({ index }) => where === `f${index}`);
  const symbol = found === undefined ? view.addressOf?.(where) : undefined;
  if (symbol !== undefined) return { address: symbol, order: 0 };
  if (found === undefined)
    throw unknownName(
      'function',
      where,
      functions.map(({ name }) => name),
    );
  return placeOfFunction(found);
}
