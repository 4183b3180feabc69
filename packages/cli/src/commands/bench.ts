import { join } from 'node:path';
import { formatSection, formatWideSection, meanRatio, refreshPage, type BenchRow, type Measurements } from '@fireball/bench';
import { formatCount, formatTable, type Isa } from '@fireball/contracts';
import { describeOutcome } from '@fireball/differential';
import { nativeEngines, romInterpreters, type CallStatistics, type Engine, type EngineOptions } from '@fireball/engines';
import { bundledKernels, isChecksum, loadKernels, runKernel, wideKernels, type Kernel } from '@fireball/kernels';
import { repositoryRoot } from '../paths.js';
import type { Report } from '../report.js';
import { benchReport } from '../reports/bench-page.js';
import { htmlOption } from '../reports/write.js';
import { registerBenchAcceptance } from './bench-acceptance.js';
import { registerBenchBudget } from './bench-budget.js';
import { registerBenchCore } from './bench-core.js';
import { registerBenchCpus } from './bench-cpus.js';
import { registerBenchCycles } from './bench-cycles.js';
import { registerBenchDebug } from './bench-debug.js';
import { registerBenchDeviceCompile } from './bench-device-compile.js';
import { registerBenchEmulate } from './bench-emulate.js';
import { registerBenchModules } from './bench-modules.js';
import type { CommandContext, CommandRegistration } from './command.js';
import { addEngineOptions } from './engine-options.js';

interface BenchOptions extends EngineOptions {
  readonly kernels: string;
  readonly check?: true;
  readonly page: string;
  readonly html?: string;
}

export const registerBench: CommandRegistration = (program, run) => {
  const bench = program.command('bench').description('measure generated code, and the host');
  const command = bench
    .command('kernels')
    .description(
      'executed instructions and code bytes of the kernels on every target, beside gcc, and of the interpreter in ROM, beside wasm3; writes docs/performance.md',
    )
    .option('--kernels <folder>', 'folder with baselines.json and wasm/NAME.wasm', bundledKernels)
    .option('--page <file>', 'page to write', join(repositoryRoot, 'docs', 'performance.md'))
    .option('--check', 'write nothing; exit with status 1 where the page is not what it would be')
    .addOption(htmlOption('the sections'));
  addEngineOptions(command);
  registerBenchModules(bench, run);
  registerBenchDeviceCompile(bench, run);
  registerBenchCore(bench, run);
  registerBenchBudget(bench, run);
  registerBenchAcceptance(bench, run);
  registerBenchCycles(bench, run);
  registerBenchEmulate(bench, run);
  registerBenchDebug(bench, run);
  registerBenchCpus(bench, run);
  run(command, async (context, options: BenchOptions) => {
    const kernels = await loadKernels(options.kernels);
    const measurements = await measure(kernels, [...nativeEngines, ...romInterpreters], options, context);
    const { rows, missing, failures, sharedBytes } = measurements;
    const sections: Record<string, string> = { kernels: formatSection(kernels, measurements) };
    let wide: Measurements | undefined;
    if (options.kernels === bundledKernels) {
      const others = await loadKernels(wideKernels);
      wide = await measure(others, nativeEngines, options, context);
      failures.push(...wide.failures);
      sections['wide kernels'] = formatWideSection(others, wide);
    }
    // The page is about code as it is by default.
    const outdated = options.safepoints !== true && refreshPage(options.page, sections, !options.check && failures.length === 0);
    await benchReport(options.html, Object.values(sections));
    return {
      exitStatus: failures.length > 0 || (options.check === true && outdated) ? 1 : 0,
      document: {
        suite: 'kernels',
        rows,
        missing,
        wide: wide?.rows ?? [],
        failures,
        sharedBytes: Object.fromEntries(sharedBytes),
        outdated,
        environment: { node: process.version, arch: process.arch },
      },
      text: [
        formatRows(rows),
        ...(wide === undefined ? [] : ['', 'wide set', formatRows(wide.rows)]),
        ...[...missing, ...(wide?.missing ?? [])].map(({ name, target, reason }) => `${name} on ${target}: not supported yet: ${reason}`),
        ...failures,
        ...(options.check && outdated ? [`${options.page} is out of date: run ./fireball bench kernels`] : []),
      ].join('\n'),
    } satisfies Report;
  });
};

async function measure(kernels: readonly Kernel[], engines: readonly Engine[], options: EngineOptions, context: CommandContext): Promise<Measurements> {
  const measured: Measurements = { rows: [], missing: [], failures: [], sharedBytes: new Map() };
  for (const engine of engines) {
    const target = engine.name;
    for (const kernel of kernels) {
      context.progress(`${kernel.name} on ${target}`);
      const ran = await runKernel(kernel, engine, options);
      if (ran.kind === 'unsupported') {
        measured.missing.push({ name: kernel.name, target, reason: ran.reason });
        continue;
      }
      if (ran.kind === 'failed') {
        measured.failures.push(`${kernel.name} on ${target}: ${ran.reason}`);
        continue;
      }
      ran.instance.close();
      if (!isChecksum(kernel, ran.outcome)) {
        measured.failures.push(`${kernel.name} on ${target}: wrong result: ${describeOutcome(ran.outcome)}`);
        continue;
      }
      const { statistics } = ran;
      measured.sharedBytes.set(target, Math.max(statistics.routineBytes, measured.sharedBytes.get(target) ?? 0));
      measured.rows.push(...(engine.native ? compiledRows(kernel, engine, statistics) : interpretedRows(kernel, engine, statistics)));
    }
  }
  context.progress('');
  return measured;
}

/** Compiled code is compared with gcc. */
function compiledRows({ name, baselines }: Kernel, { name: target }: Engine, { instructions, codeBytes }: CallStatistics): BenchRow[] {
  const fast = baselines[target as Isa]['gcc-O2']!.instructions;
  const plain = baselines[target as Isa]['gcc-O0']!.bytes!;
  return [
    { name, target, metric: 'instructions', value: instructions, unit: 'instructions', baseline: fast, ratio: instructions / fast },
    { name, target, metric: 'code bytes', value: codeBytes, unit: 'bytes', baseline: plain, ratio: codeBytes / plain },
  ];
}

/** The interpreter is compared with another one, where that one's count is known; its tables with the code that they are for. */
function interpretedRows({ name, baselines }: Kernel, { name: target, isa }: Engine, { instructions, wasmCodeBytes, tableBytes }: CallStatistics): BenchRow[] {
  const wasm3 = isa === undefined ? undefined : baselines[isa]['wasm3-O3']?.instructions;
  if (wasm3 === undefined) return [];
  return [
    { name, target, metric: 'instructions', value: instructions, unit: 'instructions', baseline: wasm3, ratio: instructions / wasm3 },
    { name, target, metric: 'table bytes', value: tableBytes, unit: 'bytes', baseline: wasmCodeBytes, ratio: tableBytes / wasmCodeBytes },
  ];
}

function formatRows(rows: readonly BenchRow[]): string {
  const lines = rows.map(({ name, target, metric, value, baseline, ratio }) => [
    name,
    target,
    metric,
    formatCount(value),
    formatCount(baseline),
    ratio.toFixed(2),
  ]);
  const means = [...nativeEngines, ...romInterpreters].flatMap(({ name: target }) =>
    (['instructions', 'code bytes', 'table bytes'] as const).flatMap((metric) => {
      const mean = meanRatio(rows, target, metric);
      return mean === undefined ? [] : [['geometric mean', target, metric, '', '', mean.toFixed(2)]];
    }),
  );
  return formatTable(['kernel', 'target', 'metric', 'value', 'baseline', 'ratio'], [...lines, ...means]);
}
