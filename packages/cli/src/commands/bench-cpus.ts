import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { BareCall, cpuCells, cpuColumns, formatCpuSection, hostEnvironment, measureCpu, refreshPage, type CpuComparison, type CpuRow } from '@fireball/bench';
import { formatTable, InternalError, type Isa } from '@fireball/contracts';
import { bundledKernels, loadKernels, wideKernels } from '@fireball/kernels';
import { builtCommandLine, repositoryRoot } from '../paths.js';
import { benchReport } from '../reports/bench-page.js';
import { htmlOption } from '../reports/write.js';
import { wholeNumber, type ActionRunner, type CommandContext } from './command.js';

interface CpusOptions {
  readonly passes: number;
  readonly page: string;
  readonly html?: string;
}

const targets = ['thumb2', 'rv32'] as const satisfies readonly Isa[];

/** Adds `bench cpus`. */
export function registerBenchCpus(bench: Command, run: ActionRunner): void {
  const command = bench
    .command('cpus')
    .description("speed of the emulated CPUs on the kernels' native code, beside libunicorn alone; writes docs/performance.md")
    .option('--passes <number>', 'calls of each kernel, of which the fastest counts', wholeNumber(1), 100)
    .option('--page <file>', 'page to write', join(repositoryRoot, 'docs', 'performance.md'))
    .addOption(htmlOption('the section'));
  run(command, async (context, { passes, page, html }: CpusOptions) => {
    // The process that is started below measures itself only.
    const isPlain = process.env['UNICORN_INTERNALS'] === 'off';
    const measured = await measureAll(context, passes, isPlain);
    const rows = isPlain ? [] : beside(measured, plainRows(passes));
    context.progress('');
    const section = formatCpuSection(rows, passes);
    if (!isPlain) refreshPage(page, { cpus: section }, true);
    await benchReport(html, [section]);
    return {
      exitStatus: 0,
      document: { suite: 'cpus', rows: isPlain ? measured : rows, environment: hostEnvironment() },
      text: formatTable(cpuColumns, rows.map(cpuCells), 2),
    };
  });
}

async function measureAll(context: CommandContext, passes: number, isPlain: boolean): Promise<CpuRow[]> {
  const bare = isPlain ? undefined : new BareCall();
  try {
    const rows: CpuRow[] = [];
    for (const kernel of [...(await loadKernels(bundledKernels)), ...(await loadKernels(wideKernels))]) {
      for (const target of targets) {
        context.progress(`${kernel.name} on ${target}`);
        rows.push(measureCpu(kernel, target, passes, bare));
      }
    }
    return rows;
  } finally {
    bare?.close();
  }
}

/** The same in a process that makes nothing of the library's internals. */
function plainRows(passes: number): readonly CpuRow[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [builtCommandLine, 'bench', 'cpus', '--json', '--passes', String(passes)], {
    encoding: 'utf8',
    env: { ...process.env, UNICORN_INTERNALS: 'off' },
  });
  if (status !== 0) throw new InternalError(`bench cpus with UNICORN_INTERNALS=off: ${stderr}`);
  return (JSON.parse(stdout) as { readonly rows: readonly CpuRow[] }).rows;
}

function beside(rows: readonly CpuRow[], plain: readonly CpuRow[]): CpuComparison[] {
  return rows.map((row) => {
    const other = plain.find(({ name, target }) => name === row.name && target === row.target);
    if (other === undefined) throw new InternalError(`${row.name} on ${row.target} was not measured without internals`);
    return { ...row, withoutInternals: other.mips };
  });
}
