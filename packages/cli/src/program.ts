import { readFileSync } from 'node:fs';
import { escapeJson, InternalError, InvalidInputError, printableLines, UsageError } from '@fireball/contracts';
import { Command, CommanderError } from 'commander';
import type { ActionRunner, CommandContext, CommandRegistration } from './commands/command.js';
import { describeError } from './errors.js';
import { createLogger } from './logger.js';
import { requireCheckout } from './paths.js';
import { Progress } from './progress.js';
import type { Report } from './report.js';

type Registrations = Readonly<Record<string, () => Promise<CommandRegistration>>>;

/** By what they are for, as `--help` lists them. What a command needs is loaded where it is the one that was named: files take most of the time until anything happens. */
const registrations: Readonly<Record<string, Registrations>> = {
  'To begin with:': {
    demo: async () => (await import('./commands/demo.js')).registerDemo,
    run: async () => (await import('./commands/run.js')).registerRun,
    diff: async () => (await import('./commands/diff.js')).registerDiff,
    compile: async () => (await import('./commands/compile.js')).registerCompile,
  },
  'Is it right?': {
    spec: async () => (await import('./commands/spec.js')).registerSpec,
    fuzz: async () => (await import('./commands/fuzz.js')).registerFuzz,
    debug: async () => (await import('./commands/debug.js')).registerDebug,
    trace: async () => (await import('./commands/trace.js')).registerTrace,
    test: async () => (await import('./commands/test.js')).registerTest,
  },
  'Is it fast and small enough?': {
    bench: async () => (await import('./commands/bench.js')).registerBench,
    templates: async () => (await import('./commands/templates.js')).registerTemplates,
  },
  'Firmware:': {
    'compile-core': async () => (await import('./commands/compile-core.js')).registerCompileCore,
    emulate: async () => (await import('./commands/emulate.js')).registerEmulate,
    machines: async () => (await import('./commands/machines.js')).registerMachines,
  },
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
  const run: ActionRunner = <A extends unknown[]>(command: Command, action: (context: CommandContext, ...args: A) => Report | Promise<Report>) => {
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
    await (await createProgram(run, streams, args)).parseAsync(args, { from: 'user' });
    if (report === undefined) return 0;
    if (json && report.document !== undefined) streams.stdout(`${escapeJson(JSON.stringify(report.document))}\n`);
    else if (report.text !== '') streams.stdout(`${printableLines(report.text)}\n`);
    if (report.remarks !== undefined && !json) streams.stderr(`${printableLines(report.remarks)}\n`);
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

async function createProgram(run: ActionRunner, streams: Streams, args: readonly string[]): Promise<Command> {
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
  const isNamed = Object.values(registrations).some((group) => Object.hasOwn(group, args[0] ?? ''));
  for (const [heading, group] of Object.entries(registrations)) {
    program.commandsGroup(heading);
    for (const [name, load] of Object.entries(group)) if (!isNamed || name === args[0]) await (await load())(program, run, args);
  }
  return program;
}

/** Commander's message without its prefix, on one line: `unknown option '--jsno' (Did you mean --json?)`. */
function usageError(error: CommanderError): UsageError {
  if (error.code === 'commander.help') return new UsageError('a command is needed; --help lists them');
  const message = error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
  return new UsageError(message, { cause: error });
}
