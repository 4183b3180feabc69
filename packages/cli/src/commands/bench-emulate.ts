import { join } from 'node:path';
import type { Command } from 'commander';
import {
  BareLoop,
  benchImages,
  bootSeconds,
  emulateCells,
  emulateColumns,
  formatEmulateSection,
  formatEmulateTimes,
  hostEnvironment,
  measureImage,
  refreshPage,
  runImage,
  type EmulateRow,
  type ImageRun,
} from '@fireball/bench';
import { formatCount, formatTable } from '@fireball/contracts';
import { builtCommandLine, repositoryRoot } from '../paths.js';
import { benchReport } from '../reports/bench-page.js';
import { htmlOption } from '../reports/write.js';
import { wholeNumber, type ActionRunner, type CommandContext } from './command.js';

interface EmulateBenchOptions {
  readonly check?: true;
  readonly times?: true;
  readonly passes: number;
  readonly page: string;
  readonly html?: string;
}

/** Adds `bench emulate`. */
export function registerBenchEmulate(bench: Command, run: ActionRunner): void {
  const command = bench
    .command('emulate')
    .description(
      'firmware on emulated boards: exact instructions and virtual times, which go to docs/performance.md; with --times also speed, beside a bare loop over libunicorn, QEMU and rp2040js',
    )
    .option('--page <file>', 'page to write', join(repositoryRoot, 'docs', 'performance.md'))
    .option('--check', 'write nothing; exit with status 1 where the exact numbers of the page are not what they would be')
    .option('--times', 'measure speed too, and write it')
    .option('--passes <number>', 'passes over each image, of which the fastest counts', wholeNumber(1), 3)
    .addOption(htmlOption('the sections'));
  run(command, async (context, { check, times, passes, page, html }: EmulateBenchOptions) => {
    const measured = times ? await measureAll(context, passes) : { rows: [], boot: undefined };
    const exact: readonly ImageRun[] = times ? measured.rows : await runAll(context);
    context.progress('');
    const sections = { emulate: formatEmulateSection(exact) };
    const timed = times ? { 'emulate-times': formatEmulateTimes(measured.rows, measured.boot) } : {};
    const isOutdated = refreshPage(page, sections, !check);
    if (!check) refreshPage(page, timed, true);
    await benchReport(html, Object.values({ ...sections, ...timed }));
    return {
      exitStatus: check && isOutdated ? 1 : 0,
      document: {
        suite: 'emulate',
        rows: times ? measured.rows : exact.map(({ seconds: _seconds, ...row }) => row),
        bootSeconds: measured.boot,
        outdated: isOutdated,
        environment: hostEnvironment(),
      },
      text: [
        formatTable(
          ['image', 'core', 'machine', 'instructions', 'cycles', 'seconds of the machine'],
          exact.map(({ program, core, machine, instructions, cycles, virtualSeconds }) => [
            program,
            core,
            machine,
            formatCount(instructions),
            formatCount(cycles),
            virtualSeconds.toFixed(6),
          ]),
          3,
        ),
        ...(times ? [formatTable(emulateColumns, measured.rows.map(emulateCells), 3)] : []),
        ...(measured.boot === undefined ? [] : [`MicroPython on microbit is at its prompt after ${(measured.boot * 1000).toFixed(0)} ms`]),
        ...(check && isOutdated ? [`${page} is out of date: run ./fireball bench emulate`] : []),
      ].join('\n\n'),
    };
  });
}

async function runAll(context: CommandContext): Promise<ImageRun[]> {
  const rows: ImageRun[] = [];
  for (const image of benchImages) {
    context.progress(`${image.program} on ${image.core}`);
    rows.push(await runImage(image));
  }
  return rows;
}

async function measureAll(context: CommandContext, passes: number): Promise<{ readonly rows: readonly EmulateRow[]; readonly boot: number | undefined }> {
  const bare = new BareLoop();
  try {
    const rows: EmulateRow[] = [];
    for (const image of benchImages) {
      context.progress(`${image.program} on ${image.core}`);
      rows.push(await measureImage(image, bare, passes));
    }
    context.progress('boot of MicroPython');
    return { rows, boot: bootSeconds(builtCommandLine, Math.max(passes, 5)) };
  } finally {
    bare.close();
  }
}
