import { formatCount } from '@fireball/contracts';
import type { TierStatistics } from '@fireball/vsoc';

/** What mixed mode did, summed over virtual SoCs. */
export type TierTotals = Pick<TierStatistics, 'compilations' | 'replacements' | 'evictions' | 'failures'>;

/** Sums of what mixed mode has done on several instances. */
export function addTier(total: TierTotals | undefined, { compilations, replacements, evictions, failures }: TierTotals): TierTotals {
  if (total === undefined) return { compilations, replacements, evictions, failures: { ...failures } };
  const kinds = Object.keys(failures) as (keyof typeof failures)[];
  return {
    compilations: total.compilations + compilations,
    replacements: total.replacements + replacements,
    evictions: total.evictions + evictions,
    failures: Object.fromEntries(kinds.map((kind) => [kind, total.failures[kind] + failures[kind]])) as typeof failures,
  };
}

/** One line of them for people. */
export function formatTier(engine: string, { compilations, replacements, evictions, failures }: TierTotals): string {
  const kinds = Object.entries(failures).filter(([, count]) => count > 0);
  const failed = kinds.reduce((sum, [, count]) => sum + count, 0);
  const detail = kinds.length === 0 ? '' : ` (${kinds.map(([kind, count]) => `${kind} ${formatCount(count)}`).join(', ')})`;
  return `${engine}: ${formatCount(compilations)} compilations, ${formatCount(replacements)} on-stack replacements, ${formatCount(evictions)} evictions, ${formatCount(failed)} failures${detail}`;
}
