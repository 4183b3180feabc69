import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { findPackagedModules, formatCompileSection, formatModulesSection, measureCompilation, measureModule } from '@fireball/bench';
import { InvalidInputError } from '@fireball/contracts';
import { bundledKernels } from '@fireball/kernels';
import { documentOf, runCli, withFolder } from '@fireball/testkit';

const fib = join(bundledKernels, 'wasm', 'fib.wasm');

it('finds the modules of the packages', () => {
  const found = findPackagedModules();
  expect(found.map(({ name }) => name)).toEqual(['sql.js', 'quickjs', 'capstone-js', 'esbuild']);
  expect(found.every(({ file }) => file.endsWith('.wasm') && existsSync(file))).toBe(true);
});

it('measures, beside V8', () => {
  const row = measureModule({ name: 'fib', file: fib }, 2);
  expect(row).toMatchObject({ target: 'host', metric: 'decode+validate', unit: 'MB/s', bytes: readFileSync(fib).length });
  expect(row.value).toBeGreaterThan(0);
  expect(row.ratio).toBeCloseTo(row.value / row.baseline, 12);
  const cells = [row.functions, row.value.toFixed(1), row.baseline.toFixed(1), row.ratio.toFixed(3)].join(' | ');
  expect(formatModulesSection([row])).toContain(`| fib | 0.00 | ${cells} |`);
});

it('measures compilation, beside V8, and counts code bytes exactly', () => {
  const rows = measureCompilation({ name: 'fib', file: fib }, 1);
  expect(rows.map(({ target, compiler }) => `${target} ${compiler}`)).toEqual(['thumb2 optimizing', 'thumb2 baseline', 'rv32 optimizing', 'rv32 baseline']);
  for (const row of rows) {
    expect(row).toMatchObject({ name: 'fib', metric: 'compile', unit: 'MB/s' });
    expect(row.bytes).toBeLessThan(readFileSync(fib).length);
    expect(row.codeBytes).toBe({ thumb2: { optimizing: 60, baseline: 80 }, rv32: { optimizing: 108, baseline: 124 } }[row.target][row.compiler]);
    expect(row.baseline).toBeGreaterThan(0);
    expect(row.ratio).toBeCloseTo(row.value / row.baseline, 12);
  }
  expect(formatCompileSection(rows)).toMatch(/\| fib \| thumb2 \| optimizing \| 0\.00 \| .* \| 60 \| \d\.\d\d \|/);
});

it('refuses what is no module, by the file', () => {
  const run = (): unknown => measureModule({ name: 'x', file: join(bundledKernels, 'README.md') }, 1);
  expect(run).toThrow(InvalidInputError);
  expect(run).toThrow(/README\.md/);
});

it('writes a page only where it is told to', () =>
  withFolder({ 'page.md': '# Mine\n' }, (folder) => {
    const page = join(folder, 'page.md');
    const result = runCli(['bench', 'modules', fib, '--passes', '1', '--page', page, '--json']);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(documentOf(result)).toMatchObject({
      suite: 'modules',
      rows: [
        { metric: 'decode+validate' },
        ...(['thumb2', 'rv32'] as const).flatMap((target) => ['optimizing', 'baseline'].map((compiler) => ({ metric: 'compile', target, compiler }))),
      ],
      environment: { node: process.version },
    });
    expect(readFileSync(page, 'utf8')).toMatch(/^# Mine\n\n<!-- bench modules: begin -->\n## Large modules\n/);
  }));
