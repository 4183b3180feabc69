import { describe, expect, it } from '@jest/globals';
import { criteriaOf, latencyOf, type Measurement } from './criteria.js';
import { measureSeries } from './series.js';
import { loadWorkloads, type Workload } from './workloads.js';

const [small] = await loadWorkloads();
const workload: Workload = { ...(small as Workload), calls: 120 };
const measure = (): Measurement => ({
  workload,
  target: 'thumb2',
  off: measureSeries(workload, 'thumb2', 'interpreter'),
  on: measureSeries(workload, 'thumb2', 'mixed'),
  arranged: [],
});
const measured = measure();

describe('acceptance', () => {
  it('measures what repeats exactly', () => {
    expect(measure()).toEqual(measured);
  });

  it('takes percentiles by nearest rank', () => {
    expect(latencyOf(Array.from({ length: 200 }, (_, index) => 200 - index))).toEqual({ p50: 100, p99: 198, max: 200 });
  });

  it('passes what is as wanted, but for a warm-up that is longer than one call in a hundred', () => {
    expect(criteriaOf([measured]).map(({ passed }) => passed)).toEqual([true, true, false, true, true, true]);
  });

  it.each<[string, number, Partial<Measurement['on']>]>([
    ['slow native code', 1, { latencies: measured.off.latencies }],
    ['a long tail', 2, { latencies: measured.off.latencies.map((value) => 1.06 * value) }],
    ['a failure on the way', 3, { tier: { ...measured.on.tier!, failures: { ...measured.on.tier!.failures, crc: 1 } } }],
    ['a suspicion of untouched code', 4, { audits: [1, 1] }],
    ['tampering that nobody finds', 4, { audits: [0, 0] }],
    ['too much code', 5, { tier: { ...measured.on.tier!, cacheHighWater: 16 * 1024 } }],
  ])('fails with %s', (_what, index, change) => {
    expect(criteriaOf([{ ...measured, on: { ...measured.on, ...change } }])[index]?.passed).toBe(false);
  });
});
