import type { Isa } from '@fireball/contracts';
import { quantile, templateBytes, type ArrangedSeries, type Series } from './series.js';
import type { Workload } from './workloads.js';

/** A workload on one target: with the interpreter alone, without counters, and in mixed mode. */
export interface Measurement {
  readonly workload: Workload;
  readonly target: Isa;
  readonly off: Series;
  readonly on: Series;
  /** As `on`, with the compiler in other places. */
  readonly arranged: readonly ArrangedSeries[];
}

/** One criterion of acceptance, in words, and whether it is met. */
export interface Criterion {
  readonly name: string;
  readonly wanted: string;
  readonly measured: string;
  readonly passed: boolean;
}

/** What a platform has for packed templates and native code. */
const platformBudget = 16 * 1024;
const leastSpeedup = 1.5;
const mostLatency = 0.05;

/** Latencies of a series in executed instructions. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Median, 99th percentile and worst of some calls. */
export function latencyOf(values: readonly number[]): Latency {
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99), max: quantile(values, 1) };
}

/** Interpreted against native, both without the other: instructions of a typical call. */
export function speedupOf({ off, on }: Measurement): number {
  return latencyOf(off.latencies).p50 / latencyOf(on.latencies.slice(on.warmUp)).p50;
}

/** By how much the 99th percentile of all calls is longer with the JIT on; negative: shorter. */
export function latencyChange({ off, on }: Measurement): number {
  return latencyOf(on.latencies).p99 / latencyOf(off.latencies).p99 - 1;
}

/** The same of the calls before native code exists, against the same calls with the JIT off. */
export function warmUpChange({ off, on }: Measurement): number {
  return latencyOf(on.latencies.slice(0, on.warmUp)).p99 / latencyOf(off.latencies.slice(0, on.warmUp)).p99 - 1;
}

/** Templates and code, at most, in bytes. */
export function memoryOf({ target, on }: Measurement): number {
  return templateBytes(target) + (on.tier?.cacheHighWater ?? 0);
}

const percent = (share: number): string => `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;

/** The user's acceptance criteria for one target. Results have been compared call by call: a difference is an error before this. */
export function criteriaOf(measured: readonly Measurement[]): Criterion[] {
  const calls = measured.reduce((sum, { on, off }) => sum + on.latencies.length + off.latencies.length, 0);
  const speedups = measured.map(speedupOf);
  const changes = measured.map(latencyChange);
  const tiers = measured.map(({ on }) => on.tier);
  const compilations = tiers.reduce((sum, tier) => sum + (tier?.compilations ?? 0), 0);
  const failures = tiers.reduce((sum, tier) => sum + Object.values(tier?.failures ?? {}).reduce((all, count) => all + count, 0), 0);
  const audits = measured.map(({ on }) => on.audits);
  const memory = Math.max(...measured.map(memoryOf));
  return [
    { name: 'results equal the reference interpreter, memory included', wanted: 'after every call', measured: `${calls} calls compared`, passed: calls > 0 },
    {
      name: 'speed-up of native code',
      wanted: `at least ${leastSpeedup} x (aim 10 x)`,
      measured: `${Math.min(...speedups).toFixed(1)} x at least`,
      passed: Math.min(...speedups) >= leastSpeedup,
    },
    {
      name: 'p99 of call latency, JIT on against off, the compiler on the same core',
      wanted: 'at most +5 % (aim +1 %)',
      measured: `${percent(Math.max(...changes))} at most`,
      passed: Math.max(...changes) < mostLatency,
    },
    {
      name: 'generated code passes its checks',
      wanted: 'all of it',
      measured: `${compilations} compilations, ${failures} failures`,
      passed: compilations > 0 && failures === 0,
    },
    {
      name: 'tampering is found, untouched code is not suspected',
      wanted: 'by an audit',
      measured: audits.map((audit) => (audit === undefined ? 'none' : `${audit[1]} of 1`)).join(', '),
      passed: audits.every((audit) => audit?.[0] === 0 && audit[1] === 1),
    },
    {
      name: 'packed templates and code cache',
      wanted: `at most ${platformBudget} bytes`,
      measured: `${memory} bytes at most`,
      passed: memory <= platformBudget,
    },
  ];
}

export { percent };
