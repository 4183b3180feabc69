import { basename } from 'node:path';
import type { Command } from 'commander';
import {
  compileCells,
  findPackagedModules,
  formatCompileSection,
  formatModulesSection,
  hostEnvironment,
  measureCompilation,
  measureModule,
  refreshPage,
  type CompileRow,
  type ModuleRow,
} from '@fireball/bench';
import { formatCount, formatTable } from '@fireball/contracts';
import { benchReport } from '../reports/bench-page.js';
import { htmlOption } from '../reports/write.js';
import { wholeNumber, type ActionRunner } from './command.js';

interface ModulesOptions {
  readonly page?: string;
  readonly html?: string;
  readonly passes: number;
}

/** Compiling takes much longer than decoding, and is as steady. */
const mostCompilations = 3;

/** Adds `bench modules`. */
export function registerBenchModules(bench: Command, run: ActionRunner): void {
  const command = bench
    .command('modules')
    .description('megabytes of wasm decoded and validated, and compiled for each target, a second, beside V8')
    .argument('[files...]', 'modules, .wasm; default: those of sql.js, quickjs, capstone-js and esbuild')
    .option('--passes <number>', 'passes over each module, of which the fastest counts', wholeNumber(1), 5)
    .option('--page <file>', 'page whose section is written; default: none')
    .addOption(htmlOption('the sections'));
  run(command, async (context, files: readonly string[], { page, passes, html }: ModulesOptions) => {
    const modules = files.length === 0 ? findPackagedModules() : files.map((file) => ({ name: basename(file), file }));
    const rows: ModuleRow[] = [];
    const compiled: CompileRow[] = [];
    for (const module of modules) {
      context.progress(module.name);
      rows.push(measureModule(module, passes));
      compiled.push(...measureCompilation(module, Math.min(passes, mostCompilations)));
    }
    context.progress('');
    const sections = { modules: formatModulesSection(rows), compilation: formatCompileSection(compiled) };
    if (page !== undefined) refreshPage(page, sections, true);
    await benchReport(html, Object.values(sections));
    return {
      exitStatus: 0,
      document: { suite: 'modules', rows: [...rows, ...compiled], environment: hostEnvironment() },
      text: [
        formatTable(
          ['module', 'bytes', 'functions', 'MB/s', 'V8', 'ratio', 'V8 threaded'],
          rows.map(({ name, bytes, functions, value, baseline, ratio, threaded }) => [
            name,
            formatCount(bytes),
            formatCount(functions),
            value.toFixed(1),
            baseline.toFixed(1),
            ratio.toFixed(3),
            threaded.toFixed(1),
          ]),
        ),
        formatTable(['compiled', 'target', 'compiler', 'MB', 'MB/s', 'Liftoff', 'ratio', 'code bytes', 'code/wasm', 'allocated'], compiled.map(compileCells)),
      ].join('\n\n'),
    };
  });
}
