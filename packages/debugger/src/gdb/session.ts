import { FireballError, type DebugFunction, type DebugTarget } from '@fireball/contracts';
import type { Debuggee } from '../hub/debuggee.js';
import type { BackStop } from '../session/history.js';
import { Threads } from '../rtos/threads.js';
import { Breakpoints } from './breakpoints.js';
import { memoryMap, targetDescription } from './documents.js';
import { Execution, type ClientStop, type Goal } from './execution.js';
import { HostFiles, type HostFile } from './host-files.js';
import { Place } from './interpreted/place.js';
import { ShownCode } from './interpreted/shown-code.js';
import { Libraries } from './libraries.js';
import { Memory } from './memory.js';
import { Monitor } from './monitor.js';
import { mostPacketBytes } from './packets.js';
import { RegisterFile } from './register-file.js';
import { registerFeatures } from './registers.js';
import { hex, numberOf, text } from './text.js';
import { threadList } from './thread-list.js';

/** Signals of the protocol's own numbering (GDB's include/gdb/signals.def). */
const signals = { interrupt: 2, trap: 5, segmentFault: 11 } as const;

const error = { argument: 'E16', memory: 'E0e', failed: 'E01' } as const;

/** What a request is answered with; undefined: by a stop, later, or not at all. */
type Answer = string | Uint8Array | Promise<Uint8Array> | undefined;

interface ClientSessionOptions {
  readonly debuggee: Pick<Debuggee, 'session' | 'shell'>;
  /** The program with its symbols; its name is absolute. */
  readonly program?: HostFile | undefined;
  /** Describes a function that has been compiled while the target ran; absent where none is. */
  readonly describe?: ((code: DebugFunction) => Promise<Uint8Array>) | undefined;
}

/** One client's requests, answered. */
export class ClientSession {
  readonly execution: Execution;
  /** The client asked to end the target. */
  killed = false;
  /** It has let go of the target, which goes on. */
  detached = false;
  acknowledges = true;
  /** The program has ended. */
  ended: Extract<BackStop, { readonly why: 'exit' }> | undefined;
  readonly #target: DebugTarget;
  readonly #monitor: Monitor;
  readonly #threads: Threads;
  /** Whose registers are asked for; undefined: those of the CPU. */
  #saved: ((register: string) => bigint | undefined) | undefined;

  readonly #place: Place;
  readonly #breakpoints: Breakpoints;
  readonly #registers: RegisterFile;
  readonly #memory: Memory;
  readonly #files: HostFiles;
  readonly #documents: ReadonlyMap<string, () => string>;
  #lastStop = `T${hexByte(signals.trap)}`;

  constructor({ debuggee: { session, shell }, program, describe }: ClientSessionOptions) {
    const { target } = session;
    this.#target = target;
    this.#monitor = new Monitor(session, shell);
    this.#threads = new Threads(session);
    const libraries = describe === undefined ? undefined : new Libraries(session, describe);
    target.stopsAtCode = libraries !== undefined;
    const shown = ShownCode.of(session.view);
    this.#place = new Place(target, session.view, shown);
    this.#breakpoints = new Breakpoints(target, shown);
    this.execution = new Execution(session, libraries, (address) => this.#breakpoints.at(address) !== undefined, this.#place);
    const features = registerFeatures(target);
    this.#registers = new RegisterFile(target, features, this.#place);
    this.#memory = new Memory(target, this.#place);
    this.#files = new HostFiles((name) => (name === program?.name ? program : libraries?.file(name)));
    this.#documents = new Map([
      ['features:target.xml', () => targetDescription(target, features)],
      ['memory-map:', () => memoryMap(target, shown)],
      ['threads:', () => threadList(this.#threads)],
      ...(libraries === undefined ? [] : [['libraries:', () => this.#libraryList(libraries)] as const]),
      ...(program === undefined ? [] : [['exec-file:', () => program.name] as const]),
    ]);
    this.#lastStop = this.#stopped(signals.trap, '');
  }

  /** Is there something to do that is not done when a packet has been answered? */
  get wantsTurn(): boolean {
    return this.execution.isRunning || this.killed || this.detached || this.ended !== undefined;
  }

  /** The answer to a packet; undefined: it is answered later, by a stop. Until a promised one is there, nothing else may be asked. */
  answer(content: Uint8Array): Uint8Array | Promise<Uint8Array> | undefined {
    let answer: Answer;
    try {
      answer = this.#request(text.of(content), content);
    } catch (problem) {
      // What the target refuses is the client's to know, and no end.
      if (!(problem instanceof FireballError)) throw problem;
      answer = error.failed;
    }
    return typeof answer === 'string' ? text.bytes(answer) : answer;
  }

  #request(request: string, content: Uint8Array): Answer {
    const rest = request.slice(1);
    switch (request[0]) {
      case '?':
        return this.#lastStop;
      case 'g':
        return this.#registers.all(this.#saved);
      case 'G':
        return this.#saved === undefined ? this.#written(this.#registers.setAll(rest), error.argument) : error.failed;
      case 'p':
        return this.#registers.one(rest, this.#saved) ?? error.argument;
      case 'P':
        return this.#saved === undefined ? this.#written(this.#registers.set(rest), error.argument) : error.failed;
      case 'm':
        return this.#memory.read(rest) ?? error.memory;
      case 'M':
        return this.#written(this.#memory.write(rest), error.memory);
      case 'X':
        return this.#written(this.#memory.writeBinary(content), error.memory);
      case 'Z':
      case 'z':
        return this.#breakpoint(rest, request[0] === 'Z');
      case 'c':
        return this.#resume({ kind: 'continue' }, rest);
      case 's':
        return this.#resume({ kind: 'step' }, rest);
      case 'b':
        return this.#resumeBack(rest);
      case 'H':
        return this.#select(rest);
      case 'T':
        return this.#threads.find(numberOf(rest) ?? 0) === undefined ? error.argument : 'OK';
      case 'D':
        this.release();
        this.detached = true;
        return 'OK';
      case 'k':
        this.killed = true;
        return undefined;
      case 'q':
      case 'Q':
        return this.#query(request);
      case 'v':
        return this.#multiletter(request);
      default:
        return '';
    }
  }

  #written(done: boolean, otherwise: string): string {
    if (done) this.execution.wrote();
    return done ? 'OK' : otherwise;
  }

  /** `gID`: whose registers and memory are asked for from now on; -1 and 0 are any. Which one is resumed is not for the client to say: the target's scheduler does. */
  #select(request: string): string {
    if (!request.startsWith('g') || /^g(-1|0)$/.test(request)) {
      if (request.startsWith('g')) this.#saved = undefined;
      return 'OK';
    }
    const thread = this.#threads.find(numberOf(request.slice(1)) ?? 0);
    if (thread === undefined) return error.argument;
    this.#saved = thread.saved;
    return 'OK';
  }

  #resumeBack(direction: string): Answer {
    if (direction !== 's' && direction !== 'c') return '';
    this.execution.start({ kind: direction === 's' ? 'step back' : 'continue back' });
    return undefined;
  }

  #breakpoint(rest: string, on: boolean): string {
    const [type = '', addressDigits = '', sizeDigits = ''] = (rest.split(';')[0] ?? '').split(',');
    const address = numberOf(addressDigits);
    const size = numberOf(sizeDigits);
    if (!/^[0-4]$/.test(type)) return '';
    if (address === undefined || size === undefined) return error.argument;
    return this.#breakpoints.set(type, address, size, on) ? 'OK' : error.failed;
  }

  #resume(goal: Goal, address: string): Answer {
    if (address !== '') {
      const pc = numberOf(address);
      if (pc === undefined) return error.argument;
      this.#target.writeRegister('pc', BigInt(pc));
      this.execution.wrote();
    }
    this.execution.start(goal);
    return undefined;
  }

  #query(request: string): Answer {
    const [, name = ''] = /^([A-Za-z]+(?:\.[A-Za-z]+)?)/.exec(request) ?? [];
    switch (name) {
      case 'qSupported':
        return `PacketSize=${mostPacketBytes.toString(16)};QStartNoAckMode+;${[...this.#documents.keys()].map((key) => `qXfer:${key.split(':')[0]}:read+;`).join('')}vContSupported+;swbreak+;hwbreak+;ReverseStep+;ReverseContinue+`;
      case 'QStartNoAckMode':
        this.acknowledges = false;
        return 'OK';
      case 'qXfer':
        return this.#transfer(request.slice(6));
      case 'qfThreadInfo':
        return `m${this.#threads
          .list()
          .map(({ id }) => id.toString(16))
          .join(',')}`;
      case 'qsThreadInfo':
        return 'l';
      case 'qC':
        return `QC${this.#threads.runningId.toString(16)}`;
      case 'qAttached':
        return '1';
      case 'qRcmd':
        return this.#command(request.slice(6));
      default:
        return '';
    }
  }

  /** A part of a document: `OBJECT:read:ANNEX:OFFSET,LENGTH`. */
  #transfer(request: string): string {
    const [object = '', operation = '', annex = '', range = ''] = request.split(':');
    const [offset, length] = range.split(',').map(numberOf);
    const make = this.#documents.get(`${object}:${object === 'exec-file' ? '' : annex}`);
    if (operation !== 'read' || make === undefined) return object === 'features' ? 'E00' : '';
    if (offset === undefined || length === undefined) return error.argument;
    const document = make();
    const part = document.slice(offset, offset + Math.min(length, mostPacketBytes / 2));
    return `${offset + part.length < document.length ? 'm' : 'l'}${part}`;
  }

  #command(digits: string): string | Promise<Uint8Array> {
    const bytes = hex.bytes(digits);
    if (bytes === undefined) return error.argument;
    return this.#monitor.answer(new TextDecoder().decode(bytes)).then((said) => text.bytes(hex.ofText(said)));
  }

  /** gdb does not take out the breakpoints that it has in what has gone. */
  #libraryList(libraries: Libraries): string {
    for (const { begin, end } of libraries.update()) this.#breakpoints.clearRange(begin, end);
    return libraries.list();
  }

  #multiletter(request: string): Answer {
    if (request === 'vCont?') return 'vCont;c;C;s;S;r';
    if (request.startsWith('vCont;')) return this.#resumeThreads(request.slice(6));
    if (request.startsWith('vKill')) {
      this.killed = true;
      return 'OK';
    }
    if (request.startsWith('vFile:')) {
      const [operation = '', args = ''] = request.slice(6).split(/:(.*)/s);
      return this.#files.answer(operation, args.split(',')) ?? '';
    }
    return '';
  }

  /** One thread: the first action is its. */
  #resumeThreads(actions: string): Answer {
    const [action = ''] = (actions.split(';')[0] ?? '').split(':');
    switch (action[0]) {
      case 'c':
      case 'C':
        return this.#resume({ kind: 'continue' }, '');
      case 's':
      case 'S':
        return this.#resume({ kind: 'step' }, '');
      case 'r': {
        const [begin, end] = action.slice(1).split(',').map(numberOf);
        if (begin === undefined || end === undefined) return error.argument;
        return this.#resume({ kind: 'range', begin, end }, '');
      }
      default:
        return error.argument;
    }
  }

  /** What the client is told of a stop. */
  report(stop: ClientStop): Uint8Array {
    this.#lastStop = this.#describe(stop);
    if (stop.why === 'exit') this.ended = stop;
    return text.bytes(this.#lastStop);
  }

  /** The client has asked a running target to stop. */
  interrupted(): Uint8Array {
    this.execution.halt();
    this.#lastStop = this.#stopped(signals.interrupt, '');
    return text.bytes(this.#lastStop);
  }

  #describe(stop: ClientStop): string {
    switch (stop.why) {
      case 'library':
        return this.#stopped(signals.trap, 'library:;');
      case 'exit':
        return `W${hexByte(stop.status & 0xff)}`;
      case 'watchpoint': {
        const { kind, address } = this.#breakpoints.watchpointOf(stop);
        return this.#stopped(signals.trap, `${kind}:${address.toString(16)};`);
      }
      case 'breakpoint': {
        const kind = this.#breakpoints.at(this.#place.pc);
        return this.#stopped(signals.trap, kind === undefined ? '' : `${kind}:;`);
      }
      case 'fault':
        return this.#stopped(signals.segmentFault, '');
      case 'interrupted':
        return this.#stopped(signals.interrupt, '');
      case 'begin':
        return this.#stopped(signals.trap, 'replaylog:begin;');
      case 'count':
      case 'exception':
      case 'asleep':
        return this.#stopped(signals.trap, '');
    }
  }

  /** With the registers that GDB asks for at every stop: it takes them only beside a thread. */
  #stopped(signal: number, reason: string): string {
    this.#saved = undefined;
    return `T${hexByte(signal)}${this.#registers.expedited()}thread:${this.#threads.runningId.toString(16)};${reason}`;
  }

  /** Nothing of the client's is left in the target. */
  release(): void {
    this.#target.stopsAtCode = false;
    this.execution.halt();
    this.#breakpoints.clear();
  }
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
