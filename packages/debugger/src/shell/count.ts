import { UsageError } from '@fireball/contracts';

/** A whole number of an argument. @throws UsageError for anything else, and for one above `most` */
export function countOf(text: string, most: number): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > most) throw new UsageError(`a whole number up to ${most} is wanted, not '${text}'`);
  return count;
}
