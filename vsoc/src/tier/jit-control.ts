import { InternalError } from '@fireball/contracts';
import type { FunctionType } from '@fireball/wasm';
import type { VsocFunction } from '../runtime/externs.js';
import type { HostCall } from '../runtime/host-functions.js';
import { unsignedOf } from '../runtime/values.js';
import type { CompileService, TierState } from './compile-service.js';
import type { InstanceFunction } from './instance-function.js';
import type { MixedMode } from './mixed.js';
import type { TierStatistics } from './statistics.js';

/** Module name of the imports by which wasm code talks to the compiler (vsoc/SYSCALLS.md). */
export const jitModule = 'fireball';

/** Answers of the calls that name a function: where it is on its way to native code, or why nothing is known of it. */
export const jitStatus = {
  interpreted: 0,
  queued: 1,
  compiling: 2,
  native: 3,
  cooling: 4,
  blacklisted: 5,
  unavailable: -1,
  'no such function': -2,
} as const satisfies Record<TierState, number> & Record<string, number>;

/** What `builtin_jit_stats` answers, by number. */
export const jitCounters: readonly ((statistics: TierStatistics) => number)[] = [
  (statistics) => statistics.requests,
  (statistics) => statistics.compilations,
  (statistics) => statistics.replacements,
  (statistics) => statistics.evictions,
  (statistics) => statistics.blacklisted,
  (statistics) => Object.values(statistics.failures).reduce((sum, count) => sum + count, 0),
  (statistics) => statistics.cacheBytes,
  (statistics) => statistics.cacheHighWater,
  (statistics) => statistics.queueWait,
  (statistics) => statistics.compileTime,
];

/** A hint comes before what counters ask for; an explicit compilation, which somebody waits for, before everything. */
const hintPriority = 2;
const compilePriority = 3;

/** Programs' own say in what becomes native. Where nothing is compiled in the background, every answer is `unavailable`. */
export class JitControl {
  constructor(private readonly mixed: MixedMode | undefined) {}

  /** Asks for native code in the background. */
  hint(target: VsocFunction | undefined): number {
    return this.ask(target, hintPriority);
  }

  /** Makes the function native, and waits: virtual time passes, nothing else executes meanwhile. */
  compile(target: VsocFunction | undefined): number {
    this.ask(target, compilePriority);
    return this.with(target, (owner, { clock, service }) => {
      service.waitedFor = true;
      while (service.isBusy(owner)) {
        if (clock.untilNext === Infinity) throw new InternalError('a function is being compiled, and nothing will end that');
        clock.advance(clock.untilNext);
      }
      service.waitedFor = false;
      return stateNumber(service, owner);
    });
  }

  /** Where the function is on its way to native code. */
  lookup(target: VsocFunction | undefined): number {
    return this.with(target, (owner, { service }) => stateNumber(service, owner));
  }

  /** Takes native code out of use: 1 if there was any. Activations that run it come to their end. */
  invalidate(target: VsocFunction | undefined): number {
    return this.with(target, (owner, { cache }) => {
      if (owner.code === undefined) return 0;
      cache.remove(owner);
      return 1;
    });
  }

  /** One of `jitCounters`. */
  stats(counter: number): number {
    const read = jitCounters[counter];
    return this.mixed === undefined || read === undefined ? jitStatus.unavailable : read(this.mixed.statistics);
  }

  /** Whether anything new is compiled from now on; native code stays in use. Returns what was so before, as 1 or 0. */
  setEnabled(enabled: boolean): number {
    if (this.mixed === undefined) return jitStatus.unavailable;
    const { service } = this.mixed;
    const before = service.enabled;
    service.enabled = enabled;
    return Number(before);
  }

  private ask(target: VsocFunction | undefined, priority: number): number {
    return this.with(target, (owner, { service }) => {
      service.request(owner, { priority, interval: 0 });
      return stateNumber(service, owner);
    });
  }

  private with(target: VsocFunction | undefined, use: (owner: InstanceFunction, mixed: MixedMode) => number): number {
    if (this.mixed === undefined) return jitStatus.unavailable;
    const owner = target === undefined ? undefined : this.mixed.functionAt(target.slot);
    return owner === undefined ? jitStatus['no such function'] : use(owner, this.mixed);
  }
}

function stateNumber(service: CompileService, owner: InstanceFunction): number {
  return jitStatus[service.stateOf(owner)];
}

/** A function of `builtin_jit_*`, for linking. */
export interface JitBuiltin {
  readonly type: FunctionType;
  readonly call: HostCall;
}

/** The builtin of this name for an instance whose functions `functionAt` gives; undefined where there is none. */
export function jitBuiltin(control: JitControl, name: string, functionAt: (index: number) => VsocFunction | undefined): JitBuiltin | undefined {
  const number: FunctionType = { params: ['i32'], results: ['i32'] };
  const about = (answer: (target: VsocFunction | undefined) => number): JitBuiltin => ({
    type: number,
    call: ([index]) => [{ type: 'i32', value: answer(functionAt(unsignedOf(index))) }],
  });
  const change = (enabled: boolean): JitBuiltin => ({
    type: { params: [], results: ['i32'] },
    call: () => [{ type: 'i32', value: control.setEnabled(enabled) }],
  });
  switch (name) {
    case 'builtin_jit_hint':
      return about((target) => control.hint(target));
    case 'builtin_jit_compile':
      return about((target) => control.compile(target));
    case 'builtin_jit_lookup':
      return about((target) => control.lookup(target));
    case 'builtin_jit_invalidate':
      return about((target) => control.invalidate(target));
    case 'builtin_jit_stats':
      return {
        type: { params: ['i32'], results: ['i64'] },
        call: ([counter]) => [{ type: 'i64', value: BigInt(control.stats(unsignedOf(counter))) }],
      };
    case 'builtin_jit_enable':
      return change(true);
    case 'builtin_jit_disable':
      return change(false);
    default:
      return undefined;
  }
}
