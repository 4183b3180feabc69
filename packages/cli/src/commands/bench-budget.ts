import { join } from 'node:path';
import type { Command } from 'commander';
import { cells, circle, crowded, formatBudgetSection, measureBudgets, refreshPage, words, type BudgetProgram, type BudgetRow } from '@fireball/bench';
import { formatTable } from '@fireball/contracts';
import { loadTemplates } from '@fireball/jit';
import { compileOffline } from '@fireball/vsoc';
import { repositoryRoot } from '../paths.js';
import { benchReport } from '../reports/bench-page.js';
import { htmlOption } from '../reports/write.js';
import type { ActionRunner } from './command.js';

interface BudgetOptions {
  readonly check?: true;
  readonly page: string;
  readonly html?: string;
}

/** Adds `bench budget`. */
export function registerBenchBudget(bench: Command, run: ActionRunner): void {
  const command = bench
    .command('budget')
    .description('programs whose native code is larger than the code cache, in mixed mode with several budgets; writes docs/performance.md')
    .option('--page <file>', 'page to write', join(repositoryRoot, 'docs', 'performance.md'))
    .option('--check', 'write nothing; exit with status 1 where the page is not what it would be')
    .addOption(htmlOption('the section'));
  run(command, async (context, { page, check, html }: BudgetOptions) => {
    const programs = [await words(join(repositoryRoot, 'e2e', 'wasi', 'wasm', 'words.wasm')), await circle(), await crowded('coremark')];
    const rows: BudgetRow[] = [];
    for (const program of programs) rows.push(...(await measureBudgets(program, (text) => context.progress(text))));
    context.progress('');
    const section = formatBudgetSection(rows, programs.map(sizesOf));
    const outdated = refreshPage(page, { budget: section }, !check);
    await benchReport(html, [section]);
    return {
      exitStatus: check && outdated ? 1 : 0,
      document: { suite: 'budget', rows: rows.flatMap(documentRows), outdated, environment: { node: process.version, arch: process.arch } },
      text: [
        formatTable(
          ['program', 'target', 'budget', 'instructions', 'x unlimited', 'x interpreter', 'native', 'compilations', 'again', 'evictions', 'most bytes'],
          rows.map((row) => cells(row, rows)),
        ),
        ...(check && outdated ? [`${page} is out of date: run ./fireball bench budget`] : []),
      ].join('\n'),
    };
  });
}

function sizesOf({ name, loaded: { validated } }: BudgetProgram): { name: string; wasmBytes: number; codeBytes: number } {
  const sums = { name, wasmBytes: 0, codeBytes: 0 };
  for (const { source, code } of compileOffline(validated, loadTemplates('thumb2'))) {
    sums.wasmBytes += source.end - source.start;
    sums.codeBytes += code.bytes.length;
  }
  return sums;
}

/** One metric a row, as every suite of `bench` has them; the ratio is to the run without a limit, or absent. */
function documentRows(
  { name, target, budget, instructions, nativeInstructions, tier, memory }: BudgetRow,
  _index: number,
  all: readonly BudgetRow[],
): object[] {
  const baseline = Math.min(...all.filter((row) => row.name === name && row.target === target && row.budget !== undefined).map((row) => row.instructions));
  const metrics = { instructions, nativeInstructions, compilations: tier?.compilations ?? 0, evictions: tier?.evictions ?? 0, memory };
  return Object.entries(metrics).map(([metric, value]) => ({
    name,
    target,
    budget: budget ?? 0,
    metric,
    value,
    unit: metric === 'memory' ? 'bytes' : metric.endsWith('nstructions') ? 'instructions' : 'events',
    ...(metric === 'instructions' ? { baseline, ratio: value / baseline } : {}),
  }));
}
