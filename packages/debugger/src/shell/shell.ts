import { printable, unknownName, UsageError } from '@fireball/contracts';
import type { Frame } from '../session/frames.js';
import type { CodePlace } from '../session/breakpoints.js';
import { placeOfFunction, placeOfOffset, placesOfKind, placesOfTrap } from '../session/places.js';
import type { Session, SessionStop, Unit } from '../session/session.js';
import { formatWords, Values, type Variable } from '../session/values.js';
import { kindsOf } from '../session/templates.js';
import { evaluate, type Names } from './expression.js';
import { formatLayers } from './layers.js';
import { formatMemory, parseFormat } from './memory.js';

const hex = (value: number, digits = 8): string => (value >>> 0).toString(16).padStart(digits, '0');

interface Command {
  readonly names: readonly string[];
  readonly argument: string;
  readonly summary: string;
  run(argument: string): string | Promise<string>;
}

const infoWords = ['locals', 'operands', 'globals', 'registers', 'breakpoints', 'functions', 'map', 'history'];
/** What `layers` shows before and behind the current rows. */
const rowsAround = 4;
/** Largest count of a step. */
const mostSteps = 10_000_000;
/** Steps until others have their turn. */
const stepsOfTurn = 1000;

interface Watch {
  readonly id: number;
  readonly text: string;
  remove(): void;
}

/** A debugger of gdb's words over a session: a line in, text out. */
export class Shell {
  /** `quit` was given. */
  ended = false;
  readonly #values: Values;
  readonly #watches = new Map<number, Watch>();
  #nextWatch = 1;
  #frame = 0;

  constructor(
    readonly session: Session,
    /** How the program ended, where it has. */
    private readonly outcome: () => string,
  ) {
    this.#values = new Values(session.target, session.view);
  }

  /** What the last word of a line may become: a command at first, then functions and kinds of templates and instructions. */
  complete(line: string): { readonly candidates: string[]; readonly word: string } {
    const word = /\S*$/.exec(line)?.[0] ?? '';
    const { functions } = this.session.view;
    const before = line.slice(0, line.length - word.length).trim();
    const all =
      before === '' ? this.words : before.endsWith('kind') ? kindsOf(functions) : /^i(nfo)?$/.test(before) ? infoWords : functions.map(({ name }) => name);
    return { candidates: all.filter((candidate) => candidate.startsWith(word)), word };
  }

  /** First words that it knows. */
  get words(): readonly string[] {
    return this.#commands.flatMap(({ names }) => names);
  }

  /**
   * Carries a line out.
   * @returns what to print, without a newline at the end; empty lines and comments (#) print nothing
   * @throws UsageError for a line that cannot be carried out
   */
  async execute(line: string): Promise<string> {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return '';
    // `x/8xw` is a word with its format.
    const [, name = '', format = '', argument = ''] = /^([^\s/]+)(\/\S*)?\s*(.*)$/s.exec(text) ?? [];
    const command = this.#commands.find(({ names }) => names.includes(name));
    if (command === undefined) throw unknownName('command', name, [...this.words]);
    return command.run(`${format}${format === '' ? '' : ' '}${argument}`.trim());
  }

  readonly #commands: readonly Command[] = [
    {
      names: ['break', 'b'],
      argument: 'WHERE [if EXPRESSION]',
      summary:
        'stop at a function (name or fINDEX), a wasm offset (0x2a), a machine address (*0x10010), every template or wasm instruction of a kind (kind i32.load), every trap (trap, or trap and its kind)',
      run: (argument) => this.#break(argument, false),
    },
    { names: ['tbreak', 'tb'], argument: 'WHERE [if EXPRESSION]', summary: 'the same, once', run: (argument) => this.#break(argument, true) },
    { names: ['ignore'], argument: 'NUMBER COUNT', summary: 'pass a breakpoint so many times, going forwards', run: (argument) => this.#ignore(argument) },
    {
      names: ['watch'],
      argument: 'ADDRESS|gINDEX|lINDEX [SIZE]',
      summary: 'stop behind writes; @16 is offset 16 in linear memory; of a local (l0), behind changes, step by step until its function returns',
      run: (argument) => this.#watch(argument, 'write'),
    },
    { names: ['until'], argument: 'EXPRESSION', summary: 'go on, step by step, until its value changes', run: (argument) => this.#until(argument) },
    {
      names: ['set'],
      argument: 'lINDEX|gINDEX|REGISTER|[ADDRESS] = EXPRESSION',
      summary: 'write a local, a global, a register or a word of memory; history begins anew',
      run: (argument) => this.#set(argument),
    },
    { names: ['rwatch'], argument: 'ADDRESS|gINDEX [SIZE]', summary: 'stop behind reads', run: (argument) => this.#watch(argument, 'read') },
    { names: ['delete', 'd'], argument: 'NUMBER|wNUMBER', summary: 'take out a breakpoint or a watchpoint', run: (argument) => this.#delete(argument) },
    { names: ['continue', 'c'], argument: '', summary: 'go on to the next stop', run: async () => this.#moved(await this.session.resume()) },
    { names: ['reverse-continue', 'rc'], argument: '', summary: 'back to the last stop', run: async () => this.#moved(await this.session.resumeBack()) },
    ...(['wasm', 'template', 'machine'] as const).flatMap((unit) => this.#steps(unit)),
    {
      names: ['finish', 'fin'],
      argument: '[wasm|template]',
      summary: 'go on until the function has returned, or to the first such behind that',
      run: async (argument) => this.#moved(await this.session.finish(unitNamed(argument))),
    },
    {
      names: ['reverse-finish', 'rfin'],
      argument: '[wasm|template]',
      summary: 'back to the call of the function',
      run: async (argument) => this.#moved(await this.session.finishBack(unitNamed(argument))),
    },
    {
      names: ['goto'],
      argument: 'COUNT',
      summary: 'to the position after so many machine instructions',
      run: (argument) => this.#moved(this.session.goTo(this.#count(argument, Number.MAX_SAFE_INTEGER))),
    },
    {
      names: ['last-write', 'who'],
      argument: 'ADDRESS|gINDEX [SIZE]',
      summary: 'back to the machine instruction that wrote there last',
      run: (argument) => this.#lastWrite(argument),
    },
    { names: ['backtrace', 'bt'], argument: '', summary: 'active functions, innermost first', run: () => this.#backtrace() },
    { names: ['frame', 'f'], argument: 'NUMBER', summary: 'whose locals and operands are shown', run: (argument) => this.#select(argument) },
    {
      names: ['layers', 'l'],
      argument: '[ROWS]',
      summary: 'wasm, machine instructions and templates around here',
      run: (argument) => formatLayers(this.session, argument === '' ? rowsAround : this.#count(argument, 10_000)),
    },
    {
      names: ['info', 'i'],
      argument: 'locals|operands|globals|registers|breakpoints|functions|map|history',
      summary: 'show them',
      run: (argument) => this.#info(argument),
    },
    {
      names: ['print', 'p'],
      argument: 'EXPRESSION',
      summary: 'l0, o0, g0 (local, operand, global), registers, [ADDRESS], @OFFSET, operators as in C',
      run: (argument) => formatNumber(this.evaluate(argument)),
    },
    { names: ['x'], argument: '/COUNTxdu bhwg ADDRESS', summary: 'memory, such as x/8xw @0', run: (argument) => this.#examine(argument) },
    { names: ['where'], argument: '', summary: 'this position', run: () => this.#where() },
    { names: ['help', 'h'], argument: '', summary: 'this list', run: () => this.#help() },
    {
      names: ['quit', 'q'],
      argument: '',
      summary: 'end',
      run: () => {
        this.ended = true;
        return '';
      },
    },
  ];

  #steps(unit: Unit): Command[] {
    const letter = { wasm: 'w', template: 't', machine: 's' }[unit];
    const name = unit === 'wasm' ? 'wasm instruction' : unit === 'template' ? 'template' : 'machine instruction';
    const over = { wasm: ['next', 'n', 'nw'], template: ['nt'], machine: ['nexti', 'ni'] }[unit];
    return [
      {
        names: [`${letter}i`, ...(unit === 'machine' ? ['stepi'] : unit === 'wasm' ? ['step', 's'] : [])],
        argument: '[COUNT]',
        summary: `one ${name} on, into calls`,
        run: (argument) => this.#repeat(unit, argument, () => this.session.step(unit)),
      },
      {
        names: over,
        argument: '[COUNT]',
        summary: `one ${name} on, over calls`,
        run: (argument) => this.#repeat(unit, argument, () => this.session.stepOver(unit)),
      },
      {
        names: [`r${letter}i`],
        argument: '[COUNT]',
        summary: `one ${name} back`,
        run: (argument) => this.#repeat(unit, argument, () => this.session.stepBack(unit)),
      },
      {
        names: over.map((word) => `r${word}`),
        argument: '[COUNT]',
        summary: `one ${name} back, over calls`,
        run: (argument) => this.#repeat(unit, argument, () => this.session.stepBackOver(unit)),
      },
    ];
  }

  async #repeat(unit: Unit, argument: string, step: () => SessionStop | Promise<SessionStop>): Promise<string> {
    if (unit !== 'machine' && this.session.view.functions.length === 0)
      throw new UsageError('there is no wasm here: si, ni, rsi and rni go by machine instructions');
    const times = argument === '' ? 1 : this.#count(argument, mostSteps);
    let stop: SessionStop = { why: 'step' };
    for (let done = 0; done < times && stop.why === 'step'; done++) {
      stop = await step();
      if (done % stepsOfTurn === stepsOfTurn - 1 && (await this.session.wasInterrupted())) stop = { why: 'interrupted' };
    }
    return this.#moved(stop);
  }

  #count(text: string, most: number): number {
    const count = Number(text);
    if (!/^\d+$/.test(text) || count > most) throw new UsageError(`a whole number up to ${most} is wanted, not '${text}'`);
    return count;
  }

  #moved(stop: SessionStop): string {
    this.#frame = 0;
    const why = this.#why(stop);
    return [...(why === undefined ? [] : [why]), this.#where()].join('\n');
  }

  #why(stop: SessionStop): string | undefined {
    switch (stop.why) {
      case 'step':
      case 'count':
        return undefined;
      case 'breakpoint':
        return stop.hits
          .map(
            ({ breakpoint: { id, where }, problem }) =>
              `breakpoint ${id}: ${where}${problem === undefined ? '' : ` (its condition cannot be told: ${problem})`}`,
          )
          .join('\n');
      case 'parting':
        return stop.message;
      case 'changed':
        return `${stop.what}: ${stop.from}, now ${stop.to}`;
      case 'watchpoint':
        return `${stop.access} of ${stop.size} bytes at 0x${hex(stop.address)}, by the instruction before this one`;
      case 'exit':
        return this.outcome();
      case 'fault':
        return stop.message;
      case 'begin':
        return 'history begins here';
      case 'asleep':
        return 'it sleeps, and nothing will wake it up';
      case 'interrupted':
        return 'interrupted';
    }
  }

  #where(): string {
    const { target, here, view, boundary } = this.session;
    const { instructions } = target;
    const { position: pc } = this.session;
    const at = `after ${instructions} instructions, 0x${hex(pc)}`;
    if (here === undefined) return `${at} ${pc === view.exit ? 'back at the host' : `in ${view.routineAt(pc) ?? 'no generated code'}`}`;
    const site = here.sites.filter(({ address }) => address <= pc).at(-1);
    const wasmOffset = boundary?.wasmOffset ?? site?.wasmOffset ?? here.wasm[0]!.offset;
    const text = here.wasm.find(({ offset }) => offset === wasmOffset)?.text ?? '';
    const isPrologue = pc < placeOfFunction(here).address;
    const inside = here.interpreted
      ? ' (interpreted)'
      : boundary !== undefined
        ? ''
        : isPrologue
          ? ` (its frame is being set up: template ${site?.template ?? '?'})`
          : ` (inside of template ${site?.template ?? '?'})`;
    return `${at} in ${printable(here.name)}: ${hex(wasmOffset, 6)}  ${text}${inside}`;
  }

  async #break(argument: string, once: boolean): Promise<string> {
    const [, where = '', condition] = /^(.*?)(?:\s+if\s+(.*))?$/s.exec(argument) ?? [];
    const places = await this.places(where);
    const { id } = this.session.breakpoints.add(argument, places, { once, condition: condition === undefined ? undefined : this.condition(condition) });
    const [first, ...more] = places;
    return `breakpoint ${id} at 0x${hex(first!.address)}${more.length === 0 ? '' : ` and ${more.length} more places`}`;
  }

  /** Places in code, as `break` is told them. @throws UsageError where there are none */
  async places(where: string): Promise<CodePlace[]> {
    const { view } = this.session;
    const [, kind] = /^kind\s+(\S+)$/.exec(where) ?? [];
    if (kind !== undefined) return placesOfKind(view, kind);
    const [isTrap, trap] = /^trap(?:\s+(.+))?$/.exec(where) ?? [];
    return isTrap === undefined || view.functions.some(({ name }) => name === where) ? [this.#place(where)] : placesOfTrap(view, trap);
  }

  #place(where: string): CodePlace {
    if (where === '') throw new UsageError('a function, an offset in the module or *ADDRESS is wanted');
    if (where.startsWith('*')) return { address: Number(BigInt.asUintN(32, this.evaluate(where.slice(1)))), order: 0 };
    if (/^(0x[\da-f]+|\d+)$/i.test(where)) return placeOfOffset(this.session.view, Number(where));
    const { functions } = this.session.view;
    const found = functions.find(({ name }) => name === where) ?? functions.find(({ index }) => where === `f${index}`);
    const symbol = found === undefined ? this.session.view.addressOf?.(where) : undefined;
    if (symbol !== undefined) return { address: symbol, order: 0 };
    if (found === undefined)
      throw unknownName(
        'function',
        where,
        functions.map(({ name }) => name),
      );
    return placeOfFunction(found);
  }

  #ignore(argument: string): string {
    const [, number = '', count = ''] = /^(\d+)\s+(\d+)$/.exec(argument) ?? [];
    if (count === '') throw new UsageError('the number of a breakpoint, and how often it is passed, are wanted');
    const breakpoint = this.session.breakpoints.at(Number(number));
    breakpoint.ignored = this.#count(count, mostSteps);
    return `breakpoint ${number} is passed ${count} times`;
  }

  async #until(argument: string): Promise<string> {
    const watched = { what: argument, read: () => this.#valueIfAny(argument) };
    this.evaluate(argument);
    return this.#moved(await this.session.untilChange([watched]));
  }

  #valueIfAny(expression: string): string | undefined {
    try {
      return formatNumber(this.evaluate(expression, 0));
    } catch (error) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  }

  /**
   * Whether an expression holds at one of the boundaries where the session stands.
   * @throws UsageError for what is no expression; the condition throws it where the expression has no value
   */
  condition(text: string): (order: number) => boolean {
    evaluate(text, { value: () => 0n, word: () => 0n });
    return (order) => {
      const { session } = this;
      const before = session.order;
      session.order = order;
      try {
        return this.evaluate(text, 0) !== 0n;
      } finally {
        session.order = before;
      }
    };
  }

  /** What `watch` is given: `g0`, or an address and bytes. @throws UsageError where there is none */
  range(argument: string): { readonly address: number; readonly size: number; readonly text: string } {
    const [, where = '', size] = /^(.*?)(?:\s+(\d+))?$/s.exec(argument) ?? [];
    const global = /^g(\d+)$/.exec(where);
    if (global !== null) {
      const found = this.session.view.globals[Number(global[1])];
      if (found === undefined) throw new UsageError(`there is no global ${global[1]}`);
      return { address: found.address, size: size === undefined ? (/64$/.test(found.type) ? 8 : 4) : Number(size), text: where };
    }
    const bytes = size === undefined ? 4 : this.#count(size, 1 << 20);
    if (bytes === 0) throw new UsageError('a range of no bytes');
    return { address: Number(BigInt.asUintN(32, this.evaluate(where))), size: bytes, text: where };
  }

  #watch(argument: string, kind: 'read' | 'write'): string {
    if (kind === 'write' && /^l\d+$/.test(argument)) return this.#watchLocal(argument);
    const { address, size, text } = this.range(argument);
    const { stops } = this.session.target;
    const stop = stops.watch(address, size, kind);
    return this.#addWatch(`${kind}s of ${text}: ${size} bytes at 0x${hex(address)}`, () => {
      stops.unwatch(stop);
    });
  }

  #addWatch(text: string, remove: () => void): string {
    const id = this.#nextWatch++;
    this.#watches.set(id, { id, text, remove });
    return `watchpoint w${id}: ${text}`;
  }

  /** Of the activation that is selected, as long as it goes on. */
  #watchLocal(local: string): string {
    const { session } = this;
    const frame = session.frames()[this.#frame];
    const { code } = frame ?? {};
    if (frame === undefined || code === undefined) throw new UsageError('this is no generated code');
    this.evaluate(local);
    const id = this.#nextWatch;
    const read = (): string | undefined => {
      const index = session.frames().findIndex((candidate) => candidate.code === code && candidate.sp === frame.sp);
      if (index < 0) return undefined;
      try {
        return formatNumber(this.evaluate(local, index));
      } catch (error) {
        if (error instanceof UsageError) return undefined;
        throw error;
      }
    };
    session.watched.set(id, { what: `${local} of ${printable(code.name)}`, read });
    return this.#addWatch(`changes of ${local} of ${printable(code.name)}`, () => {
      session.watched.delete(id);
    });
  }

  #set(argument: string): string {
    const [, name = '', text = ''] = /^(.*?[^=!<>])=([^=].*)$/s.exec(argument) ?? [];
    const target = name.trim();
    if (target === '' || text === '') throw new UsageError("what is written and its value are wanted, such as 'set l0 = 5'");
    this.#write(target, this.evaluate(text));
    this.session.wrote();
    return `${target} is ${formatNumber(this.evaluate(target))}; history begins here`;
  }

  #write(name: string, value: bigint): void {
    const { session } = this;
    const [, kind, index = ''] = /^([lg])(\d+)$/.exec(name) ?? [];
    if (kind === 'g') {
      const global = session.view.globals[Number(index)];
      if (global === undefined) throw new UsageError(`there is no ${name} here`);
      this.#poke(global.address, value, /64$/.test(global.type) ? 8 : 4);
    } else if (kind === 'l') {
      const frame = session.frames()[this.#frame];
      if (frame === undefined) throw new UsageError(`there is no ${name} here`);
      this.#values.writeLocal(frame, Number(index), value, this.#frame === 0);
    } else {
      const [, address] = /^\[(.*)\]$/s.exec(name) ?? [];
      if (address === undefined) session.target.writeRegister(name.replace(/^\$/, ''), BigInt.asUintN(64, value));
      else this.#poke(Number(BigInt.asUintN(32, this.evaluate(address))), value, 4);
    }
  }

  #poke(address: number, value: bigint, size: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt.asIntN(64, value));
    if (!this.session.target.poke(address, bytes.subarray(0, size))) throw new UsageError(`0x${hex(address)} is no memory that can be written (info map)`);
  }

  #delete(argument: string): string {
    const [, isWatch, number = ''] = /^(w?)(\d+)$/.exec(argument) ?? [];
    if (number === '') throw new UsageError('the number of a breakpoint, or w and that of a watchpoint, is wanted');
    if (isWatch !== 'w') {
      this.session.breakpoints.remove(Number(number));
      return '';
    }
    const watch = this.#watches.get(Number(number));
    if (watch === undefined) throw new UsageError(`there is no watchpoint w${number}`);
    watch.remove();
    this.#watches.delete(watch.id);
    return '';
  }

  async #lastWrite(argument: string): Promise<string> {
    const { address, size } = this.range(argument);
    const found = await this.session.lastWrite(address, size);
    return [...(found ? [] : ['nothing has written there since history began']), this.#where()].join('\n');
  }

  #backtrace(): string {
    const frames = this.session.inspect();
    return frames.map((frame, index) => `#${index}  ${this.#describe(frame)}`).join('\n');
  }

  #describe({ pc, code, boundary }: Frame): string {
    if (code === undefined) return `0x${hex(pc)} in ${this.session.view.routineAt(pc) ?? 'no generated code'}`;
    const offset = boundary?.wasmOffset;
    const text = offset === undefined ? 'setting up its frame' : `${hex(offset, 6)}  ${code.wasm.find((entry) => entry.offset === offset)?.text ?? ''}`;
    return `0x${hex(pc)} in ${printable(code.name)}: ${text}${code.interpreted ? ' (interpreted)' : ''}`;
  }

  #select(argument: string): string {
    const number = this.#count(argument, 1000);
    const frame = this.session.inspect()[number];
    if (frame === undefined) throw new UsageError(`there is no frame ${number}`);
    this.#frame = number;
    return `#${number}  ${this.#describe(frame)}`;
  }

  #info(argument: string): string {
    const { session } = this;
    switch (argument) {
      case 'locals':
        return this.#variables((frame) => [...this.#values.locals(frame), ...this.#values.operands(frame)]);
      case 'operands':
        return this.#variables((frame) => this.#values.operands(frame));
      case 'globals':
        return this.#values.globals().map(formatVariable).join('\n');
      case 'registers':
      case 'r':
        return session.target.registers
          .filter(({ group }) => group === 'general')
          .map(({ name }) => `${name.padEnd(5)} 0x${session.target.readRegister(name).toString(16).padStart(8, '0')}`)
          .join('\n');
      case 'breakpoints':
      case 'b':
        return [
          ...session.breakpoints.all.map(
            ({ id, where, places, hits, once, ignored }) =>
              `${id}  0x${hex(places[0]!.address)}  ${where}${once ? ' (once)' : ''}, ${hits} hits${ignored > 0 ? `, passed ${ignored} times more` : ''}`,
          ),
          ...[...this.#watches.values()].map(({ id, text }) => `w${id}  ${text}`),
        ].join('\n');
      case 'functions':
        return session.view.functions.map(({ index, name, begin, end }) => `f${index}  0x${hex(begin)}..0x${hex(end - 1)}  ${printable(name)}`).join('\n');
      case 'map':
        return session.target
          .memoryMap()
          .map(({ name, kind, base, size }) => `0x${hex(base)}..0x${hex(base + size - 1)}  ${kind.padEnd(6)}  ${name}`)
          .join('\n');
      case 'history':
        return `from ${session.history.begin} instructions on, ${session.history.heldBytes} bytes of snapshots`;
      default:
        throw unknownName('info', argument, infoWords);
    }
  }

  #variables(of: (frame: Frame) => readonly Variable[]): string {
    const frames = this.session.inspect();
    // A routine has no values: whoever called it has.
    const frame = this.#frame === 0 ? frames.find(({ boundary, entry }) => boundary !== undefined || entry === true) : frames[this.#frame];
    if (frame?.code === undefined) return 'no values: this is no generated code';
    if (frame.boundary === undefined && frame.entry !== true) return 'no values: the frame is being set up';
    const lines = of(frame).map(formatVariable);
    const note = frame.exact || this.#frame > 0 ? [] : [frame.boundary === undefined ? 'as it is called:' : `as of ${hex(frame.boundary.wasmOffset, 6)}:`];
    return [...note, ...(lines.length === 0 ? ['none'] : lines)].join('\n');
  }

  /** The value of an expression in a frame, 0 being the innermost one. @throws UsageError for one that has none */
  evaluate(text: string, frame = this.#frame): bigint {
    return evaluate(text, this.#names(frame));
  }

  #names(frame: number): Names {
    const { target, view } = this.session;
    const variable = (name: string, all: readonly Variable[], index: number): bigint => {
      const found = all[index];
      if (found === undefined) throw new UsageError(`there is no ${name} here`);
      if (found.words === undefined) throw new UsageError(`${name} is gone: nothing holds its value any more`);
      const [low = 0, high] = found.words;
      return high === undefined ? BigInt(low) : BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0));
    };
    return {
      value: (name) => {
        if (name === '@') return BigInt(view.memories[0] ?? missingMemory());
        const [, kind, index = ''] = /^([logf])(\d+)$/.exec(name) ?? [];
        const here = this.session.frames()[frame];
        if (kind === 'l' && here !== undefined) return variable(name, this.#values.locals(here), Number(index));
        if (kind === 'o' && here !== undefined) return variable(name, this.#values.operands(here), Number(index));
        if (kind === 'g') return variable(name, this.#values.globals(), Number(index));
        const symbol = target.registers.some((register) => register.name === name) ? undefined : view.addressOf?.(name);
        return symbol === undefined ? target.readRegister(name) : BigInt(symbol);
      },
      word: (address) => {
        const bytes = target.peek(Number(BigInt.asUintN(32, address)), 4);
        if (bytes === undefined) throw new UsageError(`there is no memory at 0x${BigInt.asUintN(32, address).toString(16)}`);
        return BigInt(new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true));
      },
    };
  }

  #examine(argument: string): string {
    const [, format = '', where = ''] = /^(\/\S*)?\s*(.*)$/s.exec(argument) ?? [];
    const shape = parseFormat(format);
    const address = Number(BigInt.asUintN(32, this.evaluate(where)));
    const bytes = this.session.target.peek(address, shape.count * shape.size);
    if (bytes === undefined) throw new UsageError(`not all of the ${shape.count * shape.size} bytes at 0x${hex(address)} are memory (info map)`);
    return formatMemory(address, bytes, shape);
  }

  #help(): string {
    return this.#commands.map(({ names, argument, summary }) => `${`${names.join(', ')} ${argument}`.trim().padEnd(44)}  ${summary}`).join('\n');
  }
}

function unitNamed(text: string): Unit {
  if (text !== '' && text !== 'wasm' && text !== 'template' && text !== 'machine') throw unknownName('unit', text, ['wasm', 'template', 'machine']);
  return text === '' ? 'machine' : text;
}

function missingMemory(): never {
  throw new UsageError('the module has no memory');
}

function formatVariable({ name, type, words, place, dead, was }: Variable): string {
  const gone =
    was !== undefined
      ? `gone: ${place} has been overwritten, it was ${formatWords(type, was)}`
      : place === 'not there yet'
        ? place
        : dead
          ? 'gone: nothing reads it any more'
          : 'gone';
  const value = words === undefined ? gone : formatWords(type, words);
  return `${name.padEnd(10)} ${(type ?? '').padEnd(4)} ${value}${words === undefined ? '' : `  in ${place}`}`;
}

/** The value of an expression, as people read it: decimal and, in 32 bits where it fits, hexadecimal. */
export function formatNumber(value: bigint): string {
  return `${value} (0x${BigInt.asUintN(value < -0x8000_0000n || value > 0xffff_ffffn ? 64 : 32, value).toString(16)})`;
}
