/** What calls of i32 functions gave: results, or the kind of a trap and the offset in the module where it happened. */
import type { VsocInstance } from '@fireball/vsoc';
import { instantiate, Store, type ValidatedModule, type Value } from '@fireball/wasm';

/** A function, and its arguments. */
export type NamedCall = readonly [string, ...number[]];

type Outcome = readonly unknown[] | { readonly kind: string; readonly offset: number | null | undefined };

const valuesOf = (args: readonly number[]): Value[] => args.map((value) => ({ type: 'i32', value }));

/** On a virtual SoC. */
export function nativeOutcomes(instance: VsocInstance, calls: readonly NamedCall[]): Outcome[] {
  return calls.map(([name, ...args]) => {
    const { results, trap } = instance.invoke(name, valuesOf(args));
    return trap === null ? results : { kind: trap.kind, offset: trap.wasmOffset };
  });
}

/** In an instance of the reference interpreter of their own. */
export function referenceOutcomes(module: ValidatedModule, calls: readonly NamedCall[]): Outcome[] {
  const reference = instantiate(new Store(), module, () => undefined);
  return calls.map(([name, ...args]) => {
    const outcome = reference.invoke(name, valuesOf(args));
    return 'trap' in outcome ? { kind: outcome.trap.kind, offset: outcome.trap.offset } : outcome.results;
  });
}

/** Where the stack ends depends on the frames of who executes: there the place counts as unknown. */
export function withoutStackDepth(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.map((outcome) => ('kind' in outcome && outcome.kind === 'call stack exhausted' ? { ...outcome, offset: null } : outcome));
}
