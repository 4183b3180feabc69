import { formatCount, type Isa } from '@fireball/contracts';
import { defaultMixedOptions, type MixedOptions } from '@fireball/vsoc';
import { latencyOf, percent, type Measurement } from './criteria.js';
import { latenciesOf, type ArrangedSeries } from './series.js';
import type { Workload } from './workloads.js';

const { share, slice } = defaultMixedOptions.sharedTime;

/** How much of the core's time the compiler gets, beside the default. */
const arrangements = [
  { name: '3 %', mixed: { sharedTime: { share: 3, slice } } },
  { name: '25 %', mixed: { sharedTime: { share: 25, slice } } },
  { name: 'all of it', mixed: { sharedTime: { share: 100, slice } } },
  { name: 'a core of its own', mixed: { placement: 'own' } },
] as const satisfies readonly { readonly name: string; readonly mixed: Partial<MixedOptions> }[];

/** The same calls, with the compiler arranged otherwise. */
export function measureArrangements(workload: Workload, isa: Isa): ArrangedSeries[] {
  return arrangements.map(({ name, mixed }) => ({ name, ...latenciesOf(workload, isa, mixed) }));
}

/** The section of the acceptance page. */
export function sharesSection(measured: readonly Measurement[]): string[] {
  return [
    '## The compiler on the same core',
    '',
    `The compiler runs on the program's core, in slices of ${formatCount(slice)} instructions, and has ${share} % of the time while there is work: so do all tables but this one. Calls that it interrupts are longer, and with a`,
    'small part of the time there are many of them: handlers that count cost more than the 5 % of the criterion by themselves, so that what counts is that fewer than one call in a hundred is',
    'interrupted. With all of the time, the longest call waits for a whole function. *Warm-up* is calls before the first native one; changes are against the interpreter without counters.',
    '',
    '| function | target | part of the time | warm-up calls | p99 of all calls | p99 in warm-up | longest call |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: |',
    ...measured.flatMap(({ workload, target, off, on, arranged }) => {
      const [low, high] = [arranged.slice(0, 2), arranged.slice(2)];
      return [...low, { name: `**${share} %**`, latencies: on.latencies, warmUp: on.warmUp }, ...high].map(({ name, latencies, warmUp }) => {
        const before = latencyOf(off.latencies);
        const all = latencyOf(latencies);
        const changes = [all.p99 / before.p99, latencyOf(latencies.slice(0, warmUp)).p99 / before.p99, all.max / before.max].map((ratio) => percent(ratio - 1));
        return `| ${[workload.name, target, name, formatCount(warmUp), ...changes].join(' | ')} |`;
      });
    }),
  ];
}
