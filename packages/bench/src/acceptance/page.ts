import { formatCount, type Isa } from '@fireball/contracts';
import { arrangementsSection, type CoreArrangements } from './core-arrangements.js';
import {
  criteriaOf,
  latencyChange,
  latencyOf,
  memoryOf,
  percent,
  speedupOf,
  warmUpChange,
  type Criterion,
  type Latency,
  type Measurement,
} from './criteria.js';
import { templateBytes } from './series.js';
import { sharesSection } from './shares.js';

/** What these figures leave out. */
const caution =
  "These are executed instructions of emulated CPUs, not cycles: flash wait states, caches, pipelines and branch prediction of a real chip are not in them. The compiler's own are among them: it runs on the program's core.";

/** File of a chart, in the folder of the page. */
export function chartFile({ workload, target }: Measurement): string {
  return `acceptance-${workload.name}-${target}.svg`;
}

/** The pass/fail table of every target, as README has it. */
export function criteriaTable(measured: readonly Measurement[]): string {
  const targets = [...new Set(measured.map(({ target }) => target))];
  const columns = targets.map((target) => criteriaOf(measured.filter((each) => each.target === target)));
  const rows = (columns[0] ?? []).map((first, index) => [first.name, first.wanted, ...columns.map((criteria) => verdict(criteria[index]))]);
  return [
    `| criterion | wanted | ${targets.join(' | ')} |`,
    `| --- | --- |${' --- |'.repeat(targets.length)}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
    caution,
  ].join('\n');
}

function verdict(criterion: Criterion | undefined): string {
  return criterion === undefined ? '' : `${criterion.passed ? 'pass' : '**FAIL**'}: ${criterion.measured}`;
}

const latency = ({ p50, p99, max }: Latency): string => [p50, p99, max].map(formatCount).join(' / ');

/** docs/acceptance.md. It repeats exactly. */
export function acceptancePage(measured: readonly Measurement[], cores: readonly CoreArrangements[]): string {
  const workloads = [...new Set(measured.map(({ workload }) => workload))];
  return [
    '# Acceptance',
    '',
    'Written by `./fireball bench acceptance`, checked by `./fireball bench acceptance --check`. Functions of the bundled C kernels are called again and again, once in the interpreter',
    'without counters (*JIT off*) and once in mixed mode from a cold start (*JIT on*). Every call is compared with the reference interpreter, results and all of memory.',
    '',
    criteriaTable(measured),
    '',
    '## Latency of calls, in executed instructions',
    '',
    'p50 / p99 / max. *Warm-up* is the calls before the first that ran native code only; while it lasts, handlers that count cost five to eight instructions more for every call and turn of a loop,',
    'which short functions feel most. *All* is the whole series with the JIT on, warm-up included: its p99 is what the criterion compares.',
    '',
    '| function | target | calls | JIT off | JIT on, all | p99 | warm-up calls | in warm-up | p99 | native | speed-up |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...measured.map((each) => {
      const { workload, target, off, on } = each;
      const cells = [
        `${workload.name}: ${workload.what}`,
        target,
        formatCount(on.latencies.length),
        latency(latencyOf(off.latencies)),
        latency(latencyOf(on.latencies)),
        percent(latencyChange(each)),
        formatCount(on.warmUp),
        latency(latencyOf(on.latencies.slice(0, on.warmUp))),
        percent(warmUpChange(each)),
        latency(latencyOf(on.latencies.slice(on.warmUp))),
        `${speedupOf(each).toFixed(1)} x`,
      ];
      return `| ${cells.join(' | ')} |`;
    }),
    '',
    ...sharesSection(measured),
    '',
    ...arrangementsSection(cores, workloads),
    '',
    '## The way to native code, in virtual time',
    '',
    'Compilation is what the compiler executes on the device, its start included; linking is patching, verification and CRC-32 at the place of the code; switching goes over to the compiler and back, for each slice.',
    '*Switch-over* is what the first native call takes more than a typical one. *Worth it after*: calls until the instructions saved are as many as compilation and switching took.',
    '',
    '| function | target | requests | compilations | on-stack replacements | queue wait | compilation | of it linking | switching | switch-over | worth it after |',
    `| --- | --- |${' ---: |'.repeat(9)}`,
    ...measured.map(({ workload, target, off, on }) => {
      const { tier, latencies, warmUp } = on;
      const native = latencyOf(latencies.slice(warmUp)).p50;
      const saved = latencyOf(off.latencies).p50 - native;
      const counts = [
        tier?.requests,
        tier?.compilations,
        tier?.replacements,
        tier?.queueWait,
        tier?.compileTime,
        tier?.linkTime,
        tier?.switchTime,
        Math.max(0, (latencies[warmUp] ?? 0) - native),
        Math.ceil(((tier?.compileTime ?? 0) + (tier?.switchTime ?? 0)) / saved),
      ];
      return `| ${[workload.name, target, ...counts.map((count) => formatCount(count ?? 0))].join(' | ')} |`;
    }),
    '',
    '## Memory, in bytes',
    '',
    "| function | target | packed templates | code, at most | both | tables, JIT off | tables, JIT on | stack, JIT off | stack, JIT on | staging | queue, at most | compiler's memory | its stack |",
    `| --- | --- |${' ---: |'.repeat(11)}`,
    ...measured.map((each) => {
      const { workload, target, off, on } = each;
      const counts = [
        templateBytes(target),
        on.tier?.cacheHighWater,
        memoryOf(each),
        off.tableBytes,
        on.tableBytes,
        off.stackBytes,
        on.stackBytes,
        on.tier?.stagingHighWater,
        on.tier?.queueHighWater,
        on.tier?.workerMemoryHighWater,
        on.tier?.workerStackHighWater,
      ];
      return `| ${[workload.name, target, ...counts.map((count) => formatCount(count ?? 0))].join(' | ')} |`;
    }),
    ...measured.flatMap((each) => ['', `![${each.workload.what} on ${each.target satisfies Isa}](${chartFile(each)})`]),
    '',
  ].join('\n');
}
