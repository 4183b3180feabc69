import { setImmediate } from 'node:timers/promises';
import { FireballError, InternalError, printable, unknownName, UsageError } from '@fireball/contracts';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { Event, Response } from '@vscode/debugadapter';
import { ProtocolServer } from '@vscode/debugadapter/lib/protocol.js';
import { boundaryAt } from '../session/boundaries.js';
import type { Frame } from '../session/frames.js';
import type { CodePlace } from '../session/breakpoints.js';
import { placeOfOffset } from '../session/places.js';
import type { Session, SessionStop, Unit } from '../session/session.js';
import { formatNumber } from '../shell/format.js';
import { Arguments } from './arguments.js';
import { BreakpointSets, type Wanted } from './breakpoints.js';
import type { Debuggee, Launcher } from '../hub/debuggee.js';
import { Hub, type FrontEnd } from '../hub/hub.js';
import { Disassembly } from './disassembly.js';
import { listModule, type ModuleListing } from '../session/listing.js';
import { VariableViews } from './variables.js';

type Handler = (args: Arguments) => object | undefined | Promise<object | undefined>;

/** The one thread there is. */
const threadId = 1;
/** Number by which clients fetch the listing. */
const listingReference = 1;
/** Most frames, instructions and bytes of one answer. */
const mostFrames = 1000;
const mostInstructions = 20_000;
const mostBytes = 1 << 22;
/** Characters of the program's output that wait for the end of their line. */
const longestLine = 1000;

/** Requests that look at the program, or write to it: one that stands still. */
const looking: ReadonlySet<string> = new Set([
  'stackTrace',
  'scopes',
  'variables',
  'setVariable',
  'disassemble',
  'readMemory',
  'writeMemory',
  'dataBreakpointInfo',
  'setDataBreakpoints',
]);

const reasonOfSet: Readonly<Record<string, string>> = { functions: 'function breakpoint', instructions: 'instruction breakpoint' };

const capabilities: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsSetVariable: true,
  supportsEvaluateForHovers: true,
  supportsStepBack: true,
  supportsReadMemoryRequest: true,
  supportsWriteMemoryRequest: true,
  supportsDisassembleRequest: true,
  supportsSteppingGranularity: true,
  supportsInstructionBreakpoints: true,
  supportsDataBreakpoints: true,
  supportsLogPoints: true,
  supportsLoadedSourcesRequest: true,
  supportsBreakpointLocationsRequest: true,
  supportsTerminateRequest: true,
  supportsExceptionInfoRequest: true,
  supportsCompletionsRequest: true,
};

/** What belongs to the program that is being debugged, once there is one. */
interface Launched {
  readonly debuggee: Debuggee;
  readonly hub: Hub;
  readonly frontEnd: FrontEnd;
  readonly listing: ModuleListing;
  readonly source: DebugProtocol.Source;
  readonly breakpoints: BreakpointSets;
  readonly variables: VariableViews;
  readonly disassembly: Disassembly;
  readonly stopOnEntry: boolean;
}

/**
 * One client of the Debug Adapter Protocol over a session. Requests are carried out in their order, but for those that end or interrupt a run.
 * Nothing here knows how to step.
 */
export class DebugAdapter extends ProtocolServer {
  readonly #launch: Launcher;
  #launched: Launched | undefined;
  #running = false;
  /** Going forwards: what log points say is new. */
  #forwards = true;
  /** Why it stands still, for `exceptionInfo`. */
  #fault: string | undefined;
  readonly #decoder = new TextDecoder();
  #written = '';
  /** The program has ended, and the client knows it. */
  #over = false;
  #queue: Promise<void> = Promise.resolve();
  #leave: () => void = () => undefined;
  /** Settles when the client has left. */
  readonly left = new Promise<void>((resolve) => {
    this.#leave = resolve;
  });

  constructor(launch: Launcher) {
    super();
    this.#launch = launch;
    // What the connection says of itself; without a listener it would be thrown.
    for (const end of ['close', 'error'])
      this.on(end, () => {
        this.close();
      });
  }

  /** The client is gone, or shall go. */
  close(): void {
    const launched = this.#launched;
    this.#launched = undefined;
    launched?.hub.interrupt();
    void this.#queue.then(async () => {
      await launched?.hub.end();
      this.#leave();
    });
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    const isUrgent = request.command === 'pause' || request.command === 'terminate' || request.command === 'disconnect';
    if (isUrgent) this.#launched?.hub.interrupt();
    this.#queue = this.#queue.then(() => this.#answer(request));
  }

  async #answer(request: DebugProtocol.Request): Promise<void> {
    const response = new Response(request);
    try {
      const command: unknown = request.command;
      if (typeof command !== 'string') throw new UsageError('a request without a command');
      const handler = Object.hasOwn(this.#handlers, command) ? this.#handlers[command] : undefined;
      if (handler === undefined) throw unknownName('request', command, Object.keys(this.#handlers));
      const args = new Arguments(command, request.arguments);
      const body = looking.has(command) ? await this.#look(() => handler(args)) : await handler(args);
      if (body !== undefined) (response as DebugProtocol.Response).body = body;
    } catch (error) {
      const message = messageOf(error);
      response.success = false;
      (response as DebugProtocol.Response).message = message;
      (response as DebugProtocol.Response).body = { error: { id: 1, format: message.replaceAll(/[{}]/g, ''), showUser: true } };
    }
    this.sendResponse(response);
    // What follows the answer to a request comes behind it.
    if (!response.success) return;
    if (request.command === 'launch' || request.command === 'attach') this.#event('initialized');
    if (request.command === 'configurationDone') this.#begin();
  }

  /** For what looks at the program, which stands still meanwhile. */
  #look(task: () => object | undefined | Promise<object | undefined>): Promise<object | undefined> {
    return this.#still.frontEnd.perform(task);
  }

  #event(name: string, body?: object): void {
    this.sendEvent(new Event(name, body));
  }

  /** What the program writes, a line at a time. */
  #write(bytes: Uint8Array): void {
    this.#written += this.#decoder.decode(bytes, { stream: true });
    if (this.#written.includes('\n') || this.#written.length > longestLine) this.#flush();
  }

  #flush(): void {
    if (this.#written !== '') this.#event('output', { category: 'stdout', output: this.#written });
    this.#written = '';
  }

  #print(text: string, category: 'console' | 'stdout'): void {
    this.#event('output', { category, output: `${text}\n` });
  }

  get #program(): Launched {
    if (this.#launched === undefined) throw new UsageError('nothing is being debugged: launch comes first');
    return this.#launched;
  }

  /** What can be looked at only while it stands still. */
  get #still(): Launched {
    if (this.#running) throw new UsageError('the program is running: pause it first');
    return this.#program;
  }

  readonly #handlers: Readonly<Record<string, Handler>> = {
    initialize: () => capabilities,
    launch: (args) => this.#start(args),
    attach: () => {
      throw new UsageError('there is nothing to attach to: use a configuration with "request": "launch"');
    },
    setBreakpoints: (args) =>
      this.#replace(
        'source',
        args.list('breakpoints').map((each) => this.#atLine(each)),
      ),
    setFunctionBreakpoints: (args) =>
      this.#replace(
        'functions',
        args.list('breakpoints').map((each) => this.#atFunction(each)),
      ),
    setInstructionBreakpoints: (args) =>
      this.#replace(
        'instructions',
        args.list('breakpoints').map((each) => this.#atInstruction(each)),
      ),
    setExceptionBreakpoints: () => ({ breakpoints: [] }),
    dataBreakpointInfo: (args) => this.#watchable(args),
    setDataBreakpoints: (args) => ({ breakpoints: this.#watch(args.list('breakpoints')) }),
    breakpointLocations: (args) => {
      const first = args.whole('line');
      const last = args.whole('endLine', first);
      return { breakpoints: this.#program.listing.lines.filter((line) => line >= first && line <= last).map((line) => ({ line })) };
    },
    configurationDone: () => {
      if (this.#launched === undefined) throw new UsageError('nothing is being debugged: launch comes first');
      return undefined;
    },
    threads: () => ({ threads: [{ id: threadId, name: printable(this.#launched?.debuggee.name ?? 'nothing yet') }] }),
    stackTrace: (args) => this.#stackTrace(args),
    scopes: (args) => ({ scopes: this.#still.variables.scopes(args.whole('frameId')) }),
    variables: async (args) => ({ variables: await this.#still.variables.variables(args.whole('variablesReference')) }),
    setVariable: (args) => this.#setVariable(args),
    evaluate: (args) => this.#evaluate(args),
    completions: (args) => ({ targets: this.#program.debuggee.shell.words.filter((word) => word.startsWith(args.text('text'))).map((label) => ({ label })) }),
    source: (args) => {
      const reference = args.whole('sourceReference', 0) || args.part('source').whole('sourceReference', 0);
      if (reference !== listingReference) throw new UsageError(`there is no source ${reference}`);
      return { content: this.#program.listing.text, mimeType: 'text/x-wat' };
    },
    loadedSources: () => ({ sources: [this.#program.source] }),
    disassemble: (args) => this.#disassemble(args),
    readMemory: (args) => this.#readMemory(args),
    writeMemory: (args) => this.#writeMemory(args),
    exceptionInfo: () => ({ exceptionId: 'trap', description: this.#fault ?? 'none', breakMode: 'always' }),
    continue: () => {
      this.#run(true, (session) => session.resume());
      return { allThreadsContinued: true };
    },
    reverseContinue: () => this.#run(false, (session) => session.resumeBack()),
    next: (args) => this.#run(true, (session) => session.stepOver(unitOf(args))),
    stepIn: (args) => this.#run(true, (session) => session.step(unitOf(args))),
    stepOut: () => this.#run(true, (session) => session.finish('wasm')),
    stepBack: (args) => this.#run(false, (session) => session.stepBack(unitOf(args))),
    pause: () => undefined,
    terminate: () => {
      this.#end();
      return undefined;
    },
    disconnect: () => {
      this.close();
      return undefined;
    },
  };

  async #start(args: Arguments): Promise<undefined> {
    if (this.#launched !== undefined) throw new UsageError('something is being debugged already');
    const stopOnEntry = args.flag('stopOnEntry', true);
    const hub = await Hub.open((output) => this.#launch(args.all, output));
    const { debuggee } = hub;
    const frontEnd = hub.join('debug client', {
      stopped: (stop) => {
        this.#tell(stop);
      },
      stateChanged: () => {
        this.#event('invalidated', { areas: ['variables'] });
      },
      output: (bytes) => {
        this.#write(bytes);
      },
      ended: () => {
        this.#end();
      },
    });
    if (debuggee.opening !== '') this.#print(debuggee.opening, 'console');
    const { view } = debuggee.session;
    this.#launched = {
      debuggee,
      hub,
      frontEnd,
      listing: listModule(view),
      source: { name: `${debuggee.name}.wat`, sourceReference: listingReference, presentationHint: 'normal' },
      breakpoints: new BreakpointSets(debuggee, (text) => {
        if (this.#forwards) this.#print(text, 'stdout');
      }),
      variables: new VariableViews(debuggee),
      disassembly: new Disassembly(view),
      stopOnEntry,
    };
  }

  #begin(): void {
    if (!this.#program.stopOnEntry) this.#run(true, (session) => session.resume());
    else this.#event('stopped', { reason: 'entry', threadId, allThreadsStopped: true });
  }

  /** Moves the program; how it went is told by an event, when it has come to stand. */
  #run(forwards: boolean, move: (session: Session) => SessionStop | Promise<SessionStop>): undefined {
    const { frontEnd } = this.#still;
    if (this.#fault !== undefined && forwards) {
      this.#end();
      return undefined;
    }
    this.#running = true;
    void this.#carryOut(frontEnd, forwards, move);
    return undefined;
  }

  async #carryOut(frontEnd: FrontEnd, forwards: boolean, move: (session: Session) => SessionStop | Promise<SessionStop>): Promise<void> {
    // The answer to the request goes first.
    await setImmediate();
    this.#forwards = forwards;
    try {
      await frontEnd.move(move);
    } catch (error) {
      this.#running = false;
      if (this.#launched === undefined) return;
      this.#print(messageOf(error), 'console');
      this.#stopped('step');
    }
  }

  #stopped(reason: string, more: object = {}): void {
    this.#event('stopped', { reason, threadId, allThreadsStopped: true, ...more });
  }

  /** Where it has come to stand, by whomever. */
  #tell(stop: SessionStop): void {
    this.#running = false;
    this.#flush();
    if (this.#launched === undefined) return;
    const { breakpoints, debuggee } = this.#launched;
    this.#fault = stop.why === 'fault' ? debuggee.outcome() : undefined;
    switch (stop.why) {
      case 'exit':
        this.#print(debuggee.outcome(), 'console');
        this.#end(stop.status);
        return;
      case 'fault':
        this.#stopped('exception', { text: this.#fault, description: this.#fault });
        return;
      case 'breakpoint': {
        const [first] = stop.hits;
        const set = first === undefined ? undefined : breakpoints.setOf(first.breakpoint.id);
        const problems = stop.hits.flatMap(({ problem }) => problem ?? []);
        this.#stopped(reasonOfSet[set ?? ''] ?? 'breakpoint', {
          hitBreakpointIds: stop.hits.map(({ breakpoint: { id } }) => id),
          ...(problems.length === 0 ? {} : { description: `the condition has no value here: ${problems.join('; ')}` }),
        });
        return;
      }
      case 'watchpoint':
        this.#stopped('data breakpoint', {
          description: `${stop.access} of ${stop.size} bytes at 0x${stop.address.toString(16)}, by the instruction before this one`,
        });
        return;
      case 'changed':
        this.#stopped('data breakpoint', { description: `${stop.what}: ${stop.from} became ${stop.to}` });
        return;
      case 'parting':
        this.#stopped('exception', { text: stop.message, description: stop.message });
        return;
      case 'begin':
        this.#stopped('entry', { description: 'history begins here' });
        return;
      case 'asleep':
        this.#stopped('pause', { description: 'it sleeps, and nothing will wake it up' });
        return;
      case 'interrupted':
        this.#stopped('pause');
        return;
      case 'step':
      case 'count':
        this.#stopped('step');
    }
  }

  #end(status = 0): void {
    if (this.#over) return;
    this.#over = true;
    this.#event('exited', { exitCode: status });
    this.#event('terminated');
  }

  #atLine(each: Arguments): Wanted {
    const line = each.whole('line');
    const { listing, debuggee } = this.#program;
    return {
      where: `line ${line}`,
      places: () => {
        const offset = listing.offsetAt(line);
        if (offset === undefined) throw new UsageError('no instruction is on this line or below');
        return [nextPlace(debuggee, offset)];
      },
      line: ({ address, order }) => {
        const offset = placedAt(debuggee, { address, order });
        return offset === undefined ? undefined : listing.lineOf(offset);
      },
      ...this.#conditionOf(each),
    };
  }

  #conditionOf(each: Arguments): Pick<Wanted, 'condition' | 'log' | 'ignored'> {
    const condition = each.optionalText('condition')?.trim();
    const hits = each.optionalText('hitCondition')?.trim() ?? '';
    if (!/^\d{0,9}$/.test(hits) || hits === '0') throw new UsageError(`the hit count of a breakpoint is a number from 1 on, not '${hits}'`);
    return { condition: condition === '' ? undefined : condition, log: each.optionalText('logMessage'), ignored: hits === '' ? undefined : Number(hits) - 1 };
  }

  #atFunction(each: Arguments): Wanted {
    const name = each.text('name');
    return { where: name, places: () => this.#program.debuggee.shell.places(name), ...this.#conditionOf(each) };
  }

  #atInstruction(each: Arguments): Wanted {
    const address = each.address('instructionReference') + each.whole('offset', 0);
    return { where: `0x${address.toString(16)}`, places: () => [{ address, order: 0 }], ...this.#conditionOf(each) };
  }

  /** What of a name can be watched: a global, or the memory at the value of an expression. */
  #watchable(args: Arguments): object {
    const name = args.text('name');
    const { debuggee } = this.#still;
    const reference = args.whole('variablesReference', 0);
    const global = reference > 0 && this.#program.variables.scopeOf(reference).name === 'Globals' ? /\d+$/.exec(name)?.[0] : undefined;
    const range = reference > 0 && global === undefined ? undefined : debuggee.shell.scope.range(global === undefined ? name : `g${global}`);
    if (range === undefined) return { dataId: null, description: `${name} is not always in memory: watch a global, or an address` };
    return {
      dataId: `${range.address}/${range.size}`,
      description: `${range.size} bytes at 0x${range.address.toString(16)}`,
      accessTypes: ['read', 'write', 'readWrite'],
      canPersist: false,
    };
  }

  #watch(wanted: readonly Arguments[]): DebugProtocol.Breakpoint[] {
    const ranges = wanted.map((each) => {
      const [, address, size] = /^(\d{1,10})\/(\d{1,7})$/.exec(each.text('dataId')) ?? [];
      if (size === undefined) throw new UsageError('setDataBreakpoints: a dataId that dataBreakpointInfo gave is wanted');
      const access = each.optionalText('accessType') ?? 'write';
      return {
        address: Number(address),
        size: Number(size),
        kind: access === 'readWrite' ? ('access' as const) : access === 'read' ? ('read' as const) : ('write' as const),
      };
    });
    return this.#program.breakpoints.replaceWatches(ranges);
  }

  #stackTrace(args: Arguments): object {
    const program = this.#still;
    const frames = program.debuggee.session.frames();
    const first = args.whole('startFrame', 0);
    const count = args.whole('levels', 0) || mostFrames;
    const shown = frames.slice(Math.max(0, first), first + Math.min(count, mostFrames));
    return { stackFrames: shown.map((frame, index) => this.#stackFrame(program, frame, first + index)), totalFrames: frames.length };
  }

  #stackFrame({ debuggee: { session }, listing, source }: Launched, { pc, code, boundary }: Frame, id: number): DebugProtocol.StackFrame {
    const pointer = { instructionPointerReference: `0x${pc.toString(16)}`, column: 1 };
    if (code === undefined) return { id, name: session.view.routineAt(pc) ?? `0x${pc.toString(16)}`, line: 0, presentationHint: 'subtle', ...pointer };
    const line = listing.lineOf(boundary?.wasmOffset ?? code.wasm[0]!.offset);
    return { id, name: printable(code.name), line: line ?? 0, source, ...pointer };
  }

  async #setVariable(args: Arguments): Promise<object> {
    const { debuggee, variables } = this.#still;
    const reference = args.whole('variablesReference');
    const name = args.text('name');
    const { frame } = variables.scopeOf(reference);
    const known = (await variables.variables(reference)).find((variable) => variable.name === name);
    if (known?.evaluateName === undefined) throw new UsageError(`${name} cannot be written`);
    await debuggee.shell.execute(`frame ${frame}`);
    await debuggee.shell.execute(`set ${known.evaluateName} = ${args.text('value')}`);
    return { value: (await variables.variables(reference)).find((variable) => variable.name === name)?.value ?? '' };
  }

  async #evaluate(args: Arguments): Promise<object> {
    const { frontEnd } = this.#still;
    const expression = args.text('expression');
    if (args.optionalText('context') === 'repl') return { result: await frontEnd.execute(expression), variablesReference: 0 };
    const frame = args.whole('frameId', 0);
    const value = await frontEnd.perform(({ shell }) => shell.scope.evaluate(expression, frame));
    return { result: formatNumber(value), variablesReference: 0 };
  }

  #replace(set: string, wanted: readonly Wanted[]): Promise<object> {
    const { frontEnd, breakpoints } = this.#program;
    return frontEnd.adjust(async () => ({ breakpoints: await breakpoints.replace(set, wanted) }));
  }

  async #disassemble(args: Arguments): Promise<object> {
    const { disassembly, listing, source } = this.#program;
    const count = args.whole('instructionCount');
    if (count < 0 || count > mostInstructions) throw new UsageError(`disassemble: 0 to ${mostInstructions} instructions are given at once`);
    const address = args.address('memoryReference') + args.whole('offset', 0);
    const instructions = await disassembly.around(address, args.whole('instructionOffset', 0), count, (offset) => {
      const line = listing.lineOf(offset);
      return line === undefined ? {} : { location: source, line };
    });
    return { instructions };
  }

  #readMemory(args: Arguments): object {
    const { target } = this.#still.debuggee.session;
    const address = args.address('memoryReference') + args.whole('offset', 0);
    const count = args.whole('count');
    if (count < 0 || count > mostBytes) throw new UsageError(`readMemory: 0 to ${mostBytes} bytes are given at once`);
    const region = target.memoryMap().find(({ base, size }) => address >= base && address < base + size);
    const readable = region === undefined ? 0 : Math.min(count, region.base + region.size - address);
    const bytes = readable === 0 ? undefined : target.peek(address, readable);
    const reference = { address: `0x${Math.max(0, address).toString(16)}` };
    return bytes === undefined
      ? { ...reference, unreadableBytes: count }
      : { ...reference, data: Buffer.from(bytes).toString('base64'), ...(readable < count ? { unreadableBytes: count - readable } : {}) };
  }

  #writeMemory(args: Arguments): object {
    const { session } = this.#still.debuggee;
    const address = args.address('memoryReference') + args.whole('offset', 0);
    const bytes = Buffer.from(args.text('data'), 'base64');
    if (!session.target.poke(address, bytes)) throw new UsageError(`not all of the ${bytes.length} bytes at 0x${address.toString(16)} can be written`);
    session.wrote();
    return { bytesWritten: bytes.length };
  }
}

/** What a client is told: never where in this program it happened. */
function messageOf(error: unknown): string {
  if (error instanceof FireballError) return error.message;
  return `a bug in fireball: ${error instanceof Error ? error.message : String(error)}`;
}

function unitOf(args: Arguments): Unit {
  return args.optionalText('granularity') === 'instruction' ? 'machine' : 'wasm';
}

/** Offset in the module of the instruction that a place is in front of. */
function placedAt({ session }: Debuggee, { address, order }: CodePlace): number | undefined {
  const code = session.view.at(address);
  return code === undefined ? undefined : boundaryAt(code, address, order)?.wasmOffset;
}

/** In front of the instruction at an offset, or of the first one behind it in the same function that has code of its own. */
function nextPlace({ session }: Debuggee, offset: number): CodePlace {
  const code = session.view.functions.find(({ wasm }) => wasm.some((instruction) => instruction.offset === offset));
  if (code === undefined) throw new InternalError(`no function has an instruction at 0x${offset.toString(16)}`);
  for (const instruction of code.wasm) {
    if (instruction.offset >= offset && code.locations.boundaries.some(({ wasmOffset }) => wasmOffset === instruction.offset))
      return placeOfOffset(session.view, instruction.offset);
  }
  throw new UsageError('no instruction from here to the end of the function is ever executed');
}
