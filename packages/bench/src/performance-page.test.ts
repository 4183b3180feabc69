import { describe, expect, it } from '@jest/globals';
import { bundledKernels, loadKernels, wideKernels } from '@fireball/kernels';
import { formatSection, formatWideSection, geometricMean, meanRatio, type BenchRow, type Measurements } from './performance-page.js';

function row(name: string, target: string, metric: BenchRow['metric'], value: number, baseline: number): BenchRow {
  return { name, target, metric, value, unit: metric === 'instructions' ? 'instructions' : 'bytes', baseline, ratio: value / baseline };
}

const measurements: Measurements = {
  rows: [
    row('fib', 'thumb2', 'instructions', 2000, 1000),
    row('fib', 'thumb2', 'code bytes', 50, 100),
    row('vm', 'thumb2', 'instructions', 8000, 1000),
    row('vm', 'thumb2', 'code bytes', 200, 100),
  ],
  missing: [{ name: 'i64mix', target: 'thumb2', reason: 'i64.mul' }],
  failures: [],
  sharedBytes: new Map([['thumb2', 94]]),
};

it('takes geometric means', () => {
  expect(geometricMean([2, 8])).toBeCloseTo(4, 12);
  expect(meanRatio(measurements.rows, 'thumb2', 'code bytes')).toBeCloseTo(1, 12);
  expect(meanRatio(measurements.rows, 'rv32', 'instructions')).toBeUndefined();
});

describe('the section', () => {
  it('has a row per kernel, the means, what is missing and what is shared', async () => {
    const section = formatSection(await loadKernels(bundledKernels), measurements);
    expect(section).toContain('| fib | 2,000 | 1,000 | 2.00 | 50 | 100 | 0.50 |');
    expect(section).toContain('| **geometric mean** | | | **4.00** | | | **1.00** |');
    expect(section).toContain('`i64mix` is left out: not supported yet: i64.mul.');
    expect(section).toContain('holds 94 bytes of a routine');
    expect(section).toContain('| **fireball** | 4.00 |');
    // The means of the other ways are those of baselines.json's own README.
    expect(section).toContain('| wamr-fast | 20.44 |');
    expect(section).not.toContain('rv32');
    // The aim for a device: at most 6 KB of templates.
    const [, packed = ''] = /\| thumb2 \| ([\d,]+) \| [\d,]+ \|/.exec(section) ?? [];
    expect(Number(packed.replace(',', ''))).toBeGreaterThan(0);
    expect(Number(packed.replace(',', ''))).toBeLessThanOrEqual(6144);
    expect(section).not.toContain('The interpreter in ROM');
  });

  it('has the interpreter beside wasm3, where it was measured', async () => {
    const interpreted: Measurements = {
      ...measurements,
      rows: [
        ...measurements.rows,
        row('fib', 'vsoc-interp-thumb2', 'instructions', 1400, 1000),
        row('fib', 'vsoc-interp-thumb2', 'table bytes', 312, 78),
        row('vm', 'vsoc-interp-thumb2', 'instructions', 5600, 1000),
        row('vm', 'vsoc-interp-thumb2', 'table bytes', 400, 435),
      ],
    };
    const section = formatSection(await loadKernels(bundledKernels), interpreted);
    expect(section).toContain('| fib | 1,400 | 1,000 | 1.40 | 78 | 312 |');
    expect(section).toContain('| **geometric mean** | | | **2.80** | | |');
  });
});

it('the wide section compares with gcc only', async () => {
  const rows = [row('lz', 'thumb2', 'instructions', 2000, 1000), row('lz', 'thumb2', 'code bytes', 50, 100)];
  const kernels = await loadKernels(wideKernels);
  const section = formatWideSection(kernels, { ...measurements, rows, missing: [] });
  expect(section).toContain('### The wide set on thumb2 (Cortex-M4)');
  expect(section).toContain('| lz | 2,000 | 1,000 | 2.00 | 50 | 100 | 0.50 |');
  expect(section).toContain('| **fireball** | 2.00 |');
  expect(section).not.toMatch(/rv32|wasm3/);
  expect(kernels.map(({ name }) => name)).toEqual(['aes', 'coremark', 'dsp', 'json', 'list', 'lz', 'protocol', 'regvm', 'string']);
});
