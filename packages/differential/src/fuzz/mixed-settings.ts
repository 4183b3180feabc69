import { Random, type MixedSettings } from '@fireball/engines';
import { failureKinds, type InjectionPlan } from '@fireball/vsoc';

/** A stream of its own: a case must not change with what is decided here. */
const stream = 0x6d69_7865;

/**
 * How mixed mode runs the case of this seed: thresholds low enough for random programs, a budget under which code is evicted,
 * and failures on the way to native code. What the user has named stays as it is.
 */
export function mixedSettingsOf(seed: number, named: MixedSettings): MixedSettings {
  const random = new Random(seed ^ stream);
  const hot = [random.pick([0, 0, 1, 2, 5]), random.pick([0, 0, 1, 3, 9])] as const;
  const budget = random.pick([2048, 3072, 4096, 16 * 1024]);
  const compileCost = random.pick([0, 0, 5, 100]);
  const failures: InjectionPlan = Object.fromEntries(failureKinds.filter(() => random.chance(25)).map((kind) => [kind, random.between(1, 3)]));
  const workers = random.pick([1, 2] as const);
  // Nearly every function of a small module would fail: half of the cases show what becomes native.
  const inject = random.chance(50) ? failures : {};
  return {
    ...named,
    hot: named.hot ?? hot,
    budget: named.budget ?? budget,
    workers: named.workers ?? workers,
    compileCost: named.compileCost ?? compileCost,
    inject: named.inject ?? inject,
  };
}
