import { formatCount } from '@fireball/contracts';
import { hostEnvironment } from '../modules.js';
import { historyLength, type HistoryRun, type HistoryTimes } from './history-run.js';
import type { RemoteSteps } from './remote-steps.js';
import { breakpoints, type StopsTimes } from './stops-run.js';

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const milliseconds = (seconds: number): string => `${(seconds * 1000).toFixed(1)} ms`;

/** What a debugger costs, measured. */
export interface DebugTimes {
  readonly remote: readonly RemoteSteps[];
  readonly stops: readonly StopsTimes[];
  readonly history: readonly HistoryTimes[];
}

/** What repeats exactly. */
export function formatDebugSection(runs: readonly HistoryRun[]): string {
  return [
    '## Debugging',
    '',
    'Written by `./fireball bench debug`, checked by `./fireball bench debug --check`. A call that changes all of 1 MiB of linear memory again and again, and what the snapshots of its',
    'history hold, pages that did not change counted once. The limit is 64 MiB; beyond it, every other snapshot goes.',
    '',
    '| target | instructions | bytes of history |',
    '| --- | ---: | ---: |',
    ...runs.map(({ isa, instructions, heldBytes }) => line([isa, formatCount(instructions), formatCount(heldBytes)])),
  ].join('\n');
}

/** Measure, what was measured, aim. */
export function debugCells({ remote, stops, history }: DebugTimes): string[][] {
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
  ];
}

/** What differs from run to run. */
export function formatDebugTimes(times: DebugTimes): string {
  const { node, cpu } = hostEnvironment();
  const day = new Date().toISOString().slice(0, 10);
  return [
    '## Speed of debugging',
    '',
    `Written by \`./fireball bench debug --times\` on ${day} with Node ${node} on one core of: ${cpu}. Steps a second are of the clock, all else is time of\nthe processor. They differ from run to run, so nothing checks this table. The worst step is\none during which garbage was collected.`,
    '',
    '| measure | measured | aim |',
    '| --- | ---: | ---: |',
    ...debugCells(times).map(line),
  ].join('\n');
}
