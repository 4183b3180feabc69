import { formatCount, formatTable, InternalError } from '@fireball/contracts';
import { compareOutcomes, compareState, describeOutcome } from '@fireball/differential';
import { usualEngines as engines, type Engine, type EngineInstance, type EngineOptions } from '@fireball/engines';
import { bundledKernels, isChecksum, loadKernels, runKernel, type Kernel } from '@fireball/kernels';
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

async function runOnAll(kernel: Kernel, options: EngineOptions): Promise<DemoRow[]> {
  const rows: DemoRow[] = [];
  const open: EngineInstance[] = [];
  try {
    const reference = await runKernel(kernel, engines[0]!, options);
    for (const engine of engines) {
      const ran = engine === engines[0] ? reference : await runKernel(kernel, engine, options);
      if (reference.kind !== 'ran') throw new InternalError(`the reference cannot run ${kernel.name}: ${reference.reason}`);
      if (ran.kind !== 'ran') {
        const row = { ...emptyRow(kernel, engine), result: ran.reason };
        rows.push(ran.kind === 'unsupported' ? { ...row, unsupported: ran.reason } : row);
        continue;
      }
      open.push(ran.instance);
      const difference =
        compareOutcomes(reference.outcome, ran.outcome, engine.nanByClass) ??
        compareState(kernel.loaded.module, reference.instance, ran.instance, engine.nanByClass);
      rows.push({
        kernel: kernel.name,
        engine: engine.name,
        result: difference?.actual ?? describeOutcome(ran.outcome),
        agrees: difference === undefined && isChecksum(kernel, ran.outcome) && (!engine.native || ran.statistics.nativeInstructions > 0),
        instructions: ran.statistics.instructions,
        codeBytes: ran.statistics.codeBytes,
        unsupported: null,
      });
    }
    return rows;
  } finally {
    for (const instance of open) instance.close();
  }
}

function emptyRow(kernel: Kernel, engine: Engine): DemoRow {
  return { kernel: kernel.name, engine: engine.name, result: '', agrees: false, instructions: 0, codeBytes: 0, unsupported: null };
}

/** A row per kernel: the result, whether each engine agrees, and what the native engines' code costs. */
function formatDemo(kernels: readonly Kernel[], rows: readonly DemoRow[]): string {
  const native = engines.filter((engine) => engine.native);
  const header = [
    'kernel',
    'result',
    ...engines.map(({ name }) => name),
    ...native.flatMap(({ name }) => [`${name} instructions`, 'bytes', 'x gcc -O2']),
  ];
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
