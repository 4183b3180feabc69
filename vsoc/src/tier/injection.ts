import { UsageError } from '@fireball/contracts';
import { failureKinds, type FailureKind } from './statistics.js';

/** Failures to bring about: how many times each. */
export type InjectionPlan = Partial<Record<FailureKind, number>>;

/**
 * Reads `KIND[:COUNT],..`; without a count once.
 * @throws UsageError naming the known kinds
 */
export function parseInjection(text: string): InjectionPlan {
  const plan: InjectionPlan = {};
  for (const item of text.split(',')) {
    const [name = '', count = '1'] = item.trim().split(':');
    const kind = failureKinds.find((known) => known === name);
    if (kind === undefined) throw new UsageError(`no failure is called '${name}'; known: ${failureKinds.join(', ')}`);
    if (!/^[1-9][0-9]{0,6}$/.test(count)) throw new UsageError(`how often should '${name}' happen? '${count}' is no positive number`);
    plan[kind] = Number(count);
  }
  return plan;
}

/** Hands out the planned failures, each kind until its count is used up. */
export class Injection {
  private readonly left: InjectionPlan;

  constructor(plan: InjectionPlan = {}) {
    this.left = { ...plan };
  }

  /** Is a failure of this kind due now? Asking uses one up. */
  take(kind: FailureKind): boolean {
    const count = this.left[kind] ?? 0;
    if (count === 0) return false;
    this.left[kind] = count - 1;
    return true;
  }
}
