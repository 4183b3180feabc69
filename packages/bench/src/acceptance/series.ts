import { InternalError, type Isa } from '@fireball/contracts';
import { loadTemplates, packedSize } from '@fireball/jit';
import { createVsoc, memoryMap, type MixedOptions, type TierStatistics, type Vsoc, type VsocFunction } from '@fireball/vsoc';
import { instantiate, Store, type Instance, type Value } from '@fireball/wasm';
import type { Workload } from './workloads.js';

/** What a system holds at a moment, in bytes; `at` is virtual time in executed instructions. */
export interface MemorySample {
  readonly at: number;
  readonly code: number;
  readonly staging: number;
  readonly queued: number;
}

/** A series of calls on one virtual SoC. */
export interface Series {
  /** Of each call, in instructions that the core executed meanwhile, the compiler's included. */
  readonly latencies: readonly number[];
  /** Calls before the first that ran native code only; all of them where none did. */
  readonly warmUp: number;
  /** Most bytes of stack in use. */
  readonly stackBytes: number;
  readonly tableBytes: number;
  /** Of mixed mode. */
  readonly tier: TierStatistics | undefined;
  readonly memory: readonly MemorySample[];
  /** After an audit of untouched code, and after one of code that somebody changed: functions found. */
  readonly audits: readonly [untouched: number, tampered: number] | undefined;
}

/** Latencies with the compiler in another place, or with another part of the core. */
export interface ArrangedSeries extends Pick<Series, 'latencies' | 'warmUp'> {
  readonly name: string;
}

const painted = 0x5aa5_c33c;

/**
 * Calls the workload's function as often as it says, and compares results and all of memory with the reference interpreter after each.
 * @throws InternalError where they differ
 */
export function measureSeries(workload: Workload, isa: Isa, tier: 'interpreter' | 'mixed'): Series {
  const { loaded, index, calls } = workload;
  const reference = instantiate(new Store({ maxPages: 64 }), loaded.validated, () => undefined, {});
  const vsoc = createVsoc({ isa, tier, maxPages: 64 });
  try {
    const instance = vsoc.instantiate(loaded.validated);
    const callee = instance.functions[index] as VsocFunction;
    const stack = vsoc.dataMemory.stackWords(memoryMap.stack.base);
    stack.fill(painted);
    const memory: MemorySample[] = [];
    const { latencies, warmUp } = latenciesIn(vsoc, calls, (call) => {
      const called = compared(workload, call, vsoc, callee, instance.memory(0), reference);
      if (vsoc.mixed !== undefined) memory.push(sampleOf(vsoc));
      return called;
    });
    const { tier: ended, audits } = finish(vsoc, workload, callee, instance.memory(0), reference);
    const used = stack.findIndex((word) => word !== painted);
    return { latencies, warmUp, stackBytes: 4 * (stack.length - used), tableBytes: instance.lastStatistics.tableBytes, tier: ended, memory, audits };
  } finally {
    vsoc.close();
  }
}

function compared(
  workload: Workload,
  call: number,
  vsoc: Vsoc,
  callee: VsocFunction,
  bytes: Uint8Array,
  reference: Instance,
): { instructions: number; nativeInstructions: number } {
  const referenceBytes = reference.memories[0]?.bytes ?? new Uint8Array();
  const { name, index } = workload;
  const args = workload.prepare(call, bytes);
  const expected = reference.invoke(index, workload.prepare(call, referenceBytes));
  const actual = vsoc.call(callee, args);
  const values = 'trap' in expected ? undefined : expected.results;
  if (!equal(values, actual.results as readonly Value[]) || Buffer.compare(bytes, referenceBytes) !== 0) {
    throw new InternalError(`call ${call} of the ${name} function on ${vsoc.isa} is not what the reference interpreter makes it`);
  }
  return actual;
}

function equal(expected: readonly Value[] | undefined, actual: readonly Value[]): boolean {
  return (
    expected?.length === actual.length && expected.every(({ type, value }, position) => actual[position]?.type === type && actual[position].value === value)
  );
}

function sampleOf({ mixed }: Vsoc): MemorySample {
  if (mixed === undefined) throw new InternalError('no mixed mode to sample');
  const { statistics, clock, cache, service } = mixed;
  return { at: clock.now, code: cache.bytes, staging: statistics.stagingHighWater, queued: service.waiting };
}

/** Latencies in mixed mode, as `measureSeries` has them, where nothing has to be compared any more. */
export function latenciesOf({ loaded, index, calls, prepare }: Workload, isa: Isa, mixed: Partial<MixedOptions>): Pick<Series, 'latencies' | 'warmUp'> {
  const vsoc = createVsoc({ isa, tier: 'mixed', maxPages: 64, mixed });
  try {
    const instance = vsoc.instantiate(loaded.validated);
    const callee = instance.functions[index] as VsocFunction;
    return latenciesIn(vsoc, calls, (call) => vsoc.call(callee, prepare(call, instance.memory(0))));
  } finally {
    vsoc.close();
  }
}

/** Latencies of so many calls, and those before the first native one; nothing but them executes. */
function latenciesIn(
  { execution }: Vsoc,
  calls: number,
  make: (call: number) => { readonly instructions: number; readonly nativeInstructions: number },
): Pick<Series, 'latencies' | 'warmUp'> {
  const latencies: number[] = [];
  let warmUp = calls;
  for (let call = 0; call < calls; call++) {
    const before = execution.now;
    const { instructions, nativeInstructions } = make(call);
    latencies.push(execution.now - before);
    if (warmUp === calls && nativeInstructions === instructions) warmUp = call;
  }
  return { latencies, warmUp };
}

/** Audits the code, changes a byte of it past all protection, audits again, and calls once more. */
function finish(vsoc: Vsoc, workload: Workload, callee: VsocFunction, bytes: Uint8Array, reference: Instance): Pick<Series, 'tier' | 'audits'> {
  const { mixed } = vsoc;
  if (mixed === undefined) return { tier: undefined, audits: undefined };
  const ended = structuredClone(mixed.statistics);
  mixed.audit();
  const untouched = mixed.statistics.tampered;
  const [installed] = vsoc.codeMap.functions;
  if (installed !== undefined) {
    const { address } = installed.code;
    vsoc.codeMemory.writePhysical(
      address,
      vsoc.codeMemory.stored(address, 1).map((byte) => byte ^ 1),
    );
  }
  mixed.audit();
  const tampered = mixed.statistics.tampered - untouched;
  compared(workload, workload.calls, vsoc, callee, bytes, reference);
  return { tier: ended, audits: [untouched, tampered] };
}

/** The `share` quantile of the values, by nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** Bytes of the packed template set of a target. */
export function templateBytes(isa: Isa): number {
  return packedSize(loadTemplates(isa));
}
