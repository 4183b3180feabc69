import { join } from 'node:path';
import type { Command } from 'commander';
import {
  debugCells,
  formatDebugSection,
  formatDebugTimes,
  frontEndCells,
  frontEndColumns,
  hostEnvironment,
  measureFrontEnds,
  measureHistory,
  measurePageTimes,
  measureRemoteSteps,
  measureStops,
  refreshPage,
  runHistory,
  type DebugTimes,
  type HistoryRun,
} from '@fireball/bench';
import { formatCount, formatTable, type Isa } from '@fireball/contracts';
import { builtCommandLine, repositoryRoot } from '../paths.js';
import { benchReport } from '../reports/bench-page.js';
import { htmlOption } from '../reports/write.js';
import { wholeNumber, type ActionRunner, type CommandContext } from './command.js';

interface DebugBenchOptions {
  readonly check?: true;
  readonly times?: true;
  readonly passes: number;
  readonly page: string;
  readonly html?: string;
}

const targets: readonly Isa[] = ['thumb2', 'rv32'];
const cores = ['cortex-m4', 'rv32'] as const;

/** Adds `bench debug`. */
export function registerBenchDebug(bench: Command, run: ActionRunner): void {
  const command = bench
    .command('debug')
    .description(
      'debugging: exact sizes of histories and of what front ends are sent, which go to docs/performance.md; with --times also steps a second, the cost of breakpoints and of histories, how fast they are gone back in, and frames of the page where Chromium is',
    )
    .option('--page <file>', 'page to write', join(repositoryRoot, 'docs', 'performance.md'))
    .option('--check', 'write nothing; exit with status 1 where the exact numbers of the page are not what they would be')
    .option('--times', 'measure speed too, and write it')
    .option('--passes <number>', 'passes, of which the fastest counts', wholeNumber(1), 3)
    .addOption(htmlOption('the sections'));
  run(command, async (context, { check, times, passes, page, html }: DebugBenchOptions) => {
    const runs: HistoryRun[] = [];
    for (const isa of targets) {
      context.progress(`history on ${isa}`);
      runs.push(await runHistory(isa));
    }
    context.progress('front ends');
    const costs = { histories: runs, frontEnds: await measureFrontEnds('thumb2') };
    const measured = times ? await measureAll(context, passes) : undefined;
    context.progress('');
    const sections = { debug: formatDebugSection(costs) };
    const timed = measured === undefined ? {} : { 'debug-times': formatDebugTimes(measured) };
    const isOutdated = refreshPage(page, sections, !check);
    if (!check) refreshPage(page, timed, true);
    await benchReport(html, Object.values({ ...sections, ...timed }));
    return {
      exitStatus: check && isOutdated ? 1 : 0,
      document: {
        suite: 'debug',
        runs,
        frontEnds: costs.frontEnds,
        ...(measured === undefined ? {} : { times: measured }),
        outdated: isOutdated,
        environment: hostEnvironment(),
      },
      text: [
        formatTable(
          ['target', 'instructions', 'bytes of history'],
          runs.map(({ isa, instructions, heldBytes }) => [isa, formatCount(instructions), formatCount(heldBytes)]),
          1,
        ),
        formatTable(frontEndColumns, frontEndCells(costs.frontEnds), 1),
        ...(measured === undefined ? [] : [formatTable(['measure', 'measured', 'aim'], debugCells(measured), 1)]),
        ...(check && isOutdated ? [`${page} is out of date: run ./fireball bench debug`] : []),
      ].join('\n\n'),
    };
  });
}

async function measureAll(context: CommandContext, passes: number): Promise<DebugTimes> {
  const times = { remote: [] as DebugTimes['remote'][number][], stops: [] as DebugTimes['stops'][number][], history: [] as DebugTimes['history'][number][] };
  for (const core of cores) {
    context.progress(`single steps on ${core}`);
    times.remote.push(await measureRemoteSteps(core, builtCommandLine));
    context.progress(`breakpoints on ${core}`);
    times.stops.push(await measureStops(core, passes));
  }
  for (const isa of targets) {
    context.progress(`times of a history on ${isa}`);
    times.history.push(await measureHistory(isa, passes));
  }
  context.progress('frames of the page');
  return { ...times, page: await measurePageTimes(builtCommandLine) };
}
