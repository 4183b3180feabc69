import { formatCount } from '@fireball/contracts';
import { hostEnvironment } from '../modules.js';
import { frontEndKernel, measuredSteps, type FrontEndCost } from './front-ends.js';
import { historyLength, type HistoryRun, type HistoryTimes } from './history-run.js';
import type { PageTimes } from './page-times.js';
import type { RemoteSteps } from './remote-steps.js';
import { breakpoints, type StopsTimes } from './stops-run.js';

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const milliseconds = (seconds: number): string => `${(seconds * 1000).toFixed(1)} ms`;

/** What a debugger costs, measured. */
export interface DebugTimes {
  readonly remote: readonly RemoteSteps[];
  readonly stops: readonly StopsTimes[];
  readonly history: readonly HistoryTimes[];
  /** Undefined where there is no browser. */
  readonly page?: PageTimes | undefined;
}

/** What repeats exactly. */
export interface DebugCosts {
  readonly histories: readonly HistoryRun[];
  readonly frontEnds: readonly FrontEndCost[];
}

/** Columns of the table of what front ends send. */
export const frontEndColumns = ['front end', 'bytes at first', 'requests a step', 'messages a step', 'bytes a step'];

/** A row of the table for each front end. */
export function frontEndCells(costs: readonly FrontEndCost[]): string[][] {
  return costs.map(({ name, first, requests, messages, bytes }) => [name, formatCount(first), ...[requests, messages, bytes].map((sum) => perStep(sum))]);
}

const perStep = (sum: number): string => formatCount(Math.round(sum / measuredSteps));

/** The section of what repeats exactly. */
export function formatDebugSection({ histories, frontEnds }: DebugCosts): string {
  return [
    '## Debugging',
    '',
    'Written by `./fireball bench debug`, checked by `./fireball bench debug --check`. A call that changes all of 1 MiB of linear memory again and again, and what the snapshots of its',
    'history hold, pages that did not change counted once. The limit is 64 MiB; beyond it, every other snapshot goes.',
    '',
    '| target | instructions | bytes of history |',
    '| --- | ---: | ---: |',
    ...histories.map(({ isa, instructions, heldBytes }) => line([isa, formatCount(instructions), formatCount(heldBytes)])),
    '',
    `What front ends are sent: \`${frontEndKernel}\` on thumb2, ${measuredSteps} steps by wasm instruction from its beginning. A client of the Debug Adapter Protocol asks as VS Code does, with locals and operands open: the step, threads,`,
    'two stack traces, scopes, two lists of variables. The page has its console open; first are its files, in whole KiB, and what it asks for. A terminal gets what has changed of its screen.',
    '',
    line(frontEndColumns),
    '| --- | ---: | ---: | ---: | ---: |',
    ...frontEndCells(frontEnds).map(line),
  ].join('\n');
}

/** Measure, what was measured, aim. */
export function debugCells({ remote, stops, history, page }: DebugTimes): string[][] {
  return [
    ...remote.flatMap(({ core, steps, seconds, bareSeconds }) => [
      [`single steps a second of a client of the GDB protocol, ${core}`, formatCount(Math.round(steps / seconds)), '10,000'],
      ['answers a second of a process that does nothing else, beside it', formatCount(Math.round(steps / bareSeconds)), ''],
      [`what a step takes beyond such an answer, ${core}`, `${(((seconds - bareSeconds) / steps) * 1e6).toFixed(0)} us`, ''],
    ]),
    ...stops.map(({ core, without, withBreakpoints }) => [
      `speed with ${breakpoints} breakpoints, of that without, ${core}`,
      (without / withBreakpoints).toFixed(2),
      'at least 0.9',
    ]),
    ...history.flatMap(({ isa, plain, withHistory, heldBytes, medianVisit, worstVisit, medianStepBack, worstStepBack }) => [
      [
        `anywhere in ${formatCount(historyLength)} instructions with 1 MiB of RAM, ${isa}`,
        `${milliseconds(medianVisit)}, at worst ${milliseconds(worstVisit)}`,
        'within 200 ms',
      ],
      [`next steps back from there, ${isa}`, `${milliseconds(medianStepBack)}, at worst ${milliseconds(worstStepBack)}`, 'within 5 ms'],
      [`running time that history adds, ${isa}`, `${(100 * (withHistory / plain - 1)).toFixed(0)} %`, 'at most 20 %'],
      [`memory that history takes, ${isa}`, `${(heldBytes / 2 ** 20).toFixed(1)} MiB`, 'at most 64 MiB'],
    ]),
    ...(page === undefined ? [] : pageCells(page)),
  ];
}

function pageCells({ sites, firstPaint, medianFrame, longFrame, work }: PageTimes): string[][] {
  const milliseconds = (time: number): string => `${time.toFixed(1)} ms`;
  return [
    [`first paint of the page, ${formatCount(sites)} sites`, milliseconds(firstPaint), 'within 1 s'],
    ['a frame of it while it scrolls: median, 95th percentile', `${milliseconds(medianFrame)}, ${milliseconds(longFrame)}`, '16.7 ms'],
    ["time of the page's thread for a frame, of the processor", milliseconds(work), 'within 16.7 ms'],
  ];
}

/** What differs from run to run. */
export function formatDebugTimes(times: DebugTimes): string {
  const { node, cpu } = hostEnvironment();
  const day = new Date().toISOString().slice(0, 10);
  return [
    '## Speed of debugging',
    '',
    `Written by \`./fireball bench debug --times\` on ${day} with Node ${node} on one core of: ${cpu}. Steps a second, the first paint and frames are of the clock; ways back through history what\nthe clock or the processor says, whichever is less: collections of garbage are in it, but not those that go on in other threads; all else is time of the\nprocessor. They differ from run to run, so nothing checks this table.`,
    '',
    '| measure | measured | aim |',
    '| --- | ---: | ---: |',
    ...debugCells(times).map(line),
  ].join('\n');
}
