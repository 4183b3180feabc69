import { readFileSync } from 'node:fs';
import { escapeJson, InternalError, InvalidInputError, printableLines, UsageError } from '@fireball/contracts';
import { Command, CommanderError } from 'commander';
import type { ActionRunner, CommandContext, CommandRegistration } from './commands/command.js';
import { registerBench } from './commands/bench.js';
import { registerCompile } from './commands/compile.js';
import { registerDemo } from './commands/demo.js';
import { registerDiff } from './commands/diff.js';
import { registerEmulate } from './commands/emulate.js';
import { registerFuzz } from './commands/fuzz.js';
import { registerMachines } from './commands/machines.js';
import { registerRun } from './commands/run.js';
import { registerSpec } from './commands/spec.js';
import { registerTemplates } from './commands/templates.js';
import { registerTest } from './commands/test.js';
import { describeError } from './errors.js';
import { createLogger } from './logger.js';
import { requireCheckout } from './paths.js';
import { Progress } from './progress.js';
import type { Report } from './report.js';

/** By what they are for, as `--help` lists them. */
const registrations: Readonly<Record<string, readonly CommandRegistration[]>> = {
  'To begin with:': [registerDemo, registerRun, registerDiff, registerCompile],
  'Is it right?': [registerSpec, registerFuzz, registerTest],
  'Is it fast and small enough?': [registerBench, registerTemplates],
  'Firmware:': [registerEmulate, registerMachines],
};

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

/** Where the front end writes. */
interface Streams {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether stderr is a terminal, on which progress is shown. */
  readonly interactive: boolean;
}

/** Runs one command line (without node and script) and returns the exit status. Never throws. */
export async function runCommandLine(args: readonly string[], streams: Streams): Promise<number> {
  // Known before the command line is parsed, so that errors in it are reported the same way. Behind `--` stand
  // arguments of the guest.
  const ownArgs = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length);
  const json = ownArgs.includes('--json');
  const verbose = ownArgs.includes('--verbose');
  const progress = new Progress(streams);
  const context: CommandContext = { log: createLogger(verbose), progress: (text) => progress.show(text) };
  let report: Report | undefined;
  const run: ActionRunner = <A extends unknown[]>(
    command: Command,
    action: (context: CommandContext, ...args: A) => Report | Promise<Report>,
  ) => {
    command
      .option('--json', 'print one JSON document on stdout, and nothing else there')
      .option('--verbose', 'log more to stderr, and show where errors come from')
      // Commander passes the declared arguments, the options and, last, the command itself.
      .action(async (...passed: unknown[]) => {
        progress.isLong = command.parent?.name() === 'bench';
        try {
          if (progress.isLong) requireCheckout(`bench ${command.name()}`);
          report = await action(context, ...(passed.slice(0, -1) as A));
        } catch (error) {
          throw blameTemplates(error, command.opts());
        }
      });
  };
  try {
    await createProgram(run, streams).parseAsync(args, { from: 'user' });
    if (report === undefined) return 0;
    if (json) streams.stdout(`${escapeJson(JSON.stringify(report.document))}\n`);
    else if (report.text !== '') streams.stdout(`${printableLines(report.text)}\n`);
    if (report.failure !== undefined) streams.stderr(`fireball: ${printableLines(report.failure)}\n`);
    return report.exitStatus;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    context.progress('');
    const error = thrown instanceof CommanderError ? usageError(thrown) : thrown;
    const description = describeError(error);
    if (json) streams.stdout(`${escapeJson(JSON.stringify(description.document))}\n`);
    streams.stderr(`fireball: ${description.line}\n`);
    if (verbose && error instanceof Error) streams.stderr(`${printableLines(error.stack ?? '')}\n`);
    return description.exitStatus;
  }
}

/** What breaks with the user's own templates is first of all theirs. */
function blameTemplates(error: unknown, { templates }: { readonly templates?: unknown }): unknown {
  if (typeof templates !== 'string' || !(error instanceof InternalError)) return error;
  const hint = 'made with these templates; where it happens without --templates too, it is a bug in fireball';
  return new InvalidInputError(error.message, { file: templates, hint }, { cause: error });
}

function createProgram(run: ActionRunner, streams: Streams): Command {
  const program = new Command('fireball')
    .description('A bench for template JITs from WebAssembly to microcontrollers.')
    .version(version, '--version')
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nExit status: 0 fine, 1 difference found or guest failed, 2 wrong usage, 65 bad input,\n69 a part of the system is missing, 70 a bug of ours.',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.stdout(text),
      // Errors come back as exceptions and are printed in one place.
      writeErr: () => undefined,
    });
  for (const [heading, group] of Object.entries(registrations)) {
    program.commandsGroup(heading);
    for (const register of group) register(program, run);
  }
  return program;
}

/** Commander's message without its prefix, on one line: `unknown option '--jsno' (Did you mean --json?)`. */
function usageError(error: CommanderError): UsageError {
  if (error.code === 'commander.help') return new UsageError('a command is needed; --help lists them');
  const message = error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
  return new UsageError(message, { cause: error });
}
