import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import { formatCount, formatTable, groupBy, printable, UsageError } from '@fireball/contracts';
import { runSuite, type SpecFailure, type SuiteReport } from '@fireball/differential';
import { engineNames, enginesNamed, formatTier, type MixedSettings, type VerifyLevel } from '@fireball/engines';
import type { CompilerName, MisalignedAccess } from '@fireball/jit';
import { wholeNumber, type CommandRegistration } from './command.js';
import { addCodeOptions, addMixedOptions, fuelOption } from './engine-options.js';

interface SpecOptions extends MixedSettings {
  readonly engines: string;
  readonly jobs: number;
  readonly fuel: number;
  readonly templates?: string;
  readonly cpu?: string;
  readonly verify: VerifyLevel;
  readonly sandbox: boolean;
  readonly safepoints: boolean;
  readonly misaligned: MisalignedAccess;
  readonly compiler: CompilerName;
}

/** The official tests know no limit below that of the language: 4 GiB. */
const maxPages = 65_536;
/** Failures shown to people; `--json` has all. */
const shownFailures = 50;

export const registerSpec: CommandRegistration = (program, run) => {
  const command = program
    .command('spec')
    .description('run scripts of the official test suite')
    .argument('[path]', 'a .wast script, its .json form as wast2json writes it, or a folder of them; default: $WASM_TESTSUITE')
    .option('--engines <names>', `some of ${engineNames.join(', ')}`, 'interp,v8')
    .addOption(new Option('--jobs <number>', 'worker processes').argParser(wholeNumber(1)).default(availableParallelism(), 'one per core'));
  addMixedOptions(addCodeOptions(command).addOption(fuelOption()));
  run(
    command,
    async (
      context,
      path: string | undefined,
      { engines, jobs, fuel, templates, cpu, verify, sandbox, safepoints, misaligned, compiler, ...mixed }: SpecOptions,
    ) => {
      const suite = path ?? process.env['WASM_TESTSUITE'];
      if (suite === undefined) throw new UsageError('a folder with scripts is needed: name it, or set WASM_TESTSUITE');
      const options = {
        fuel,
        maxPages,
        verify,
        sandbox,
        safepoints,
        misaligned,
        compiler,
        ...mixed,
        ...(templates === undefined ? {} : { templates }),
        ...(cpu === undefined ? {} : { cpu }),
      };
      const names = enginesNamed(engines).map((engine) => engine.name);
      const report = await runSuite(suite, names, options, jobs, (count, all) => {
        context.progress(`${count} of ${all} scripts`);
      });
      context.progress('');
      return { exitStatus: report.failures.length === 0 ? 0 : 1, document: report, text: formatReport(report) };
    },
  );
};

function formatReport({ engines, failures }: SuiteReport): string {
  const rows = Object.entries(engines).map(([name, { passed, failed, skipped, known }]) => [name, ...[passed, failed, skipped, known].map(formatCount)]);
  // The same message of a script, on several engines and lines, is one.
  const groups = groupBy(failures, ({ file, message }) => JSON.stringify([file, message]));
  const hidden = groups.length - shownFailures;
  return [
    ...groups.slice(0, shownFailures).map(formatFailures),
    ...(hidden > 0 ? [`and ${formatCount(hidden)} more kinds of failures; --json lists all`] : []),
    formatTable(['engine', 'passed', 'failed', 'skipped', 'known'], rows),
    ...Object.entries(engines).flatMap(([name, { tier }]) => (tier === undefined ? [] : [formatTier(name, tier)])),
  ].join('\n');
}

function formatFailures(same: readonly [SpecFailure, ...SpecFailure[]]): string {
  const [{ file, line, message }] = same;
  const engines = [...new Set(same.map(({ engine }) => engine))].join(', ');
  const lines = new Set(same.map((failure) => failure.line)).size;
  return printable(`${file}:${line}: ${engines}: ${message}${lines === 1 ? '' : ` (and at ${formatCount(lines - 1)} more lines)`}`);
}
