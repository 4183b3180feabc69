import { setImmediate } from 'node:timers/promises';
import { FireballError, printable, unknownName, UsageError } from '@fireball/contracts';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { Event, Response } from '@vscode/debugadapter';
import { ProtocolServer } from '@vscode/debugadapter/lib/protocol.js';
import type { Frame } from '../session/frames.js';
import type { Session, SessionStop, Unit } from '../session/session.js';
import { nameOfFrame } from '../shell/format.js';
import type { Shell } from '../shell/shell.js';
import { Arguments } from './arguments.js';
import { BreakpointSets, type Wish } from './breakpoints.js';
import type { Debuggee } from '../hub/debuggee.js';
import { Hub, type FrontEnd, type HubObserver } from '../hub/hub.js';
import { Disassembly } from './disassembly.js';
import { LineSteps } from '../sources/line-steps.js';
import { capabilities, trapFilter } from './capabilities.js';
import { readMemory, writeMemory } from './memory.js';
import { toldOf } from './stopped.js';
import { templatesOf } from './templates.js';
import { offsetOfFrame } from '../sources/sources.js';
import { ClientSources, setOfSource } from './sources.js';
import { VariableViews } from './variables.js';
import { watchOf, Wishes } from './wishes.js';
import type { DebuggeeSource } from './source.js';

type Handler = (args: Arguments) => object | undefined | Promise<object | undefined>;

/** The one thread that has registers. */
const threadId = 1;
/** Most frames, instructions and completions of one answer. */
const mostFrames = 1000;
const mostInstructions = 20_000;
const mostCompletions = 500;
/** Characters of the program's output that wait for the end of their line. */
const longestLine = 1000;

/** Requests that look at the program, or write to it: one that stands still. */
const looking: ReadonlySet<string> = new Set([
  'stackTrace',
  'scopes',
  'variables',
  'setVariable',
  'setExpression',
  'disassemble',
  'readMemory',
  'writeMemory',
  'dataBreakpointInfo',
  'setDataBreakpoints',
  'fireball/templates',
]);

/** What belongs to the program that is being debugged, once there is one. */
interface Launched {
  readonly debuggee: Debuggee;
  readonly hub: Hub;
  /** It goes on when this client leaves. */
  readonly isShared: boolean;
  readonly frontEnd: FrontEnd;
  readonly sources: ClientSources;
  readonly lineSteps: LineSteps;
  readonly breakpoints: BreakpointSets;
  readonly wishes: Wishes;
  readonly variables: VariableViews;
  readonly disassembly: Disassembly;
  readonly stopOnEntry: boolean;
  /** At the end it stands still, and can go back, rather than being over. */
  readonly stopOnExit: boolean;
}

/**
 * One client of the Debug Adapter Protocol over a session. Requests are carried out in their order, but for those that end or interrupt a run.
 * Nothing here knows how to step.
 */
export class DebugAdapter extends ProtocolServer {
  #launched: Launched | undefined;
  #running = false;
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

  constructor(private readonly source: DebuggeeSource) {
    super();
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
    if (launched?.isShared === false) launched.hub.interrupt();
    void this.#queue.then(async () => {
      if (launched?.isShared === true) await leaveShared(launched);
      else await launched?.hub.end();
      this.#leave();
    });
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    const isUrgent = request.command === 'pause' || request.command === 'terminate' || (request.command === 'disconnect' && this.#launched?.isShared === false);
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

  /** Something about the client, for people. */
  warn(text: string): void {
    this.#event('output', { category: 'important', output: `${text}\n` });
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
    launch: async (args) => {
      if (!('launch' in this.source)) throw new UsageError('this session has begun: use a configuration with "request": "attach"');
      const { launch } = this.source;
      return this.#start(args, () => Hub.open((output) => launch(args.all, output)), false);
    },
    attach: (args) => {
      if (!('hub' in this.source))
        throw new UsageError('there is nothing to attach to: start `fireball debug FILE --dap PORT`, or use a configuration with "request": "launch"');
      const { hub } = this.source;
      return this.#start(args, () => hub, true);
    },
    setBreakpoints: (args) => this.#setBreakpoints(args),
    setFunctionBreakpoints: (args) =>
      this.#replace(
        'functions',
        args.list('breakpoints').map((each) => this.#program.wishes.atFunction(each)),
      ),
    setInstructionBreakpoints: (args) =>
      this.#replace(
        'instructions',
        args.list('breakpoints').map((each) => this.#program.wishes.atInstruction(each)),
      ),
    setExceptionBreakpoints: (args) => {
      const wanted = [...args.texts('filters').map((filter) => ({ filter, kind: '' })), ...args.list('filterOptions').map(filterOption)];
      for (const { filter } of wanted) if (filter !== trapFilter.filter) throw unknownName('exception filter', filter, [trapFilter.filter]);
      return this.#replace(
        'traps',
        wanted.map(({ kind }) => this.#program.wishes.atTrap(kind)),
      );
    },
    dataBreakpointInfo: (args) => this.#watchable(args),
    setDataBreakpoints: (args) => ({ breakpoints: this.#program.breakpoints.replaceWatches(args.list('breakpoints').map(watchOf)) }),
    breakpointLocations: (args) => {
      const first = args.whole('line');
      const last = args.whole('endLine', first);
      const { sources } = this.#program;
      return { breakpoints: sources.linesIn(sources.meant(args.part('source')), first, last).map((line) => ({ line })) };
    },
    configurationDone: () => {
      if (this.#launched === undefined) throw new UsageError('nothing is being debugged: launch comes first');
      return undefined;
    },
    threads: () => ({ threads: this.#threads() }),
    stackTrace: (args) => this.#stackTrace(args),
    scopes: (args) => ({ scopes: this.#still.variables.scopes(args.whole('frameId')) }),
    variables: async (args) => ({ variables: await this.#still.variables.variables(args.whole('variablesReference')) }),
    setVariable: (args) => this.#setVariable(args),
    setExpression: (args) => this.#setExpression(args),
    evaluate: (args) => this.#evaluate(args),
    completions: (args) => completionsOf(this.#program.debuggee.shell, args),
    source: (args) => {
      const reference = args.whole('sourceReference', 0) || args.part('source').whole('sourceReference', 0);
      return { content: this.#program.sources.text(reference), mimeType: 'text/x-wat' };
    },
    loadedSources: () => ({ sources: this.#program.sources.all }),
    disassemble: (args) => this.#disassemble(args),
    readMemory: (args) => readMemory(this.#still.debuggee.session, args),
    writeMemory: (args) => writeMemory(this.#still.debuggee.session, args),
    'fireball/templates': (args) => templatesOf(this.#still.debuggee.session, args),
    exceptionInfo: () => ({ exceptionId: 'trap', description: this.#fault ?? 'none', breakMode: 'always' }),
    continue: (args) => {
      this.#checkThread(args);
      this.#run(true, (session) => session.resume());
      return { allThreadsContinued: true };
    },
    reverseContinue: (args) => {
      this.#checkThread(args);
      this.#run(false, (session) => session.resumeBack());
    },
    next: (args) => {
      this.#checkThread(args);
      const unit = unitOf(args);
      const { lineSteps } = this.#program;
      this.#run(true, (session) => (unit === 'wasm' ? lineSteps.step('over') : session.stepOver(unit)));
    },
    stepIn: (args) => {
      this.#checkThread(args);
      const unit = unitOf(args);
      const { lineSteps } = this.#program;
      this.#run(true, (session) => (unit === 'wasm' ? lineSteps.step('into') : session.step(unit)));
    },
    stepOut: (args) => {
      this.#checkThread(args);
      this.#run(true, (session) => session.finish(this.#program.lineSteps.unit));
    },
    stepBack: (args) => {
      this.#checkThread(args);
      const unit = unitOf(args);
      // By instructions one looks at each; by anything larger, over what was called.
      const { lineSteps } = this.#program;
      this.#run(false, (session) => (unit === 'machine' ? session.stepBack(unit) : lineSteps.stepBack('over')));
    },
    pause: () => undefined,
    terminate: async () => {
      if (this.#launched?.isShared === true) await this.#launched.hub.end();
      this.#end();
      return undefined;
    },
    disconnect: async (args) => {
      if (args.flag('terminateDebuggee', false) && this.#launched?.isShared === true) await this.#launched.hub.end();
      this.close();
      return undefined;
    },
  };

  async #start(args: Arguments, open: () => Hub | Promise<Hub>, isShared: boolean): Promise<undefined> {
    if (this.#launched !== undefined) throw new UsageError('something is being debugged already');
    const stopOnEntry = args.flag('stopOnEntry', true);
    const stopOnExit = args.flag('stopOnExit', isShared);
    const hub = await open();
    const { debuggee } = hub;
    if (debuggee.opening !== '') this.#print(debuggee.opening, 'console');
    const { view } = debuggee.session;
    const sources = new ClientSources(debuggee);
    this.#launched = {
      debuggee,
      hub,
      isShared,
      frontEnd: hub.join('debug client', this.#observer()),
      sources,
      lineSteps: new LineSteps(debuggee.session),
      breakpoints: new BreakpointSets(debuggee, (text) => {
        this.#print(text, 'stdout');
      }),
      wishes: new Wishes(debuggee, sources),
      variables: new VariableViews(debuggee),
      disassembly: new Disassembly(debuggee.session.target, view),
      stopOnEntry,
      stopOnExit,
    };
  }

  /** What others do on the same session, and how what this client wants has gone. */
  #observer(): HubObserver {
    return {
      running: (by) => {
        if (by === this.#launched?.frontEnd) return;
        this.#running = true;
        this.#event('continued', { threadId, allThreadsContinued: true });
      },
      stopped: (stop) => {
        this.#tell(stop);
      },
      breakpointsChanged: (by) => {
        const program = this.#launched;
        if (program === undefined || by === program.frontEnd) return;
        for (const change of program.breakpoints.changesByOthers((places) => program.wishes.locationOf(places))) this.#event('breakpoint', change);
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
    };
  }

  #begin(): void {
    const { isShared, hub, stopOnEntry } = this.#program;
    // What runs already will be told of when it stops.
    this.#running = isShared && hub.isBusy;
    if (this.#running) return;
    if (isShared || stopOnEntry) this.#stopped('entry');
    else this.#run(true, (session) => session.resume());
  }

  /** Moves the program; how it went is told by an event, when it has come to stand. */
  #run(isForwards: boolean, move: (session: Session) => SessionStop | Promise<SessionStop>): undefined {
    const { frontEnd } = this.#still;
    if (this.#over) throw new UsageError('the program has ended: with "stopOnExit" it stands still at its end, and can go back from there');
    if (this.#fault !== undefined && isForwards && !this.#program.isShared) {
      this.#end();
      return undefined;
    }
    this.#running = true;
    void this.#carryOut(frontEnd, move);
    return undefined;
  }

  async #carryOut(frontEnd: FrontEnd, move: (session: Session) => SessionStop | Promise<SessionStop>): Promise<void> {
    // The answer to the request goes first.
    await setImmediate();
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
    const { breakpoints, debuggee, stopOnExit } = this.#launched;
    this.#fault = stop.why === 'fault' ? debuggee.outcome() : undefined;
    if (stop.why === 'exit') this.#print(debuggee.outcome(), 'console');
    if (stop.why === 'exit' && !stopOnExit) {
      this.#end(stop.status);
      return;
    }
    const { reason, ...more } = toldOf(
      stop,
      (id) => breakpoints.setOf(id),
      () => debuggee.outcome(),
    );
    this.#stopped(reason, more);
  }

  #end(status = 0): void {
    if (this.#over) return;
    this.#over = true;
    this.#event('exited', { exitCode: status });
    this.#event('terminated');
  }

  /** What of a name can be watched: a global, a register of a device, a variable of the source that is in memory, or the memory at the value of an expression. */
  async #watchable(args: Arguments): Promise<object> {
    const name = args.text('name');
    const reference = args.whole('variablesReference', 0);
    try {
      const range = await this.#rangeOf(reference, name);
      if (range === undefined) return { dataId: null, description: `${name} is not always in memory: watch a global, a register of a device, or an address` };
      return {
        dataId: `${range.address}/${range.size}`,
        description: `${range.size} bytes at 0x${range.address.toString(16)}`,
        accessTypes: ['read', 'write', 'readWrite'],
        canPersist: false,
      };
    } catch (error) {
      if (!(error instanceof UsageError) || reference === 0) throw error;
      return { dataId: null, description: error.message };
    }
  }

  async #rangeOf(reference: number, name: string): Promise<{ readonly address: number; readonly size: number } | undefined> {
    const { debuggee, variables } = this.#still;
    const { scope } = debuggee.shell;
    if (reference === 0) return scope.range(name);
    if (variables.areOfSource(reference)) return this.#inFrameOf(reference, name, (meant) => Promise.resolve(scope.range(meant)));
    const global = variables.scopeOf(reference)?.name === 'Globals' ? /\d+$/.exec(name)?.[0] : undefined;
    return global === undefined ? variables.registerAt(reference, name) : scope.range(`g${global}`);
  }

  /** The program, and what its target does at the same time, as far as it stands still. */
  #threads(): DebugProtocol.Thread[] {
    const debuggee = this.#launched?.debuggee;
    const tasks = this.#running ? [] : (debuggee?.session.target.tasks?.().filter(({ runs }) => !runs) ?? []);
    const others = tasks.map(({ name, state }, index) => ({ id: threadId + 1 + index, name: printable(`${name} (${state})`) }));
    return [{ id: threadId, name: printable(debuggee?.name ?? 'nothing yet') }, ...others];
  }

  /** Steps go on with whatever has the CPU; but a thread that is named has to be one. @throws UsageError */
  #checkThread(args: Arguments): void {
    const wanted = args.whole('threadId', threadId);
    if (!this.#threads().some(({ id }) => id === wanted)) throw new UsageError(`there is no thread ${wanted}`);
  }

  #stackTrace(args: Arguments): object {
    const program = this.#still;
    if (args.whole('threadId', threadId) !== threadId) return { stackFrames: [], totalFrames: 0 };
    const frames = program.debuggee.session.inspect();
    const first = args.whole('startFrame', 0);
    const count = args.whole('levels', 0) || mostFrames;
    const shown = frames.slice(Math.max(0, first), first + Math.min(count, mostFrames));
    return { stackFrames: shown.map((frame, index) => this.#stackFrame(program, frame, first + index)), totalFrames: frames.length };
  }

  #stackFrame({ debuggee: { session }, sources }: Launched, frame: Frame, id: number): DebugProtocol.StackFrame {
    const { pc, code, level } = frame;
    const pointer = { instructionPointerReference: `0x${pc.toString(16)}`, column: 1 };
    if (code === undefined) {
      const shown = sources.atAddress(pc) ?? { line: 0, presentationHint: 'subtle' as const };
      return { id, name: session.view.routineAt(pc) ?? `0x${pc.toString(16)}`, ...shown, ...pointer };
    }
    const location = sources.at(offsetOfFrame(frame), level?.place) ?? { source: sources.listing, line: 0 };
    return { id, name: nameOfFrame(code, level), ...location, ...pointer };
  }

  async #setVariable(args: Arguments): Promise<object> {
    const { debuggee, variables } = this.#still;
    const reference = args.whole('variablesReference');
    const name = args.text('name');
    await this.#inFrameOf(reference, name, (meant) => debuggee.shell.execute(`set ${meant} = ${args.text('value')}`));
    return { value: (await variables.variables(reference)).find((variable) => variable.name === name)?.value ?? '' };
  }

  async #setExpression(args: Arguments): Promise<object> {
    const { debuggee, variables } = this.#still;
    const expression = args.text('expression');
    const frame = args.whole('frameId', 0);
    await this.#inFrame(frame, () => debuggee.shell.execute(`set ${expression} = ${args.text('value')}`));
    const { result, ...more } = variables.evaluated(debuggee.shell.scope.operand(expression, frame), frame);
    return { value: result, ...more };
  }

  /** Does something with the expression that a variable is in its activation. @throws UsageError where it is none */
  async #inFrameOf<Result>(reference: number, name: string, act: (expression: string) => Promise<Result>): Promise<Result> {
    const { variables } = this.#still;
    const known = (await variables.variables(reference)).find((variable) => variable.name === name);
    if (known?.evaluateName === undefined) throw new UsageError(`${name} cannot be named in an expression, and so neither be written nor watched`);
    const { evaluateName } = known;
    return this.#inFrame(variables.frameOf(reference), () => act(evaluateName));
  }

  async #inFrame<Result>(frame: number, act: () => Promise<Result>): Promise<Result> {
    const { scope } = this.#still.debuggee.shell;
    const selected = scope.frame;
    scope.frame = frame;
    try {
      return await act();
    } finally {
      scope.frame = selected;
    }
  }

  async #evaluate(args: Arguments): Promise<object> {
    const { frontEnd } = this.#still;
    const expression = args.text('expression');
    if (args.optionalText('context') === 'repl') return { result: await frontEnd.execute(expression), variablesReference: 0 };
    const frame = args.whole('frameId', 0);
    const { variables } = this.#still;
    return frontEnd.perform(({ shell }) => variables.evaluated(shell.scope.operand(expression, frame), frame));
  }

  #setBreakpoints(args: Arguments): object | Promise<object> {
    const { sources, wishes } = this.#program;
    const wanted = args.list('breakpoints');
    try {
      const source = sources.meant(args.part('source'));
      return this.#replace(
        setOfSource(source),
        wanted.map((each) => wishes.atLine(source, each)),
      );
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      // Clients tell of the breakpoints in all of the folder's files.
      return { breakpoints: wanted.map(() => ({ verified: false, message: error.message })) };
    }
  }

  #replace(set: string, wanted: readonly Wish[]): Promise<object> {
    const { frontEnd, breakpoints } = this.#program;
    return frontEnd.adjust(async () => ({ breakpoints: await breakpoints.replace(set, wanted) }));
  }

  async #disassemble(args: Arguments): Promise<object> {
    const { disassembly, sources } = this.#program;
    const count = args.whole('instructionCount');
    if (count < 0 || count > mostInstructions) throw new UsageError(`disassemble: 0 to ${mostInstructions} instructions are given at once`);
    const address = args.address('memoryReference') + args.whole('offset', 0);
    const instructions = await disassembly.around(address, args.whole('instructionOffset', 0), count, (offset) => {
      const found = sources.at(offset);
      return found === undefined ? {} : { location: found.source, line: found.line };
    });
    return { instructions };
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

function filterOption(option: Arguments): { readonly filter: string; readonly kind: string } {
  return { filter: option.text('filterId'), kind: option.optionalText('condition')?.trim() ?? '' };
}

/** Nothing of the client's is left in a session that goes on. */
async function leaveShared({ frontEnd, breakpoints, hub }: Launched): Promise<void> {
  if (!hub.isOver) {
    await frontEnd.adjust(() => {
      breakpoints.clear();
    });
  }
  frontEnd.leave();
}

/** What the text in front of the client's cursor may become. Columns count from 1. */
function completionsOf(shell: Shell, args: Arguments): object {
  const text = args.text('text');
  const typed = text.slice(0, Math.max(0, args.whole('column', text.length + 1) - 1));
  const { candidates, word } = shell.complete(typed);
  const [start, length] = [typed.length - word.length + 1, word.length];
  return { targets: candidates.slice(0, mostCompletions).map((label) => ({ label, start, length })) };
}
