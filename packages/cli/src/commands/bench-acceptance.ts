import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  acceptancePage,
  chartFile,
  chartOf,
  criteriaOf,
  criteriaTable,
  latencyChange,
  latencyOf,
  loadWorkloads,
  measureArrangements,
  measureCoreArrangements,
  measureSeries,
  memoryOf,
  refreshPage,
  speedupOf,
  warmUpChange,
  type CoreArrangements,
  type Measurement,
  type Series,
} from '@fireball/bench';
import { formatTable, makeOutputFolder, readInputText, writeOutputFile, type Isa } from '@fireball/contracts';
import type { Command } from 'commander';
import { repositoryRoot } from '../paths.js';
import { benchReport } from '../reports/bench-page.js';
import { htmlOption } from '../reports/write.js';
import type { ActionRunner } from './command.js';

interface AcceptanceOptions {
  readonly check?: true;
  readonly folder: string;
  readonly readme: string;
  readonly html?: string;
}

const targets = ['thumb2', 'rv32'] as const satisfies readonly Isa[];

/** Adds `bench acceptance`. */
export function registerBenchAcceptance(bench: Command, run: ActionRunner): void {
  const command = bench
    .command('acceptance')
    .description(
      'latency, speed-up, integrity and memory of mixed mode against the acceptance criteria; writes docs/acceptance.md, its charts, and the table in README.md',
    )
    .option('--folder <folder>', 'folder of the page and its charts', join(repositoryRoot, 'docs'))
    .option('--readme <file>', 'page with the table of criteria', join(repositoryRoot, 'README.md'))
    .option('--check', 'write nothing; exit with status 1 where a page or chart is not what it would be')
    .addOption(htmlOption('the page'));
  run(command, async (context, { check, folder, readme, html }: AcceptanceOptions) => {
    const measured: Measurement[] = [];
    const workloads = await loadWorkloads();
    for (const workload of workloads) {
      for (const target of targets) {
        context.progress(`${workload.name} on ${target}`);
        const [off, on] = (['interpreter', 'mixed'] as const).map((tier) => measureSeries(workload, target, tier)) as [Series, Series];
        measured.push({ workload, target, off, on, arranged: measureArrangements(workload, target) });
      }
    }
    const cores = targets.map((target) => {
      context.progress(`the compiler on ${target}`);
      return measureCoreArrangements(target, workloads);
    });
    context.progress('');
    const page = acceptancePage(measured, cores);
    const charts = new Map<string, string>();
    for (const each of measured) charts.set(chartFile(each), await chartOf(each));
    await benchReport(html, [page], charts);
    const files = new Map([[join(folder, 'acceptance.md'), page], ...[...charts].map(([name, svg]) => [join(folder, name), svg] as const)]);
    const outdated = [...files].filter(([file, text]) => !existsSync(file) || readInputText(file) !== text).map(([file]) => file);
    if (refreshPage(readme, { acceptance: criteriaTable(measured) }, !check)) outdated.push(readme);
    if (!check) {
      makeOutputFolder(folder);
      for (const [file, text] of files) writeOutputFile(file, text);
    }
    const criteria = targets.flatMap((target) => criteriaOf(measured.filter((each) => each.target === target)).map((criterion) => ({ target, ...criterion })));
    const failed = criteria.some(({ passed }) => !passed);
    return {
      exitStatus: failed || (check && outdated.length > 0) ? 1 : 0,
      document: {
        suite: 'acceptance',
        rows: [...measured.flatMap(documentRows), ...cores.flatMap(coreRows)],
        criteria,
        outdated,
        environment: { node: process.version, arch: process.arch },
      },
      text: [
        formatTable(
          ['criterion', 'target', 'wanted', 'measured', ''],
          criteria.map(({ name, target, wanted, measured: found, passed }) => [name, target, wanted, found, passed ? 'pass' : 'FAIL']),
        ),
        ...(check ? outdated.map((file) => `${file} is out of date: run ./fireball bench acceptance`) : []),
      ].join('\n'),
    };
  });
}

/** Of the compiler's arrangements. */
function coreRows({ target, arrangements }: CoreArrangements): object[] {
  return arrangements.flatMap(({ name, flash, tables, codeRam, warmUp }) =>
    Object.entries({ flash, tables, codeRam, warmUp }).map(([metric, value]) => ({
      name: `compiler: ${name}`,
      target,
      metric,
      value,
      unit: metric === 'warmUp' ? 'instructions' : 'bytes',
    })),
  );
}

/** One metric a row, as every suite of `bench` has them. */
function documentRows(each: Measurement): object[] {
  const { workload, target, off, on, arranged } = each;
  const [before, all, warmUp, after] = [off.latencies, on.latencies, on.latencies.slice(0, on.warmUp), on.latencies.slice(on.warmUp)].map(latencyOf);
  const row = (metric: string, value: number | undefined, unit: string, baseline?: number): object => ({
    name: workload.name,
    target,
    metric,
    value: value ?? null,
    unit,
    ...(baseline === undefined || value === undefined ? {} : { baseline, ratio: value / baseline }),
  });
  return [
    row('speed-up', speedupOf(each), 'x'),
    row('p99 change', latencyChange(each), 'share'),
    row('p99 change in warm-up', warmUpChange(each), 'share'),
    ...(['p50', 'p99', 'max'] as const).flatMap((key) => [
      row(`${key}, JIT off`, before?.[key], 'instructions'),
      row(`${key}, JIT on`, all?.[key], 'instructions', before?.[key]),
      row(`${key}, warm-up`, warmUp?.[key], 'instructions', before?.[key]),
      row(`${key}, native`, after?.[key], 'instructions', before?.[key]),
    ]),
    row('queue wait', on.tier?.queueWait, 'instructions'),
    row('compilation', on.tier?.compileTime, 'instructions'),
    ...arranged.flatMap(({ name, latencies, warmUp: calls }) => [
      row(`p99, compiler with ${name}`, latencyOf(latencies).p99, 'instructions', before?.p99),
      row(`warm-up, compiler with ${name}`, calls, 'calls'),
    ]),
    row('switching', on.tier?.switchTime, 'instructions'),
    row('linking', on.tier?.linkTime, 'instructions'),
    row('templates and code', memoryOf(each), 'bytes'),
    row('tables', on.tableBytes, 'bytes', off.tableBytes),
    row('stack', on.stackBytes, 'bytes', off.stackBytes),
    row('staging', on.tier?.stagingHighWater, 'bytes'),
    row("the compiler's memory", on.tier?.workerMemoryHighWater, 'bytes'),
    row("the compiler's stack", on.tier?.workerStackHighWater, 'bytes'),
  ];
}
