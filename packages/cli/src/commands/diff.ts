import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { Option } from 'commander';
import { diffModule, emptyTotals, formatExplanation, type DiffFailure, type DiffOptions, type RefusedModule } from '@fireball/differential';
import {
  checkNamedImports,
  engineNames,
  enginesNamed,
  expandPaths,
  importPolicy,
  loadModule,
  moduleEndings,
  referenceEngine,
  usualEngines,
} from '@fireball/engines';
import { formatCount, groupBy, InvalidInputError, printable, UnsupportedError } from '@fireball/contracts';
import type { Report } from '../report.js';
import { diffPage } from '../reports/diff-page.js';
import { htmlOption, writeReport } from '../reports/write.js';
import { maxInconclusiveOption, tooInconclusive } from './inconclusive.js';
import { wholeNumber, type CommandRegistration } from './command.js';
import { addEngineOptions, importsOption } from './engine-options.js';
import { addWorldOptions, type WorldOptions } from './world-options.js';

interface Options extends Omit<DiffOptions, 'imports'>, WorldOptions {
  readonly engines: string;
  readonly imports: string;
  readonly maxInconclusive: number;
  readonly html?: string;
}

export const registerDiff: CommandRegistration = (program, run) => {
  const command = program
    .command('diff')
    .description('call every exported function on several engines and compare results, traps, memories and globals')
    .argument('<paths...>', 'modules, or folders with modules; - reads one from standard input')
    .option(
      '--engines <names>',
      `of ${engineNames.join(', ')}; compared with ${referenceEngine.name}, which always runs first`,
      usualEngines.map(({ name }) => name).join(','),
    )
    .addOption(new Option('--calls <number>', 'argument lists for a function with parameters').argParser(wholeNumber(1)).default(48))
    .addOption(new Option('--seed <number>', 'of the random arguments').argParser(wholeNumber(0)).default(1));
  command
    .option('--invoke <name[=args]>', 'make this call instead, e.g. add=1,0x2; may be repeated', (text: string, list: string[]) => [...list, text], [])
    .option(
      '--explain',
      'name the instruction, template and machine code where native code first differs; of vsoc-thumb2 and vsoc-rv32, where thumb2 and rv32 do',
    );
  command.addOption(htmlOption('what was found'));
  addWorldOptions(command, 'WASI programs').addOption(importsOption().default('seeded'));
  addEngineOptions(command).addOption(maxInconclusiveOption('percent of the calls'));
  run(command, async (context, paths: string[], options: Options) => {
    const others = enginesNamed(options.engines).filter((engine) => engine !== referenceEngine);
    const started = performance.now();
    const totals = emptyTotals();
    const imports = { ...importPolicy(options.imports, options.seed), world: { environ: options.env, folders: options.dir } };
    const files = expandPaths(paths, moduleEndings);
    const refused: RefusedModule[] = [];
    for (const file of files) {
      context.progress(file);
      try {
        const loaded = await loadModule(file);
        if (files.length === 1) checkNamedImports(loaded, imports);
        await diffModule(loaded, referenceEngine, others, { ...options, imports }, totals);
      } catch (error) {
        if (files.length === 1 || !(error instanceof InvalidInputError || error instanceof UnsupportedError)) throw error;
        refused.push({ module: file, reason: error.message });
      }
      // What is left of closed engines goes between two turns.
      await turnOfEventLoop();
    }
    context.progress('');
    const { failures, ...counts } = totals;
    const engines = [referenceEngine, ...others].map((engine) => engine.name);
    const seconds = Math.round(performance.now() - started) / 1000;
    const { maxInconclusive } = options;
    const inconclusive = tooInconclusive(totals.inconclusive, totals.calls, 'calls', maxInconclusive);
    const document = { ...counts, maxInconclusive, refused, engines, seconds, failures };
    if (options.html !== undefined) await writeReport(options.html, diffPage(paths, { ...document, tooInconclusive: inconclusive }));
    return {
      exitStatus:
        failures.length > 0 || inconclusive !== undefined
          ? 1
          : refused.length === files.length || refused.some(({ module }) => paths.includes(module))
            ? refusedStatus
            : 0,
      document,
      text: [
        ...formatFailures(failures),
        ...refused.map(({ reason }) => printable(`refused: ${reason}`)),
        ...(inconclusive === undefined ? [] : [inconclusive]),
        formatTotals(document),
      ].join('\n'),
    } satisfies Report;
  });
};

/** Of input that is refused, as if it had been the only one. */
const refusedStatus = 65;

/** Failures shown to people; `--json` has all. */
const shownFailures = 50;

/** Calls of one function that went wrong in the same way on an engine are shown as the first of them, with their number. */
function formatFailures(failures: readonly DiffFailure[]): string[] {
  const groups = groupBy(failures, ({ module, function: called, engine, expected, actual }) => JSON.stringify([module, called, engine, expected, actual]));
  const hidden = groups.length - shownFailures;
  return [
    ...groups.slice(0, shownFailures).map(([first, ...rest]) => formatFailure(first, rest.length)),
    ...(hidden > 0 ? [`and ${formatCount(hidden)} more kinds of mismatches; --json lists all`] : []),
  ];
}

function formatFailure(failure: DiffFailure, others: number): string {
  const call = failure.function === null ? '' : ` ${failure.function}(${failure.args.map(({ value }) => value).join(', ')})`;
  const offset = failure.wasmOffset === null ? '' : ` at offset 0x${failure.wasmOffset.toString(16)}`;
  const more = others === 0 ? [] : [`  and the same in ${formatCount(others)} more calls`];
  const explained = failure.explanation === undefined ? [] : formatExplanation(failure.explanation, failure.engine);
  return [`${failure.module}:${call} on ${failure.engine}${offset}`, `  expected ${failure.expected}`, `  actual   ${failure.actual}`, ...more, ...explained]
    .map(printable)
    .join('\n');
}

function formatTotals(totals: {
  modules: number;
  functions: number;
  calls: number;
  mismatches: number;
  inconclusive: number;
  fallbacks: number;
  refused: readonly RefusedModule[];
  engines: readonly string[];
}): string {
  const { modules, functions, calls, mismatches, inconclusive, fallbacks, refused, engines } = totals;
  return (
    `${formatCount(modules)} modules, ${formatCount(functions)} functions, ${formatCount(calls)} calls on ${engines.join(', ')}: ` +
    `${mismatches} mismatches, ${inconclusive} inconclusive, ${fallbacks} fallbacks` +
    (refused.length === 0 ? '' : `, ${refused.length} modules refused`)
  );
}
