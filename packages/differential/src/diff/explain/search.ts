import { UnsupportedError } from '@fireball/contracts';
import type { HeapSchedule, LockstepOutcome } from '@fireball/debugger';
import { createStore } from '@fireball/engines';
import { InstantiationTrap, type VsocOptions } from '@fireball/vsoc';
import { InstantiationTrap as ReferenceInstantiationTrap } from '@fireball/wasm';
import { World, type SearchedModule, type SearchLimits, type WorldCall } from './world.js';

/** What was found, and the world in which it happened, for looking at its code. The caller closes it. */
export interface SearchResult {
  readonly outcome: LockstepOutcome;
  /** The call that parted. */
  readonly call: WorldCall;
  readonly world: World;
}

/** Bytes of memory whose comparison costs about as much as a step of native code. */
const freeBytes = 16_384;
/** By how much a repeated run looks closer. */
const closer = 32;

/**
 * Finds where native execution parts from the reference in the last of `calls`; the others are made before it. Memory is
 * compared at some boundaries first; where it differs, the call is repeated with comparisons nearer and nearer to it.
 * Nothing can be said where the instances do not come into being: then undefined.
 */
export function findDivergence(searched: SearchedModule, calls: readonly WorldCall[], options: VsocOptions, limits: SearchLimits): SearchResult | undefined {
  const open = (): World => new World(searched, createStore(limits), options, limits);
  try {
    const last = calls.length - 1;
    const earlier = lockstepFrom(open, calls, last);
    if (earlier !== undefined) return earlier;
    // Something that nobody compared was left by an earlier call.
    for (let position = 0; position < last; position++) {
      const found = lockstepFrom(open, calls, position);
      if (found?.outcome.kind === 'divergence') return found;
      found?.world.close();
    }
    return undefined;
  } catch (error) {
    if (error instanceof InstantiationTrap || error instanceof ReferenceInstantiationTrap || error instanceof UnsupportedError) return undefined;
    throw error;
  }
}

/** Undefined where memories, globals, tables or calls of the host differ before the call. */
function lockstepFrom(open: () => World, calls: readonly WorldCall[], position: number): SearchResult | undefined {
  const call = calls[position] as WorldCall;
  let schedule: HeapSchedule | undefined;
  for (;;) {
    const world = open();
    let isKept = false;
    try {
      for (const before of calls.slice(0, position)) world.replay(before);
      if (world.heap.differences().length + world.hostDifferences().length > 0) return undefined;
      schedule ??= { from: 0, to: Infinity, interval: Math.max(1, Math.ceil(world.heap.cost / freeBytes)) };
      const outcome = world.lockstep(call, schedule);
      const next = nearer(outcome, schedule);
      if (next === undefined) {
        isKept = true;
        return { outcome, call, world };
      }
      schedule = next;
    } finally {
      if (!isKept) world.close();
    }
  }
}

/** When the heap has to be compared next time; undefined where this was near enough. */
function nearer(outcome: LockstepOutcome, { interval }: HeapSchedule): HeapSchedule | undefined {
  if (outcome.kind !== 'divergence' || interval === 1) return undefined;
  const { boundaries, heapEqualAt } = outcome.divergence;
  if (heapEqualAt >= boundaries - 1) return undefined;
  return { from: heapEqualAt, to: boundaries, interval: Math.max(1, Math.floor(interval / closer)) };
}
