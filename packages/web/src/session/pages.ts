import { FireballError, InternalError, UsageError } from '@fireball/contracts';
import { breakpointsIn, goToParting, rowsOf, sourceVariables, type CodeRow, type FilledHole, type FrontEnd, type Hub, type Session } from '@fireball/debugger';
import { idOf, parseMessage, readRequest, type Request } from '../server/messages.js';
import { FunctionKeys } from './function-keys.js';
import { codeMemoryOf, devicesWith, metersOf, panesOf, pinsOf, sourceShown } from './observations.js';
import { stateOf, type SessionState } from './state.js';

/** Requests of one page that wait at once. */
const mostWaiting = 64;
/** Bytes that a page may be behind: one that reads nothing gets nothing more. */
const mostBehind = 16 * 2 ** 20;
/** Milliseconds that a program's output waits for more of it. */
const outputDelay = 20;
/** Milliseconds between two reports of a session that runs. */
const reportEvery = 200;

/** The connection of a page, as `ws` has it. */
export interface PageSocket {
  readonly bufferedAmount: number;
  readonly readyState: number;
  readonly OPEN: number;
  send(text: string): void;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown;
}

/** What an answer says besides its number. */
type Answer = Readonly<Record<string, unknown>>;

/** The pages that show one session: one front end of its hub. What one of them does, or another front end, all show. */
export class Pages {
  readonly #sockets = new Set<PageSocket>();
  readonly #keys = new FunctionKeys();
  readonly #frontEnd: FrontEnd;
  readonly #decoder = new TextDecoder();
  #state: { readonly of: string; readonly state: SessionState } | undefined;
  #reports: NodeJS.Timeout | undefined;
  /** What the program has written and pages have not been told. */
  #written = '';
  #telling: NodeJS.Timeout | undefined;

  /** @param say for the user of the command line */
  constructor(
    private readonly hub: Hub,
    private readonly say: (line: string) => void,
  ) {
    const refresh = (): void => {
      this.#refresh().catch((error: unknown) => {
        if (!hub.isOver) this.#textOf(error);
      });
    };
    this.#frontEnd = hub.join('browser', {
      running: () => {
        this.#reports ??= setInterval(() => {
          this.#tell({ event: 'running', count: hub.session.target.instructions });
        }, reportEvery);
      },
      stopped: refresh,
      breakpointsChanged: refresh,
      stateChanged: refresh,
      output: (bytes) => {
        this.#written += this.#decoder.decode(bytes, { stream: true });
        this.#telling ??= setTimeout(() => {
          this.#tellOutput();
        }, outputDelay);
      },
      ended: () => {
        clearInterval(this.#reports);
        this.#tell({ event: 'ended' });
        clearTimeout(this.#telling);
      },
    });
  }

  /** A page has been opened. */
  add(socket: PageSocket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    let waiting = 0;
    socket.on('message', (data, isBinary) => {
      if (waiting >= mostWaiting) {
        this.#send(socket, { id: null, error: 'too many requests wait' });
        return;
      }
      waiting++;
      void this.#receive(isBinary ? undefined : (data as Buffer).toString('utf8')).then((answer) => {
        waiting--;
        this.#send(socket, answer);
      });
    });
  }

  leave(): void {
    clearInterval(this.#reports);
    clearTimeout(this.#telling);
    this.#frontEnd.leave();
  }

  async #receive(data: string | undefined): Promise<Answer> {
    let id: number | null = null;
    try {
      if (data === undefined) throw new UsageError('messages are text');
      const message = parseMessage(data);
      id = idOf(message);
      const { request } = readRequest(message);
      return { id, ...(await this.#answer(request)) };
    } catch (error) {
      return { id, error: this.#textOf(error) };
    }
  }

  /** Pages never see a stack. */
  #textOf(error: unknown): string {
    if (error instanceof FireballError && !(error instanceof InternalError)) return error.message;
    const text = `a bug in Fireball: ${error instanceof Error ? error.message : String(error)}`;
    this.say(text);
    return text;
  }

  #answer(request: Request): Answer | Promise<Answer> {
    const { shell } = this.hub.debuggee;
    switch (request.do) {
      case 'hello':
        return this.#hello();
      case 'pause':
        this.#frontEnd.interrupt();
        return {};
      case 'complete':
        return { ...shell.complete(request.line) };
      case 'command':
        return this.#command(request.line);
      case 'goto':
        return this.#goTo(request.count, request.order);
      case 'frame':
        return this.#selectFrame(request.number);
      case 'divergence':
        return this.#goToParting();
      case 'functions':
        return this.#functions();
      case 'rows':
        return this.#rows(request);
      case 'function':
        return this.#function(request.function);
      case 'memory':
        return this.#frontEnd.perform(() => this.#memory(request.address, request.size));
      case 'codeMemory':
        return this.#look(codeMemoryOf);
      case 'meters':
        // What the host has noted, while it runs too.
        return { ...metersOf(this.hub.session) };
      case 'pins':
        return this.#look(pinsOf);
      case 'source':
        return this.#frontEnd.perform(({ session, shell }) => ({ ...sourceShown(session, shell.scope.frame) }));
      case 'variables':
        return this.#variables(new Set(request.open));
      case 'devices':
        return this.#look((session) => devicesWith(session, request.name));
    }
  }

  /** Everything that decides what a state shows. */
  #whatIsShown(): string {
    const { session, debuggee } = this.hub;
    const hits = session.breakpoints.all.map(({ id, hits: count }) => `${id}:${count}`).join();
    return [session.target.instructions, session.position, session.order, session.writes, session.breakpoints.changes, debuggee.shell.scope.frame, hits].join(
      ' ',
    );
  }

  /** All pages get the state where it is another one. To look may take as long as to run, and is told as such: where nothing has changed, that ends it. */
  #refresh(): Promise<SessionState> {
    return this.#frontEnd.perform(async ({ session, shell }) => {
      clearInterval(this.#reports);
      this.#reports = undefined;
      const of = this.#whatIsShown();
      const known = this.#state;
      if (known?.of === of) {
        this.#tell({ event: 'stands' });
        return known.state;
      }
      const state = await stateOf(session, shell, this.#keys);
      this.#state = { of, state };
      this.#tell(state);
      return state;
    });
  }

  async #hello(): Promise<Answer> {
    const { name, session, opening } = this.hub.debuggee;
    const state = await this.#refresh();
    const { target, view } = session;
    return {
      name,
      architecture: target.architecture,
      core: target.core,
      opening,
      regions: target.memoryMap().filter(({ kind }) => kind !== 'device'),
      memory: view.memories.length > 0,
      wasm: view.functions.length > 0,
      panes: panesOf(session),
      state,
    };
  }

  async #command(line: string): Promise<Answer> {
    let text = '';
    try {
      text = await this.#frontEnd.execute(line);
      return { text };
    } finally {
      this.#tell({ event: 'command', line, text });
      if (!this.hub.isOver) await this.#refresh();
    }
  }

  async #goTo(count: number, order: number): Promise<Answer> {
    const { why } = await this.#frontEnd.move((session) => {
      this.hub.debuggee.shell.scope.frame = 0;
      const stop = session.goTo(count);
      session.order = order;
      return stop;
    });
    await this.#refresh();
    return { why };
  }

  async #goToParting(): Promise<Answer> {
    const { why } = await this.#frontEnd.move((session) => {
      this.hub.debuggee.shell.scope.frame = 0;
      return goToParting(session);
    });
    await this.#refresh();
    return { why };
  }

  async #selectFrame(number: number): Promise<Answer> {
    await this.#frontEnd.perform(({ shell }) => (shell.scope.frame = number));
    await this.#refresh();
    return {};
  }

  #functions(): Answer {
    const { functions } = this.hub.session.view;
    return { functions: functions.map((code) => ({ key: this.#keys.keyOf(code), index: code.index, name: code.name, interpreted: code.interpreted })) };
  }

  async #rows({ function: key, from, count }: Extract<Request, { readonly do: 'rows' }>): Promise<Answer> {
    const { rows } = await rowsOf(this.#keys.at(key), this.hub.session.target);
    const part = rows.slice(from, from + count);
    return { rows: part, total: rows.length, sites: holesOf(rows, new Set(part.map(({ site }) => site))) };
  }

  /** One that need not be active. */
  async #function(key: number): Promise<Answer> {
    const code = this.#keys.at(key);
    const { session } = this.hub;
    const { rows } = await rowsOf(code, session.target);
    return { total: rows.length, marks: { exact: false, breakpoints: breakpointsIn(rows, code, session.breakpoints.all) } };
  }

  /** Of the activation whose code is shown, as of the state. */
  async #variables(open: ReadonlySet<string>): Promise<Answer> {
    const { frame, frames } = await this.#refresh();
    return this.#frontEnd.perform(({ session }) => ({
      // Which activation it is: the same one has the same depth and name.
      of: `${frames.length - frame} ${frames[frame]?.name ?? ''}`,
      variables: sourceVariables(session, frame, open) ?? [],
    }));
  }

  #look(what: (session: Session) => object): Promise<Answer> {
    return this.#frontEnd.perform(({ session }) => ({ ...what(session) }));
  }

  /** As many of the bytes as there are. */
  #memory(expression: string, size: number): Answer {
    const { shell, session } = this.hub.debuggee;
    const address = shell.scope.address(expression);
    for (let bytes = size; bytes > 0; bytes = bytes > 16 ? bytes - 16 : bytes - 1) {
      const found = session.target.peek(address, bytes);
      if (found !== undefined) return { address, bytes: Buffer.from(found).toString('hex') };
    }
    throw new UsageError(`there is no memory at 0x${address.toString(16).padStart(8, '0')}`);
  }

  /** Comes in front of whatever else is told: in its order. */
  #tellOutput(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const text = this.#written;
    this.#written = '';
    if (text !== '') this.#tell({ event: 'output', text });
  }

  #tell(event: object): void {
    if (this.#written !== '') this.#tellOutput();
    if (this.#sockets.size === 0) return;
    const text = JSON.stringify(event);
    for (const socket of this.#sockets) if (socket.bufferedAmount < mostBehind) socket.send(text);
  }

  #send(socket: PageSocket, answer: Answer): void {
    if (socket.readyState === socket.OPEN && socket.bufferedAmount < mostBehind) socket.send(JSON.stringify(answer));
  }
}

/** What the sites of some rows were filled with: their first rows, which say so, may be others. */
function holesOf(rows: readonly CodeRow[], wanted: ReadonlySet<number | undefined>): [number, readonly FilledHole[]][] {
  return rows.flatMap(({ site, template }) => (site !== undefined && template !== undefined && wanted.has(site) ? [[site, template.holes]] : []));
}
