import { UsageError, unknownName, type Isa } from '@fireball/contracts';
import { boardNames } from '@fireball/emulator';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { emulateBoard, onlyOne } from '../emulate/board-machine.js';
import { parseAddress, parseLoad, type ImageFile } from '../emulate/firmware-images.js';
import type { TraceKind } from '../emulate/observer.js';
import { parseSerial, type SerialChoice } from '../emulate/serial-targets.js';
import { unmappedPolicies, type UnmappedPolicy } from '../emulate/unmapped.js';
import type { VsocOptions } from '../emulate/vsoc-machine.js';
import { checkGdbChoice, gdbOptions, type GdbChoice } from '../gdb-server.js';
import { wholeNumber, type CommandRegistration } from './command.js';

/** Virtual SoCs by name. */
const vsocMachines: Readonly<Record<string, Isa>> = { 'vsoc-thumb2': 'thumb2', 'vsoc-rv32': 'rv32' };

const boardGroups = {
  images: 'Images:',
  console: 'Console:',
  board: 'What the board lacks:',
  end: 'When it ends:',
  look: 'To see what happens:',
  debug: 'To debug it:',
} as const;

interface EmulateOptions extends Omit<VsocOptions, 'machine'>, GdbChoice {
  readonly machine?: string;
  readonly board?: string;
  readonly base?: number;
  readonly load: readonly ImageFile[];
  readonly serial: readonly SerialChoice[];
  readonly args: string;
  readonly semihosting: boolean;
  readonly semihostingDir?: string;
  readonly unmapped: UnmappedPolicy;
  readonly svd?: string;
  readonly until?: string;
  readonly maxInstructions?: number;
  readonly maxVirtualTime?: number;
  readonly realtime?: true;
  readonly trace: readonly TraceKind[];
  readonly traceFile?: string;
  readonly profile?: true;
}

/** An option that may be repeated. */
function repeated<T>(parse: (text: string) => T): (text: string, before: readonly T[]) => readonly T[] {
  return (text, before) => [...before, parse(text)];
}

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || !(value > 0)) throw new InvalidArgumentError('It must be a number of seconds, such as 2.5.');
  return value;
}

function address(text: string): number {
  const value = parseAddress(text);
  if (value === undefined) throw new InvalidArgumentError('It must be an address, such as 0x08000000.');
  return value;
}

function traceKind(text: string): TraceKind {
  if (text !== 'mmio' && text !== 'interrupts') throw new InvalidArgumentError('It is mmio or interrupts.');
  return text;
}

function boardOptions(): Option[] {
  const group = (heading: string, ...options: Option[]): Option[] => options.map((option) => option.helpGroup(heading));
  return [
    ...group(
      boardGroups.images,
      new Option('--load <file@address>', 'a further image, or raw bytes at an address; may be repeated').argParser(repeated(parseLoad)).default([], 'none'),
      new Option('--base <address>', 'where raw images begin').argParser(address),
    ),
    ...group(
      boardGroups.console,
      new Option('--serial <name=target>', 'where a serial port of the board leads: NAME=stdio, null, file:PATH or tcp:PORT; may be repeated')
        .argParser(repeated(parseSerial))
        .default([], "the board's console to stdio"),
      new Option('--semihosting-dir <folder>', 'the folder in which semihosting finds and makes files; default: none'),
      new Option('--no-semihosting', 'calls of the host are breakpoints like any others'),
      new Option('--args <text>', "the firmware's command line, by semihosting").default('', 'empty'),
    ),
    ...group(
      boardGroups.board,
      new Option(
        '--svd <file>',
        "the chip's CMSIS-SVD file: names registers in traces and explanations, and gives those that are not modelled their reset values",
      ),
      new Option(
        '--unmapped <policy>',
        'loads and stores where the board has nothing: fault is a bus fault; log reads 0, writes nothing, and tells of each place once; zero is silent',
      )
        .choices(unmappedPolicies)
        .default('fault'),
    ),
    ...group(
      boardGroups.end,
      new Option('--until <text>', 'end with status 0 as soon as the console shows this; a limit that comes first is then status 1'),
      new Option('--max-instructions <count>', 'end after so many instructions').argParser(wholeNumber(1)),
      new Option('--max-virtual-time <seconds>', 'end after so much time of the machine').argParser(seconds),
      new Option('--realtime', 'time of the machine passes no faster than that of the clock; always so where standard input is a terminal'),
    ),
    ...group(
      boardGroups.look,
      new Option('--trace <what>', 'mmio: every access to a device; interrupts: every exception that is taken; to stderr; may be repeated')
        .argParser(repeated(traceKind))
        .default([], 'none'),
      new Option('--trace-file <file>', 'the trace goes there instead'),
      new Option('--profile', 'count executed instructions by function and source line; to stderr, when it ends'),
    ),
    ...group(boardGroups.debug, ...gdbOptions('the machine')),
  ];
}

/** What people type, and what they get. */
function examples(): string {
  return `
Examples:
  fireball emulate app.elf -M mps2-an385
  fireball emulate firmware.hex -M microbit --until '>>> ' --max-virtual-time 10
  fireball emulate boot.bin --base 0x08000000 --load app.bin@0x08004000 \\
                   -M stm32vldiscovery
  fireball emulate app.elf -M netduinoplus2 --svd STM32F405.svd --unmapped log
  fireball emulate app.elf -M virt-rv32 --serial uart0=tcp:5555 --report run.json

Boards (fireball machines NAME shows one):
${wrapped(boardNames())}

Exit status: that of the firmware (semihosting, power-off); 0 where --until's
text came, a limit was reached, or Ctrl-A x; 1 after a fault, a hang, or a sleep
that nothing ends, each explained on stderr; 2 for a wrong command line; 65 for
an image, board or SVD file that is wrong. Options under "Native code", "Limits"
and "Mixed mode" are for virtual SoCs. docs/emulate.md has the rest.
`;
}

/** Names in lines of up to 78 characters. */
function wrapped(names: readonly string[]): string {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last === undefined || last.length + name.length + 2 > 78) lines.push(`  ${name}`);
    else lines[lines.length - 1] = `${last}, ${name}`;
  }
  return lines.join(',\n');
}

export const registerEmulate: CommandRegistration = async (program, run, words) => {
  const command = program
    .command('emulate')
    .description(
      "run firmware on an emulated board; its console is stdin and stdout (on a terminal Ctrl-A x leaves, Ctrl-A h helps), its exit status the command's",
    )
    .argument('[images...]', 'ELF, Intel HEX, S-record, UF2, TI-TXT or raw files, told apart by what is in them; - is standard input')
    .addOption(
      new Option(
        '-M, --machine <name>',
        `a board, as fireball machines lists them, or a virtual SoC (${Object.keys(vsocMachines).join(', ')}), whose system calls are in vsoc/SYSCALLS.md`,
      ),
    )
    .addOption(new Option('--board <file>', 'a board file of your own instead of --machine'))
    .addOption(new Option('--report <file>', 'a summary: JSON, or, in a file whose name ends in .html, a page that stands alone (at most 4 MiB)'));
  command.addHelpText('after', () => examples());
  const own = boardOptions();
  for (const option of own) command.addOption(option);
  const boardNamesOf = own.map((option) => option.attributeName());
  if (!isOfBoard(command, words)) await addVsocOptions(command);
  const engineNames = command.options
    .map((option) => option.attributeName())
    .filter((name) => !boardNamesOf.includes(name) && !['machine', 'board', 'report'].includes(name));
  run(command, async (context, images: readonly string[], options: EmulateOptions) => {
    onlyOne(options.machine, options.board);
    const { machine } = options;
    const isa = machine === undefined ? undefined : vsocMachines[machine];
    if (isa !== undefined && machine !== undefined) {
      refuse(command, boardNamesOf, `${machine}, a virtual SoC`);
      const [image, ...more] = images;
      if (image === undefined || more.length > 0) throw new UsageError('a virtual SoC takes one image');
      if (options.sandbox === true) throw new UsageError('--sandbox watches compiled code only, and this machine also interprets');
      const { emulateVsoc } = await import('../emulate/vsoc-machine.js');
      return emulateVsoc(image, isa, { ...options, machine });
    }
    const known = [...boardNames(), ...Object.keys(vsocMachines)];
    if (machine !== undefined && !known.includes(machine)) throw unknownName('machine', machine, known);
    refuse(command, engineNames, 'a board: it is for virtual SoCs');
    checkGdbChoice(options);
    if (images.length + options.load.length === 0) throw new UsageError('give an image: a file, or --load FILE@ADDRESS');
    const { base, load, maxInstructions = Infinity, maxVirtualTime = Infinity, trace: traces } = options;
    return emulateBoard(context, {
      ...options,
      images: [...images.map((file) => ({ file, base })), ...load],
      maxInstructions,
      maxVirtualTime,
      realtime: options.realtime ?? process.stdin.isTTY,
      traces,
      waits: options.wait === true,
    });
  });
};

/** Does the command line name a board, and no option but those of boards? Then what virtual SoCs are made of need not be loaded. */
function isOfBoard(command: Command, words: readonly string[]): boolean {
  const known = new Set(['--json', '--verbose', ...command.options.flatMap(({ long, short }) => [long ?? '', short ?? ''])]);
  const named = words.flatMap((word, index) =>
    ['--machine', '-M'].includes(word) ? [words[index + 1] ?? ''] : word.startsWith('--machine=') ? [word.slice('--machine='.length)] : [],
  );
  const isBoard = words.includes('--board') || (named.length > 0 && named.every((name) => boardNames().includes(name)));
  return isBoard && words.every((word) => !/^-./.test(word) || known.has(word.split('=')[0] ?? ''));
}

async function addVsocOptions(command: Command): Promise<void> {
  const { addEngineOptions, optionGroups } = await import('./engine-options.js');
  addEngineOptions(
    command,
    new Option('--fuel <instructions>', 'of a virtual SoC: most instructions that the emulated core executes')
      .argParser(wholeNumber(1))
      .default(100_000_000_000)
      .helpGroup(optionGroups.limits),
  );
}

/** Options that mean nothing for this kind of machine are not passed over in silence. */
function refuse(command: Command, names: readonly string[], what: string): void {
  const given = command.options.find((option) => names.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli');
  if (given !== undefined) throw new UsageError(`${given.long ?? given.flags} has no meaning for ${what}`);
}
