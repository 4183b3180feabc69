import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { findPackagedModules, formatModulesSection, hostEnvironment, measureModule } from '../bench/modules.js';
import { updatePage } from '../bench/page.js';
import { formatCount, formatTable } from '../report.js';
import { wholeNumber, type ActionRunner } from './command.js';

interface ModulesOptions {
  readonly page?: string;
  readonly passes: number;
}

/** Adds `bench modules`. */
export function registerBenchModules(bench: Command, run: ActionRunner): void {
  const command = bench
    .command('modules')
    .description('megabytes of wasm decoded and validated a second, beside V8')
    .argument('[files...]', 'modules, .wasm; default: those of sql.js, quickjs, capstone-js and esbuild')
    .option('--passes <number>', 'passes over each module, of which the fastest counts', wholeNumber(1), 5)
    .option('--page <file>', 'page whose section is written; default: none');
  run(command, (context, files: readonly string[], { page, passes }: ModulesOptions) => {
    const modules = files.length === 0 ? findPackagedModules() : files.map((file) => ({ name: basename(file), file }));
    const rows = modules.map((module) => {
      context.progress(module.name);
      return measureModule(module, passes);
    });
    context.progress('');
    if (page !== undefined) {
      const before = existsSync(page) ? readFileSync(page, 'utf8') : undefined;
      writeFileSync(page, updatePage(before, 'modules', formatModulesSection(rows)));
    }
    return {
      exitStatus: 0,
      document: { suite: 'modules', rows, environment: hostEnvironment() },
      text: formatTable(
        ['module', 'bytes', 'functions', 'MB/s', 'V8', 'ratio'],
        rows.map(({ name, bytes, functions, value, baseline, ratio }) => [
          name,
          formatCount(bytes),
          formatCount(functions),
          value.toFixed(1),
          baseline.toFixed(1),
          ratio.toFixed(3),
        ]),
      ),
    };
  });
}
