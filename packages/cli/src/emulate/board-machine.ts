import { basename } from 'node:path';
import { createProcessor, loadBoard, Machine, type MachineEnd, type Semihosting, type UnmappedListener } from '@fireball/emulator';
import { ProgramSymbols } from '@fireball/image';
import { formatCount, printable, UsageError } from '@fireball/contracts';
import type { ServerAddress } from '@fireball/debugger';
import type { CommandContext } from '../commands/command.js';
import type { Report } from '../report.js';
import { isPage, writeRunReport } from './run-report.js';
import type { Explanation } from './fault/explain-end.js';
import type { Ended } from './fault/finding.js';
import { loadFirmware, type ImageFile, type LoadedImage } from './firmware-images.js';
import { hintOfVsoc } from './other-system.js';
import { stuckAt } from './stuck.js';
import { MachineConsole } from './machine-console.js';
import { Observer, type TraceKind } from './observer.js';
import { describePolled } from './polling/polls.js';
import { describeCode, hex } from './places.js';
import { fileSink, type SerialChoice } from './serial-targets.js';
import { connectSemihosting } from './semihosting.js';
import { ClosedConsole } from './standard-output.js';
import { UnmappedLog, type UnmappedPolicy } from './unmapped.js';

interface BoardMachineOptions {
  readonly machine?: string;
  readonly board?: string;
  readonly images: readonly ImageFile[];
  readonly serial: readonly SerialChoice[];
  readonly args: string;
  readonly semihosting: boolean;
  readonly semihostingDir?: string;
  readonly unmapped: UnmappedPolicy;
  readonly svd?: string;
  readonly until?: string;
  readonly maxInstructions: number;
  readonly maxVirtualTime: number;
  readonly realtime: boolean;
  readonly traces: readonly TraceKind[];
  readonly traceFile?: string;
  readonly profile?: true;
  readonly report?: string;
  readonly gdb?: ServerAddress;
  /** Stand still until a debugger has come. */
  readonly waits: boolean;
  readonly json?: true;
}

/** Why the run ended; `code` is the command's exit status. */
interface Exit {
  readonly reason: 'exit' | 'power-off' | 'fault' | 'hang' | 'asleep' | 'until' | 'quit' | 'instruction limit' | 'time limit' | 'console closed';
  readonly code: number;
  /** In words, where the reason alone says too little. */
  readonly detail?: string | undefined;
}

/** Instructions between two looks at the host's business and at whether firmware hangs. Counted from power-on, so that runs repeat. */
const slice = 1_000_000;
/** So many are told of: firmware that resets itself again and again prints nothing, and comes to no end. */
const manyResets = 1000;
/** Seconds by which paced time may be behind before it waits. */
const pace = 0.01;

/** Runs firmware on a board. */
export async function emulateBoard(context: CommandContext, options: BoardMachineOptions): Promise<Report> {
  const { board, deviceClass } = await loadBoard(options.board ?? options.machine ?? '');
  const svdFile = options.svd === undefined ? undefined : await import('./svd-file.js');
  const svd = svdFile?.loadSvd(options.svd ?? '');
  const traceSink = options.traceFile === undefined ? undefined : fileSink(options.traceFile);
  const trace = (line: string): void => {
    if (traceSink === undefined) process.stderr.write(`${line}\n`);
    else traceSink.write(new TextEncoder().encode(`${line}\n`));
  };
  const say = (line: string): void => {
    process.stderr.write(`fireball: ${printable(line)}\n`);
  };
  const observer = new Observer({ traces: options.traces, trace, say });
  const said = new Set<string>();
  const warn = (source: string, message: string): void => {
    const line = `${source}: ${message}`;
    if (said.has(line) || said.size >= 1000) return;
    said.add(line);
    context.log.info(line);
  };
  const unmapped = new UnmappedLog(say);
  const onUnmapped =
    options.unmapped === 'fault'
      ? undefined
      : (...access: Parameters<UnmappedListener>): void => {
          if (options.unmapped === 'log') unmapped.hear(...access);
          observer.unmapped(...access);
        };
  const machine = new Machine({ board, createProcessor, deviceClass, warn, onAccess: observer, onUnmapped, svd });
  if (svd !== undefined && svdFile?.isOfBoard(svd, machine) === false)
    say(`${options.svd ?? ''}: no peripheral of ${svd.name} is where ${board.name} has a device; is it another chip's file?`);
  observer.attach(machine);
  unmapped.machine = machine;
  const console = new MachineConsole({ machine, serial: options.serial, keep: options.json === true, remember: isPage(options.report), until: options.until });
  observer.waitsForInput = (device) => console.mayInput && machine.serialPorts.includes(device);
  let semihosting: Semihosting | undefined;
  try {
    const loaded = loadFirmware(machine, options.images);
    const images = loaded.map(({ image }) => image);
    const symbols = new ProgramSymbols(images);
    observer.symbols = symbols;
    unmapped.symbols = symbols;
    for (const { remarks } of images) for (const remark of remarks) context.log.info(remark);
    if (options.semihosting) {
      semihosting = connectSemihosting({
        machine,
        images,
        keyboard: () => console.keyboard,
        more: console.more,
        write: (bytes) => {
          console.write(bytes);
        },
        folder: options.semihostingDir,
        commandLine: options.args,
        warn: (message) => {
          warn('semihosting', message);
        },
      });
    }
    let resets = 0;
    machine.onReset = (why) => {
      resets++;
      if (resets === manyResets)
        say(`${formatCount(resets)} resets so far, the last one by ${why} at ${describeCode(symbols, machine.processor.pc) || hex(machine.processor.pc)}`);
      context.log.info(`reset: ${why}`);
    };
    await console.open();
    const profiling = options.profile === true ? await import('./firmware-profile.js') : undefined;
    const profile = profiling && new profiling.FirmwareProfile(machine);
    const start = performance.now();
    machine.reset();
    const ended =
      options.gdb === undefined
        ? await run(machine, console, observer, options)
        : await debug(machine, console, { ...options, gdb: options.gdb }, loaded, symbols, say);
    const exit = placed(ended, machine, symbols);
    const seconds = (performance.now() - start) / 1000;
    const explanation = await explained({
      machine,
      symbols,
      observer,
      reason: exit.reason,
      code: exit.code,
      detail: exit.reason === 'exit' ? undefined : exit.detail,
    });
    const profiled = profile?.tables(symbols);
    const polled = exit.reason === 'exit' || exit.reason === 'power-off' ? [] : observer.polled();
    const document = {
      machine: board.name,
      exit: semihosting?.exitReason === undefined || exit.reason !== 'exit' ? exit : { ...exit, detail: semihosting.exitReason },
      instructions: machine.instructions,
      virtualSeconds: machine.clocks.seconds,
      seconds,
      mips: machine.instructions / seconds / 1e6,
      resets,
      ...(profiled === undefined ? {} : { profile: profiled }),
      ...(explanation === undefined ? {} : { fault: explanation.document }),
      ...(polled.length === 0 ? {} : { polled }),
      ...(unmapped.document === undefined ? {} : { unmapped: unmapped.document }),
    };
    unmapped.summarize();
    sendRest(machine, console, exit);
    await writeRunReport(options.report, {
      ...document,
      console: console.text,
      firmware: options.images.map(({ file }) => basename(file)).join(', '),
    });
    // What devices said last may tell why nothing goes on.
    const remarks = exit.reason === 'hang' || exit.reason === 'asleep' ? [...said].slice(-3) : [];
    const hint = exit.reason === 'fault' || exit.reason === 'hang' ? hintOfVsoc(machine, images) : undefined;
    const lines = [
      ...failureLines(exit, explanation),
      ...remarks.map((remark) => `fireball: ${printable(remark)}`),
      ...(hint === undefined ? [] : [`fireball: ${hint}`]),
      ...polled.map((register) => describePolled(register, symbols)),
    ];
    return {
      exitStatus: exit.code,
      document: options.json === true ? { ...document, console: console.text } : document,
      text: '',
      ...(profiled === undefined || profiling === undefined ? {} : { remarks: profiling.formatFirmwareProfile(profiled) }),
      ...(lines.length === 0 ? {} : { failure: lines.join('\n') }),
    };
  } finally {
    semihosting?.close();
    console.close();
    traceSink?.close();
    machine.close();
  }
}

/** What explains failures is loaded where there is one. */
async function explained(ended: Ended): Promise<Explanation | undefined> {
  return ended.code === 0 ? undefined : (await import('./fault/explain-end.js')).explainEnd(ended);
}

function failureLines({ reason, code, detail }: Exit, explanation: Explanation | undefined): string[] {
  if (explanation !== undefined) return [explanation.text];
  if (code === 0 || reason === 'exit' || reason === 'power-off' || reason === 'console closed') return [];
  return [`${reason}${detail === undefined ? '' : `: ${printable(detail)}`}`];
}

async function run(machine: Machine, console: MachineConsole, observer: Observer, options: BoardMachineOptions): Promise<Exit> {
  const limited = options.until === undefined ? 0 : 1;
  const started = performance.now();
  observer.onRunaway = () => {
    machine.stop();
  };
  // A change of frequency moves the cycle at which the time is up.
  if (Number.isFinite(options.maxVirtualTime))
    machine.clocks.cpu.afterChange(() => {
      machine.stop();
    });
  try {
    for (;;) {
      const left = options.maxInstructions - machine.instructions;
      const timeLeft = options.maxVirtualTime - machine.clocks.seconds;
      if (left <= 0) return { reason: 'instruction limit', code: limited, detail: untilDetail(options) };
      if (timeLeft <= 0) return { reason: 'time limit', code: limited, detail: untilDetail(options) };
      const hertz = machine.clocks.cpu.hertz;
      const most = Math.min(timeLeft, options.realtime ? pace : Infinity) * hertz;
      const end = machine.run({ instructions: Math.min(left, slice - (machine.instructions % slice)), until: machine.timeline.now + Math.ceil(most) });
      console.flush();
      if (console.found) return { reason: 'until', code: 0 };
      if (console.quit) return { reason: 'quit', code: 0 };
      const exit = observer.isRunaway ? runaway : exitOf(end, machine, console, options);
      if (exit !== undefined) return exit;
      if (end.kind === 'asleep') await console.pause();
      else await pauseFor(machine, console, options.realtime ? machine.clocks.seconds - (performance.now() - started) / 1000 : 0);
    }
  } catch (error) {
    // Nobody reads its console any more.
    if (error instanceof ClosedConsole) return { reason: 'console closed', code: error.code };
    throw error;
  }
}

/** Ends behind which the CPU executes nothing more, whatever limits there are. */
const standsStill: readonly string[] = ['exit', 'power-off', 'fault', 'hang', 'asleep'];

/** What serial ports still hold is shown, too. Where nobody reads it any more, the firmware has ended all the same. */
function sendRest(machine: Machine, console: MachineConsole, { reason }: Exit): void {
  try {
    if (standsStill.includes(reason)) machine.finishSending();
    console.flush();
  } catch (error) {
    if (!(error instanceof ClosedConsole)) throw error;
  }
}

/** Says where a CPU sleeps. */
function placed(exit: Exit, { processor: { pc } }: Machine, symbols: ProgramSymbols): Exit {
  return exit.reason === 'asleep' ? { ...exit, detail: `${exit.detail ?? ''}, at ${`${hex(pc)} ${describeCode(symbols, pc)}`.trim()}` } : exit;
}

/** Runs as a debugger wants. */
async function debug(
  machine: Machine,
  console: MachineConsole,
  { gdb: address, waits }: BoardMachineOptions & { readonly gdb: ServerAddress },
  images: readonly LoadedImage[],
  symbols: ProgramSymbols,
  say: (line: string) => void,
): Promise<Exit> {
  const pause = async (): Promise<boolean> => {
    console.flush();
    await new Promise((resolve) => setImmediate(resolve));
    return console.found || console.quit;
  };
  try {
    const { debugMachine } = await import('./gdb.js');
    const end = await debugMachine({ machine, images, symbols, address, waits, pause, say, console });
    if (end.kind !== 'target') return console.found ? { reason: 'until', code: 0 } : { reason: 'quit', code: 0 };
    return end.stop.why === 'exit'
      ? { reason: 'exit', code: end.stop.status }
      : { reason: 'fault', code: 1, detail: end.stop.why === 'fault' ? end.stop.message : end.stop.why };
  } catch (error) {
    if (error instanceof ClosedConsole) return { reason: 'console closed', code: error.code };
    throw error;
  }
}

function untilDetail({ until }: BoardMachineOptions): string | undefined {
  return until === undefined ? undefined : `'${until}' has not come`;
}

/** The host's turn: events of standard input and TCP ports; and waits for real time. */
async function pauseFor(_machine: Machine, console: MachineConsole, ahead: number): Promise<void> {
  if (ahead > pace) await console.pause(ahead * 1000);
  else await new Promise((resolve) => setImmediate(resolve));
}

const asleep: Exit = { reason: 'asleep', code: 1, detail: 'the CPU sleeps, and nothing will wake it up' };

const runaway: Exit = { reason: 'hang', code: 1, detail: 'the handler of traps runs into a trap itself, for ever' };

/** Undefined: it goes on. */
function exitOf(end: MachineEnd, machine: Machine, console: MachineConsole, { maxInstructions, maxVirtualTime }: BoardMachineOptions): Exit | undefined {
  switch (end.kind) {
    case 'exit':
      return { reason: 'exit', code: end.status, detail: end.why };
    case 'power-off':
      return { reason: 'power-off', code: end.status, detail: end.why };
    case 'fault':
      return { reason: 'fault', code: 1, detail: end.message };
    case 'asleep':
      return console.mayInput ? undefined : asleep;
    case 'limit': {
      // What comes to an end by itself is left to do so.
      const forgotten = !console.mayInput && maxInstructions === Infinity && maxVirtualTime === Infinity;
      if (forgotten && machine.isForgotten) return asleep;
      const stuck = machine.instructions % slice === 0 ? stuckAt(machine, forgotten) : undefined;
      return stuck === undefined ? undefined : { reason: 'hang', code: 1, detail: stuck };
    }
    // Without a debugger there are no stops.
    case 'breakpoint':
    case 'watchpoint':
    case 'stopped':
      return undefined;
  }
}

/** @throws UsageError where both or neither are given */
export function onlyOne(machine: string | undefined, board: string | undefined): void {
  if ((machine === undefined) === (board === undefined)) throw new UsageError('give one of --machine NAME and --board FILE; fireball machines lists the names');
}
