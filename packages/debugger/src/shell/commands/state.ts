import { hex, hexDigits, printable, unknownName, UsageError, type DebugTarget } from '@fireball/contracts';
import type { Breakpoint } from '../../session/breakpoints.js';
import type { Frame } from '../../session/frames.js';
import { Threads } from '../../rtos/threads.js';
import type { Session } from '../../session/session.js';
import type { Variable } from '../../session/values.js';
import { formatObject } from '../../variables/format-object.js';
import { typeOf } from '../../variables/inside-object.js';
import { checkFits, type SourceObject } from '../../variables/object.js';
import type { Command, ShellContext } from '../command.js';
import { littleEndian } from '../../variables/dwarf.js';
import { countOf } from '../count.js';
import { scalarOf } from '../expression.js';
import { formatFrame, formatVariable, nameAt } from '../format.js';
import { formatLayers } from '../layers.js';
import { formatMemory, parseFormat } from '../memory.js';
import { numberFormats } from '../number-format.js';
import { describePosition } from '../position.js';
import { describeLine, describeSource } from './sources.js';

/** What `layers` shows before and behind the current rows, and at most. */
const [rowsAround, mostRows] = [4, 10_000];
/** Deepest frame that can be selected. */
const mostFrames = 1000;

/** Commands that show the state, and `set`. */
export function stateCommands(context: ShellContext): readonly Command[] {
  const { session, scope } = context;
  return [
    {
      names: ['backtrace', 'bt'],
      argument: '[COUNT]',
      summary: 'active functions, innermost first, or so many of them',
      run: (argument) =>
        session
          .inspect()
          .slice(0, argument === '' ? undefined : countOf(argument, mostFrames))
          .map((frame, index) => `#${index}  ${formatFrame(frame, session.view, session.sources)}`)
          .join('\n'),
    },
    {
      names: ['frame', 'f'],
      argument: 'NUMBER',
      summary: 'whose locals and operands are shown',
      run: (argument) => selectFrame(context, argument === '' ? scope.frame : countOf(argument, mostFrames)),
    },
    {
      names: ['up'],
      argument: '[COUNT]',
      summary: 'select the frame that has called, or the one so many further out',
      run: (argument) => {
        const outermost = session.inspect().length - 1;
        if (scope.frame >= outermost) throw new UsageError('no frame has called this one');
        return selectFrame(context, Math.min(outermost, scope.frame + (argument === '' ? 1 : countOf(argument, mostFrames))));
      },
    },
    {
      names: ['down'],
      argument: '[COUNT]',
      summary: 'select the frame that was called, or the one so many further in',
      run: (argument) => {
        if (scope.frame === 0) throw new UsageError('this is the innermost frame');
        return selectFrame(context, Math.max(0, scope.frame - (argument === '' ? 1 : countOf(argument, mostFrames))));
      },
    },
    {
      names: ['layers', 'l'],
      argument: '[ROWS]',
      summary: 'wasm, machine instructions and templates around here',
      run: (argument) => formatLayers(session, argument === '' ? rowsAround : countOf(argument, mostRows)),
    },
    { names: ['info', 'i'], argument: infoWordsOf(session).join('|'), summary: 'show them', run: (argument) => info(context, argument) },
    {
      names: ['print', 'p'],
      argument: `[/${numberFormats}] EXPRESSION`,
      summary:
        'variables of C and Rust (points[1].x, p->name, *p, &total), l0, o0, g0 (local, operand, global), registers, [ADDRESS], @OFFSET, operators as in C; $l0 and $sp are never variables of the source; print/x, in hexadecimal',
      run: (argument) => print(context, argument),
    },
    {
      names: ['whatis'],
      argument: 'EXPRESSION',
      summary: 'type of a variable of C or Rust',
      run: (argument) => {
        const object = scope.sourceObject(argument);
        if (object === undefined) throw new UsageError(`'${argument}' is no variable of the source`);
        return `type = ${typeOf(object)}`;
      },
    },
    {
      names: ['x'],
      argument: `/COUNT${numberFormats}i bhwg ADDRESS`,
      summary: 'memory, such as x/8xw @0; x/s: strings; x/5i $pc: machine instructions',
      run: (argument) => examine(context, argument),
    },
    {
      names: ['set'],
      argument: 'NAME|lINDEX|gINDEX|REGISTER|[ADDRESS] = EXPRESSION',
      summary:
        'write a variable of C or Rust, a local, a global, a register or a word of memory; it is written again wherever this moment is gone through, and what lay ahead happens anew. set substitute-path FROM TO: source files whose names begin with FROM are in TO',
      run: (argument) => set(context, argument),
    },
    { names: ['where'], argument: '', summary: 'this position', run: () => describePosition(session) },
  ];
}

const infoTexts: Readonly<Record<string, (context: ShellContext, argument: string) => string>> = {
  locals: (context) =>
    variables(context, (frame) => {
      const all = wasmVariables(context, frame);
      const ofSource = sourceVariables(context, frame);
      if (ofSource.length === 0) return all.map(formatVariable);
      const shown = all.filter(({ words, was }) => words !== undefined || was !== undefined);
      const left = all.length - shown.length;
      const note = left === 0 ? [] : [`${left} locals of WebAssembly that nothing holds any more are left out (info wasm)`];
      return [...ofSource, ...shown.map(formatVariable), ...note];
    }),
  wasm: (context) => variables(context, (frame) => wasmVariables(context, frame).map(formatVariable)),
  operands: (context) => variables(context, (frame) => context.scope.values.operands(frame).map(formatVariable)),
  globals: ({ scope }) => scope.values.globals().map(formatVariable).join('\n'),
  registers: ({ session: { target } }, argument) => describeRegisters(target, argument),
  breakpoints: ({ session, watchpoints }) =>
    [
      ...session.breakpoints.all.flatMap((breakpoint) => {
        const { id, where, places, once } = breakpoint;
        const [first] = places;
        if (watchpoints.of(id) !== undefined) return [];
        return [`${id}  ${first === undefined ? '-'.padEnd(10) : hex(first.address)}  ${where}${once ? ' (once)' : ''}, ${hitsOf(breakpoint)}`];
      }),
      ...watchpointLines({ session, watchpoints }),
    ].join('\n'),
  watchpoints: (context) => watchpointLines(context).join('\n') || 'no watchpoints',
  functions: ({ session: { view } }) =>
    view.functions.map(({ index, name, begin, end }) => `f${index}  ${hex(begin)}..${hex(end - 1)}  ${printable(name)}`).join('\n'),
  map: ({ session: { target } }) =>
    target
      .memoryMap()
      .map(({ name, kind, base, size }) => `${hex(base)}..${hex(base + size - 1)}  ${kind.padEnd(6)}  ${name}`)
      .join('\n'),
  devices: ({ session: { target } }) =>
    (target.deviceRegisters?.() ?? []).map(({ name, address, size }) => `${hex(address)}  ${size}  ${name}`).join('\n') || 'no devices',
  threads: ({ session }) => describeThreads(session),
  source: (context) => describeSource(context),
  line: (context, argument) => describeLine(context, argument),
  history: ({ session: { history } }) => `from ${history.begin} instructions on, ${history.heldBytes} bytes of snapshots`,
};

/** Of the general ones, or of those that are named; floating-point registers are named only. @throws UsageError for a name that none has */
function describeRegisters(target: DebugTarget, argument: string): string {
  const all = target.registers.map(({ name }) => name);
  const named = argument.split(/[\s,]+/).flatMap((name) => (name === '' ? [] : [name.replace(/^\$/, '')]));
  for (const name of named) if (!all.includes(name)) throw unknownName('register', name, all);
  const shown = target.registers.filter(({ name, group }) => (named.length === 0 ? group === 'general' : named.includes(name)));
  return shown
    .map(
      ({ name, bits }) =>
        `${name.padEnd(5)} 0x${target
          .readRegister(name)
          .toString(16)
          .padStart(bits / 4, '0')}`,
    )
    .join('\n');
}

/** Tasks of an operating system, or what the target does at the same time; `*`: it has the CPU. */
function describeThreads(session: Session): string {
  const { view } = session;
  return new Threads(session)
    .list()
    .map(({ name, state, saved }) => {
      const pc = saved?.('pc');
      const place = pc === undefined ? '' : `  ${hex(Number(pc))} ${view.routineAt(Number(pc)) ?? ''}`.trimEnd();
      return `${saved === undefined ? '*' : ' '} ${printable(name)}${state === '' ? '' : ` (${state})`}${place}`;
    })
    .join('\n');
}

function watchpointLines({ session, watchpoints }: Pick<ShellContext, 'session' | 'watchpoints'>): string[] {
  return watchpoints.all.map(
    ({ id, text, breakpoint, isEnabled }) =>
      `w${id}  ${text}${breakpoint !== undefined ? `, ${hitsOf(session.breakpoints.at(breakpoint))}` : isEnabled ? '' : ', disabled'}`,
  );
}

function hitsOf({ hits, ignored, isEnabled }: Breakpoint): string {
  return `${hits} hits${ignored > 0 ? `, passed ${ignored} times more` : ''}${isEnabled ? '' : ', disabled'}`;
}

const infoWords = Object.keys(infoTexts);
const takeArguments: readonly string[] = ['line', 'registers'];

/** Of what the target alone can tell. */
const ownWord = (name: string): string => name.replace(/^info /, '');

/** What `info` shows. */
export function infoWordsOf({ target }: Session): readonly string[] {
  return [...infoWords, ...target.commands.map(({ name }) => ownWord(name))];
}

/** By the whole word, or so much of it as tells it from others that every target has. */
function info(context: ShellContext, argument: string): string {
  const { session } = context;
  const own = session.target.commands.find(({ name }) => ownWord(name) === argument);
  if (own !== undefined) return own.run();
  const [, name = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
  const all = infoWords.filter((candidate) => candidate.startsWith(name));
  const word = all.find((candidate) => candidate === name) ?? all[0];
  if (name === '' || word === undefined || (all.length > 1 && word !== name) || (rest !== '' && !takeArguments.includes(word)))
    throw unknownName('info', argument, infoWordsOf(session));
  return infoTexts[word]!(context, rest);
}

function wasmVariables({ scope: { values } }: ShellContext, frame: Frame): readonly Variable[] {
  return [...values.locals(frame), ...values.operands(frame)];
}

/** Of C, Rust and the like, as gdb shows them. */
function sourceVariables({ session }: ShellContext, frame: Frame): readonly string[] {
  return (session.sources.variables?.of(frame) ?? []).map(({ name, object }) => `${name} = ${formatObject(object)}`);
}

function variables({ session, scope }: ShellContext, of: (frame: Frame) => readonly string[]): string {
  const frames = session.inspect();
  // A routine has no values: whoever called it has.
  const frame = scope.frame === 0 ? frames.find(({ boundary, entry }) => boundary !== undefined || entry === true) : frames[scope.frame];
  if (frame?.code === undefined) return 'no values: this is no generated code';
  if (frame.boundary === undefined && frame.entry !== true) return 'no values: the frame is being set up';
  const lines = of(frame);
  const note = frame.exact || scope.frame > 0 ? [] : [frame.boundary === undefined ? 'as it is called:' : `as of ${hexDigits(frame.boundary.wasmOffset, 6)}:`];
  return [...note, ...(lines.length === 0 ? ['none'] : lines)].join('\n');
}

function selectFrame({ session, scope }: ShellContext, number: number): string {
  const frame = session.inspect()[number];
  if (frame === undefined) throw new UsageError(`there is no frame ${number}`);
  scope.frame = number;
  return `#${number}  ${formatFrame(frame, session.view, session.sources)}`;
}

function print({ session, scope }: ShellContext, argument: string): string {
  const [, format, text = ''] = /^(?:\/(\S*)\s)?\s*(.*)$/s.exec(argument) ?? [];
  if (format === undefined || format === 's') return scope.describe(text);
  if (format.length !== 1 || !numberFormats.includes(format))
    throw new UsageError(`'/${format}' is no format: print/x is hexadecimal (the letters are ${numberFormats})`);
  return scope.describe(text, scope.frame, { letter: format, nameAt: (address) => nameAt(session.view, address) });
}

function examine({ session, scope }: ShellContext, argument: string): Promise<string> {
  const [, format = '', where = ''] = /^(\/\S*)?\s*(.*)$/s.exec(argument) ?? [];
  const shape = parseFormat(format);
  return formatMemory(session, scope.address(where), shape);
}

function set(context: ShellContext, argument: string): string {
  const [, from, to] = /^substitute-path\s+(\S+)\s+(\S+)$/.exec(argument) ?? [];
  if (from !== undefined && to !== undefined) {
    context.session.sources.substitute(from, to);
    return '';
  }
  // gdb's `set variable` says that no setting is meant.
  const [, name = '', text = ''] = /^(?:var(?:iable)?\s+)?(.*?[^=!<>])=([^=].*)$/s.exec(argument) ?? [];
  const target = name.trim();
  if (target === '' || text === '') throw new UsageError("what is written and its value are wanted, such as 'set l0 = 5'");
  const { scope, session } = context;
  const object = /^(?:\[|\$)/.test(target) ? undefined : scope.sourceObject(target);
  if (object === undefined) write(context, target, scope.evaluate(text));
  else writeObject(context, target, object, scalarOf(scope.operand(text)));
  session.wrote();
  return `${target} is ${scope.describe(target)}${session.history.begin === session.target.instructions ? '; history begins here' : ''}`;
}

/** To memory, or to the local of WebAssembly that holds it. */
function writeObject(context: ShellContext, name: string, object: SourceObject, value: bigint | number): void {
  const { held } = object;
  const bytes = object.bytesFor(value);
  const [base] = context.session.view.memories;
  if (held.kind === 'memory' && base !== undefined) pokeBytes(context.session, base + held.address, bytes);
  else if (held.kind === 'bytes' && held.wasm?.kind === 'local') write(context, `l${held.wasm.index}`, littleEndian(bytes));
  else throw new UsageError(`${name} is nowhere that can be written: the compiler has made it of others`);
}

function write({ session, scope }: ShellContext, name: string, value: bigint): void {
  const [, kind, index = ''] = /^([lg])(\d+)$/.exec(name) ?? [];
  if (kind === 'g') {
    const global = session.view.globals[Number(index)];
    if (global === undefined) throw new UsageError(`there is no ${name} here`);
    poke(session, global.address, value, /64$/.test(global.type) ? 8 : 4);
  } else if (kind === 'l') {
    const activation = session.inspect()[scope.frame]?.level?.activation ?? scope.frame;
    const frame = session.frames()[activation];
    if (frame === undefined) throw new UsageError(`there is no ${name} here`);
    scope.values.writeLocal(frame, Number(index), value, activation === 0);
  } else {
    const [, address] = /^\[(.*)\]$/s.exec(name) ?? [];
    if (address === undefined) writeRegister(session.target, name.replace(/^\$/, ''), value);
    else poke(session, scope.address(address), value, 4);
  }
}

function writeRegister(target: DebugTarget, name: string, value: bigint): void {
  const bits = target.registers.find((register) => register.name === name)?.bits;
  if (bits !== undefined) checkFits(value, bits);
  target.writeRegister(name, BigInt.asUintN(64, value));
}

function poke(session: Session, address: number, value: bigint, size: number): void {
  checkFits(value, 8 * size);
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt.asIntN(64, value));
  pokeBytes(session, address, bytes.subarray(0, size));
}

function pokeBytes({ target }: Session, address: number, bytes: Uint8Array): void {
  if (!target.poke(address, bytes)) throw new UsageError(`${hex(address)} is no memory that can be written (info map)`);
}
