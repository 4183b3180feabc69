import { formatCount, formatTable, InternalError, UnsupportedError } from '@fireball/contracts';
import { Comparison, describeOutcome, type Finding } from '@fireball/differential';
import { usualEngines as engines, type Engine, type EngineOptions, type Outcome } from '@fireball/engines';
import { bundledKernels, isChecksum, loadKernels, type Kernel } from '@fireball/kernels';
import type { CommandRegistration } from './command.js';
import { addEngineOptions } from './engine-options.js';

/** One kernel on one engine, as the demo reports it. */
interface DemoRow {
  readonly kernel: string;
  readonly engine: string;
  readonly result: string;
  readonly agrees: boolean;
  readonly instructions: number;
  readonly codeBytes: number;
  /** What the engine cannot do yet; null where it ran. */
  readonly unsupported: string | null;
}

export const registerDemo: CommandRegistration = (program, run) => {
  const command = program
    .command('demo')
    .description('run C kernels compiled to wasm on every engine, compare, and show what the generated code costs')
    .option('--kernels <folder>', 'folder with baselines.json and wasm/NAME.wasm', bundledKernels);
  addEngineOptions(command);
  run(command, async (context, options: EngineOptions & { readonly kernels: string }) => {
    const kernels = await loadKernels(options.kernels);
    const started = performance.now();
    const rows: DemoRow[] = [];
    for (const kernel of kernels) {
      context.progress(kernel.name);
      rows.push(...(await runOnAll(kernel, options)));
    }
    context.progress('');
    const seconds = Math.round(performance.now() - started) / 1000;
    const differing = rows.filter((row) => !row.agrees && row.unsupported === null);
    return {
      exitStatus: differing.length === 0 ? 0 : 1,
      document: { engines: engines.map(({ name }) => name), rows, differing: differing.length, seconds },
      text: [
        formatDemo(kernels, rows),
        '',
        ...rows.filter((row) => row.unsupported !== null).map((row) => `${row.kernel} on ${row.engine}: not supported yet: ${row.unsupported ?? ''}`),
        ...differing.map((row) => `${row.kernel} on ${row.engine}: DIFFERS: ${row.result}`),
        differing.length === 0 ? 'All engines that ran a kernel agree, bit for bit, in result and memory.' : `${differing.length} differences.`,
      ].join('\n'),
    };
  });
};

/** Calls the kernel's `run` twice on all engines: the first call warms up, the second is measured, as the baselines were. */
async function runOnAll(kernel: Kernel, options: EngineOptions): Promise<DemoRow[]> {
  const [reference, ...others] = engines as [Engine, ...Engine[]];
  const { comparison, verdict } = await Comparison.start(kernel.loaded, reference, others, options);
  try {
    const refused = verdict.findings.find(({ engine }) => engine === reference);
    if (refused !== undefined) throw new InternalError(`the reference cannot run ${kernel.name}: ${refused.actual}`, { cause: refused.error });
    if (!comparison.started) throw new InternalError(`the reference cannot run ${kernel.name}: ${describeOutcome(verdict.expected)}`);
    const warming = comparison.call('run', []);
    const measured = comparison.call('run', []);
    const findings = [verdict, warming, measured].flatMap((of) => of.findings);
    return engines.map((engine) => {
      const outcome = engine === reference ? measured.expected : measured.outcomes.get(engine);
      return rowOf(
        kernel,
        engine,
        outcome,
        findings.find((finding) => finding.engine === engine),
      );
    });
  } finally {
    comparison.close();
  }
}

function rowOf(kernel: Kernel, engine: Engine, outcome: Outcome | undefined, finding: Finding | undefined): DemoRow {
  if (finding?.kind === 'refused' && !(finding.error instanceof InternalError || finding.error instanceof UnsupportedError)) throw finding.error;
  return {
    kernel: kernel.name,
    engine: engine.name,
    result: finding?.actual ?? (outcome === undefined ? 'not called: the reference ran out of fuel or stack' : describeOutcome(outcome)),
    agrees: finding === undefined && outcome !== undefined && isChecksum(kernel, outcome),
    instructions: outcome?.statistics.instructions ?? 0,
    codeBytes: outcome?.statistics.codeBytes ?? 0,
    unsupported: finding?.error instanceof UnsupportedError ? finding.error.feature : null,
  };
}

/** A row per kernel: the result, whether each engine agrees, and what the native engines' code costs. */
function formatDemo(kernels: readonly Kernel[], rows: readonly DemoRow[]): string {
  const native = engines.filter((engine) => engine.native);
  const header = ['kernel', 'result', ...engines.map(({ name }) => name), ...native.flatMap(({ name }) => [`${name} instructions`, 'bytes', 'x gcc -O2'])];
  const lines = kernels.map((kernel) => {
    const of = (engine: Engine): DemoRow => rows.find((row) => row.kernel === kernel.name && row.engine === engine.name)!;
    return [
      kernel.name,
      kernel.checksum.toString(16).padStart(8, '0'),
      ...engines.map((engine) => verdict(of(engine))),
      ...native.flatMap((engine) => {
        const row = of(engine);
        if (row.unsupported !== null) return ['-', '-', '-'];
        const baseline = kernel.baselines[engine.name === 'thumb2' ? 'thumb2' : 'rv32']['gcc-O2']!.instructions;
        return [formatCount(row.instructions), formatCount(row.codeBytes), (row.instructions / baseline).toFixed(2)];
      }),
    ];
  });
  return formatTable(header, lines);
}

function verdict(row: DemoRow): string {
  if (row.unsupported !== null) return '-';
  return row.agrees ? 'ok' : 'DIFFERS';
}
