import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { FireballError, printableLines, UsageError } from '@fireball/contracts';
import { Hub, Session, Shell, type Debuggee, type FrontEnd, type PartingPoint, type ServerAddress } from '@fireball/debugger';
import {
  debugCall,
  debuggedEngineNames,
  engineNamed,
  isProgram,
  loadModule,
  readInput,
  writeDescriptor,
  type DebugCall,
  type LoadedModule,
} from '@fireball/engines';
import { Command, CommanderError, Option } from 'commander';
import { keepHistory, mostHistory, readHistory } from '../debug-history.js';
import { commandLineOf } from '../dap/configuration.js';
import { serveDebugClients } from '../dap/serve-clients.js';
import { dapService, shareSession, webService, type Service } from '../debug/shared-session.js';
import { openFirmware } from '../emulate/debuggee.js';
import { untilReaderGoes } from '../reader.js';
import type { Report } from '../report.js';
import { serveAddress } from '../serve-address.js';
import { compareTraces, type TraceComparison } from '../trace/compare.js';
import type { CommandRegistration } from './command.js';
import { checkGdbChoice, gdbOptions, type GdbChoice } from '../gdb-server.js';
import { debugByGdb } from './debug-by-gdb.js';
import { addCallOptions, callOf, describeCallEnd, endOfTarget, type CallOptions } from './native-call.js';
import { debuggedWorld, type DebuggedWorldOptions } from '../wasi/debugged-world.js';
import { addWorldOptions } from './world-options.js';

interface DebugOptions extends CallOptions, GdbChoice, Omit<DebuggedWorldOptions, 'seed'> {
  readonly engine: string;
  readonly script: readonly string[];
  readonly execute: readonly string[];
  readonly board?: string;
  readonly svd?: string;
  readonly lockstep?: true;
  readonly substitutePath: readonly string[];
  readonly batch?: true;
  readonly json?: true;
  readonly dap?: 'stdio' | ServerAddress;
  readonly tui?: true;
  readonly web?: ServerAddress;
}

/** A command, and what it printed. */
interface Done {
  readonly command: string;
  readonly output: string;
}

const [stdout, stderr] = [1, 2];
const prompt = '(fireball) ';

export const registerDebug: CommandRegistration = (program, run) => {
  const command = addDebugOptions(
    program
      .command('debug')
      .description('step through one call by wasm instruction, template and machine instruction, forwards and backwards')
      .argument('[file]', 'module, .wasm or .wat; - reads it from standard input; not with --dap, whose client names it')
      .argument('[args...]', 'of a WASI program (a module with _start): its arguments, after --'),
  );
  command.option('--tui', 'on the whole terminal: wasm, template and machine code side by side, values, memory, a timeline; ? lists its keys');
  command.addOption(
    new Option('--web [[host:]port]', 'show it in a browser of this computer, at the address that is printed; any port that is free where none is named')
      .preset('0')
      .argParser(serveAddress('--web')),
  );
  for (const option of gdbOptions('the call')) command.addOption(option);
  run(command, async (_, file: string | undefined, args: string[], options: DebugOptions) => {
    checkGdbChoice(options);
    const { gdb } = options;
    if (gdb !== undefined && (options.batch === true || options.lockstep === true || options.script.length + options.execute.length > 0)) {
      throw new UsageError('with --gdb, commands come from gdb: --batch, --lockstep, --script and --execute are for the shell');
    }
    if (gdb !== undefined && options.web !== undefined) throw new UsageError('--gdb and --web serve different clients: give one of them');
    if (gdb !== undefined && options.dap !== undefined) throw new UsageError('--gdb and --dap serve different clients: give one of them');
    if (options.dap !== undefined && file === undefined) return serveDebugClients(launchDebuggee, options.dap);
    if (options.dap === 'stdio')
      throw new UsageError('with --dap on standard input and output the client names the file; clients attach at a port: --dap PORT');
    if (file === undefined) throw new UsageError("missing required argument 'file'");
    const services: readonly Service[] = [
      ...(options.dap === undefined ? [] : [dapService(options.dap)]),
      ...(options.web === undefined ? [] : [webService(options.web)]),
    ];
    if (options.tui === true) return showOnTerminal(file, args, options, services);
    // With --json, standard output belongs to the one document.
    const output = (bytes: Uint8Array): void => {
      writeDescriptor(options.json === true ? stderr : stdout, bytes);
    };
    if (gdb !== undefined) {
      const debuggee = await openDebuggee(file, args, options, output);
      try {
        return await debugByGdb(debuggee, file, gdb, options.wait === true);
      } finally {
        debuggee.close();
      }
    }
    const hub = await Hub.open((told) => openDebuggee(file, args, options, told));
    return untilReaderGoes(() => shareSession(hub, services, () => converse(hub, options, output)));
  });
};

function addDebugOptions(command: Command): Command {
  const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
  command
    .addOption(new Option('--engine <name>', 'who runs it').choices(debuggedEngineNames).default('thumb2'))
    .addOption(new Option('-x, --script <file>', 'a file of commands, which may be given more than once').argParser(collect).default([]))
    .addOption(
      new Option('-e, --execute <command>', 'a command, behind those of files; may be given more than once; `help` lists them').argParser(collect).default([]),
    )
    .option('--board <name>', 'the file is firmware for this board (fireball machines lists them; or a board file), followed by machine instructions')
    .option('--svd <file>', "with --board: the chip's CMSIS-SVD file, which names registers of devices and their fields, and adds those that are not modelled")
    .option('--lockstep', 'the reference interpreter beside: stop where the code first differs from it; the call is made once before, to find out')
    .option('--input <file>', 'all that a program reads from its standard input, or what is typed to firmware at its beginning; otherwise it waits for `type`')
    .addOption(
      new Option('--substitute-path <from=to>', 'source files whose names begin with the folder FROM are in the folder TO; may be given more than once')
        .argParser(collect)
        .default([]),
    )
    .option('--batch', 'end behind these commands; without it, more are read from standard input')
    .addOption(
      new Option('--dap [[host:]port]', 'serve a client of the Debug Adapter Protocol, such as VS Code: on standard input and output, or at a port')
        .preset('')
        .argParser((text) => (text === '' ? 'stdio' : serveAddress('--dap')(text))),
    );
  addWorldOptions(command, 'a program');
  return addCallOptions(command);
}

/** What it writes goes to `output`. */
async function openDebuggee(file: string, given: readonly string[], options: DebugOptions, output: (bytes: Uint8Array) => void): Promise<Debuggee> {
  if (options.board !== undefined) {
    if (given.length > 0) throw new UsageError(`'${given[0]}' is too much: firmware takes no arguments`);
    if (options.lockstep === true || options.invoke !== undefined)
      throw new UsageError('--lockstep and --invoke are for modules, not for firmware on a --board');
    return openFirmware({ file, board: options.board, svd: options.svd }, options.input === undefined ? undefined : readInput(options.input), output);
  }
  if (options.svd !== undefined) throw new UsageError('--svd is for firmware on a --board');
  const loaded = await loadModule(file);
  if (options.invoke === undefined && options.imports === undefined && isProgram(loaded.module)) return openProgram(loaded, given, options, output);
  if (given.length > 0) throw new UsageError(`'${given[0]}' is too much: only a program, a module with _start, takes arguments behind --`);
  if (options.input !== undefined) throw new UsageError('--input is for programs, modules with _start, and for firmware');
  const { entry, args, options: engineOptions } = callOf(loaded, options);
  const named = { loaded, entry, args, options: engineOptions };
  const ahead = options.lockstep === true ? compareTraces(named, [options.engine], undefined) : undefined;
  const call = debugCall(loaded, engineNamed(options.engine).vsoc!, engineOptions, entry, args);
  const session = sessionOf(call, options);
  session.parting = ahead === undefined ? undefined : partingOf(ahead);
  const outcome = (): string => describeCallEnd(loaded.module, endOfTarget(call));
  const close = (): void => {
    call.target.close();
  };
  const opening = [...(ahead === undefined ? [] : [describeAhead(ahead)]), ...warningOf(session)].join('\n');
  return { name: `${basename(file)} ${entry}`, session, shell: new Shell(session, outcome), opening, outcome, close };
}

/** A WASI program, from its beginning to its end. */
function openProgram(loaded: LoadedModule, args: readonly string[], options: DebugOptions, output: (bytes: Uint8Array) => void): Debuggee {
  if (options.lockstep === true) throw new UsageError('--lockstep is for functions, not for programs');
  const world = debuggedWorld(loaded, args, options, output);
  const { imports: _, ...engineOptions } = options;
  const call = debugCall(loaded, engineNamed(options.engine).vsoc!, engineOptions, '_start', [], world.create);
  const session = sessionOf(call, options);
  const outcome = (): string =>
    call.target.exitStatus === undefined ? describeCallEnd(loaded.module, endOfTarget(call)) : `the program has ended with status ${call.target.exitStatus}`;
  const close = (): void => {
    call.target.close();
    world.close();
  };
  return { name: basename(loaded.file), session, shell: new Shell(session, outcome), opening: warningOf(session).join('\n'), outcome, close };
}

/** @throws UsageError for a rule of --substitute-path that is none */
function sessionOf({ target, code }: DebugCall, { substitutePath }: DebugOptions): Session {
  const session = new Session(target, code);
  for (const rule of substitutePath) {
    const [, from, to] = /^([^=]+)=(.+)$/.exec(rule) ?? [];
    if (from === undefined || to === undefined) throw new UsageError(`--substitute-path: '${rule}' is not FROM=TO, such as /build=src`);
    session.sources.substitute(from, to);
  }
  return session;
}

/** What is wrong with what the module says of its sources: it is debugged without that. */
function warningOf({ sources: { warning } }: Session): readonly string[] {
  return warning === '' ? [] : [warning];
}

/** What a client's launch configuration names: the same as the command line, by the same options. */
async function launchDebuggee(configuration: Readonly<Record<string, unknown>>, output: (bytes: Uint8Array) => void): Promise<Debuggee> {
  const parser = addDebugOptions(
    new Command('debug')
      .argument('<file>')
      .argument('[args...]')
      .exitOverride()
      .configureOutput({ writeErr: () => undefined }),
  );
  try {
    parser.parse(commandLineOf(configuration, parser.options), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new UsageError(error.message.replace(/^error: /, ''), { cause: error });
  }
  return openDebuggee(parser.args[0]!, parser.args.slice(1), parser.opts(), output);
}

function partingOf({ difference }: TraceComparison): PartingPoint | undefined {
  if (difference === null) return undefined;
  const { count, at, what, expected, actual } = difference;
  return {
    count,
    wasmOffset: at?.wasmOffset ?? null,
    what,
    expected,
    actual,
    message: `differs from the reference: ${what}: expected ${expected}, not ${actual}`,
  };
}

function describeAhead({ difference, inconclusive, instructions, end }: TraceComparison): string {
  if (difference !== null) return `lockstep: differs from the reference after ${difference.count} machine instructions`;
  return `lockstep: ${instructions} wasm instructions of the reference, ${inconclusive === null ? `no difference; ${end}` : `inconclusive, ${inconclusive}`}`;
}

/** The line shell, as one front end of the session. */
async function converse(hub: Hub, options: DebugOptions, output: (bytes: Uint8Array) => void): Promise<Report> {
  const { debuggee } = hub;
  const done: Done[] = [];
  const show = (text: string): void => {
    if (options.json !== true && text !== '') writeDescriptor(stdout, Buffer.from(`${printableLines(text)}\n`));
  };
  const shell: FrontEnd = hub.join('shell', {
    output,
    stopped: (stop, by, moved) => {
      if (by !== shell && moved) show(`${by.name}: ${debuggee.shell.describe(stop)}`);
    },
  });
  const execute = async (command: string): Promise<void> => {
    const said = await shell.execute(command);
    done.push({ command, output: said });
    show(said);
  };
  show(debuggee.opening);
  for (const { text, place } of commandsOf(options)) {
    if (hub.isOver) break;
    show(`${prompt}${text}`);
    try {
      await execute(text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`${place}: ${error.message}`, { cause: error });
    }
  }
  if (options.batch !== true && !hub.isOver) await readCommands(hub, execute, show);
  return { exitStatus: 0, document: { commands: done }, text: '' };
}

/** The session as panes on the whole terminal. What draws them is loaded only then. */
async function showOnTerminal(file: string, args: readonly string[], options: DebugOptions, services: readonly Service[]): Promise<Report> {
  if (options.gdb !== undefined || options.batch === true || options.json === true)
    throw new UsageError('--tui is for a person at a terminal: --gdb, --batch and --json are for others');
  const { checkTerminal, runTui } = await import('@fireball/tui');
  const streams = { input: process.stdin, output: process.stdout, environment: process.env };
  checkTerminal(streams);
  const hub = await Hub.open((output) => openDebuggee(file, args, options, output));
  const history = readHistory();
  return shareSession(hub, services, async (redirect) => {
    try {
      await runTui(hub, { ...streams, history, notices: redirect, commands: commandsOf(options).map(({ text }) => text) });
    } finally {
      redirect(undefined);
      keepHistory(history);
      await hub.end();
    }
    return { exitStatus: 0, document: {}, text: '' };
  });
}

/** Those of the command line's files and options, each with where it stands. */
function commandsOf({ script, execute }: DebugOptions): { readonly text: string; readonly place: string }[] {
  const commands: { text: string; place: string }[] = [];
  for (const file of script) {
    const lines = Buffer.from(readInput(file)).toString('utf8').split(/\r?\n/);
    for (const [index, text] of lines.entries()) if (text.trim() !== '') commands.push({ text: text.trim(), place: `${file}:${index + 1}` });
  }
  return [...commands, ...execute.map((text) => ({ text, place: `--execute '${text}'` }))];
}

/** From standard input, until it ends or `quit`. Mistakes are told, and it goes on. */
async function readCommands(hub: Hub, execute: (command: string) => Promise<void>, show: (text: string) => void): Promise<void> {
  const isTerminal = process.stdin.isTTY;
  const lines = createInterface({
    input: process.stdin,
    ...(isTerminal ? { output: process.stdout } : {}),
    prompt,
    completer: (line: string) => {
      const { candidates, word } = hub.debuggee.shell.complete(line);
      return [candidates, word];
    },
    ...(isTerminal ? { history: readHistory(), historySize: mostHistory } : {}),
  });
  lines.on('history', (history) => {
    keepHistory(history);
  });
  lines.on('SIGINT', () => {
    hub.interrupt();
  });
  void hub.ended.then(() => {
    lines.close();
  });
  if (isTerminal) lines.prompt();
  for await (const line of lines) {
    try {
      await execute(line);
    } catch (error) {
      if (!(error instanceof FireballError) || error.exitStatus === 70) throw error;
      show(error.message);
    }
    if (hub.isOver) break;
    if (isTerminal) lines.prompt();
  }
  lines.close();
}
