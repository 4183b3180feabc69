import { join } from 'node:path';
import type { Command } from 'commander';
import { badlyPredicted, cyclesPerWasm, formatCycleSection, measureCycles, pairsByCore, refreshPage, type CycleRow } from '@fireball/bench';
import { formatCount, formatTable } from '@fireball/contracts';
import { bundledKernels, loadKernels } from '@fireball/kernels';
import { repositoryRoot } from '../paths.js';
import { benchReport } from '../reports/bench-page.js';
import { htmlOption } from '../reports/write.js';
import type { ActionRunner } from './command.js';

interface CyclesOptions {
  readonly kernels: string;
  readonly check?: true;
  readonly page: string;
  readonly html?: string;
}

/** Adds `bench cycles`. */
export function registerBenchCycles(bench: Command, run: ActionRunner): void {
  const command = bench
    .command('cycles')
    .description(
      'estimated cycles and badly predicted branches of the kernels on a Cortex-M4, a Cortex-M7 and a SiFive E31, interpreted and as native code; writes docs/performance.md',
    )
    .option('--kernels <folder>', 'folder with baselines.json and wasm/NAME.wasm', bundledKernels)
    .option('--page <file>', 'page to write', join(repositoryRoot, 'docs', 'performance.md'))
    .option('--check', 'write nothing; exit with status 1 where the page is not what it would be')
    .addOption(htmlOption('the section'));
  run(command, async (context, { kernels, page, check, html }: CyclesOptions) => {
    const rows: CycleRow[] = [];
    for (const kernel of await loadKernels(kernels)) {
      context.progress(kernel.name);
      rows.push(...(await measureCycles(kernel)));
    }
    context.progress('');
    const section = formatCycleSection(rows);
    const outdated = refreshPage(page, { cycles: section }, !check);
    await benchReport(html, [section]);
    return {
      exitStatus: check && outdated ? 1 : 0,
      document: { suite: 'cycles', rows: documentRows(rows), outdated, environment: { node: process.version, arch: process.arch } },
      text: [
        formatTable(
          ['kernel', 'core', 'engine', 'instructions', 'branches', 'taken', 'bad / 1,000 wasm', 'cycles', 'cycles / wasm'],
          rows.map((row) => [
            row.name,
            row.core.name,
            row.tier === 'laidOut' ? `${row.target}, branch layout` : row.target,
            ...[row.instructions, row.branches, row.taken].map(formatCount),
            badlyPredicted(row).toFixed(1),
            formatCount(row.cycles),
            cyclesPerWasm(row).toFixed(2),
          ]),
          3,
        ),
        ...(check && outdated ? [`${page} is out of date: run ./fireball bench cycles`] : []),
      ].join('\n'),
    };
  });
}

const metrics = [
  { metric: 'cycles', unit: 'cycles', of: ({ cycles }: CycleRow): number => cycles },
  { metric: 'badly predicted branches', unit: 'branches', of: ({ refills }: CycleRow): number => refills },
  { metric: 'badly predicted branches per 1,000 wasm instructions', unit: 'branches', of: badlyPredicted },
] as const;

/** One metric a row, as every suite of `bench` has them; native code's baseline is the interpreter on the same core. */
function documentRows(rows: readonly CycleRow[]): object[] {
  return [...pairsByCore(rows)].flatMap(([{ name: core }, pairs]) =>
    pairs.flatMap(({ name, interpreter, compiled, laidOut }) =>
      metrics.flatMap(({ metric, unit, of }) => {
        const baseline = of(interpreter);
        return [
          { name, target: interpreter.target, core, metric, value: baseline, unit },
          ...[compiled, laidOut].map((row) => ({
            name,
            target: row.target,
            layout: row === laidOut,
            core,
            metric,
            value: of(row),
            unit,
            baseline,
            ratio: of(row) / baseline,
          })),
        ];
      }),
    ),
  );
}
