import { UsageError } from '@fireball/contracts';
import type { Session, SessionStop } from '../session/session.js';
import type { Debuggee } from './debuggee.js';

/** What a front end is told, whoever did it, itself too. All of it comes between two tasks, but for `running` and `output`. */
export interface HubObserver {
  /** It moves, and for longer than a moment: nothing new can be seen until `stopped`. */
  running?(by: FrontEnd): void;
  /** It stands somewhere else, or where it was after somebody has tried to move it: not `moved`. Who only looks is not told of, however long it takes. */
  stopped?(stop: SessionStop, by: FrontEnd, moved: boolean): void;
  /** Breakpoints or watchpoints have been set, taken out or changed. */
  breakpointsChanged?(by: FrontEnd): void;
  /** Somebody has written registers, memory, locals or globals. */
  stateChanged?(by: FrontEnd): void;
  /** What the program writes, once however often one goes back. */
  output?(bytes: Uint8Array): void;
  /** The session is over, and nothing can be asked of it any more. */
  ended?(): void;
}

/** Milliseconds after which others are told that it moves. */
const moment = 30;

/**
 * One session with several front ends, which take turns: each task has the session for itself from its beginning to its end, and all are told what
 * it changed. Who runs it can be interrupted by any. Nothing here steps.
 */
export class Hub {
  readonly #frontEnds = new Set<FrontEnd>();
  #queue: Promise<unknown> = Promise.resolve();
  #busy = false;
  #ending: Promise<void> | undefined;
  #end: () => void = () => undefined;
  /** Settles when the session is over. */
  readonly ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  private constructor(readonly debuggee: Debuggee) {}

  /** @param make gets where the program's output goes */
  static async open(make: (output: (bytes: Uint8Array) => void) => Debuggee | Promise<Debuggee>): Promise<Hub> {
    const outlet: { hub?: Hub } = {};
    const hub = new Hub(
      await make((bytes) => {
        outlet.hub?.tell((observer) => observer.output?.(bytes));
      }),
    );
    outlet.hub = hub;
    return hub;
  }

  get session(): Session {
    return this.debuggee.session;
  }

  /** A task is being carried out. */
  get isBusy(): boolean {
    return this.#busy;
  }

  get isOver(): boolean {
    return this.#ending !== undefined;
  }

  /** @param name of the front end, for people: `VS Code`, `terminal` */
  join(name: string, observer: HubObserver): FrontEnd {
    const frontEnd = new FrontEnd(this, name, observer);
    this.#frontEnds.add(frontEnd);
    return frontEnd;
  }

  leave(frontEnd: FrontEnd): void {
    this.#frontEnds.delete(frontEnd);
  }

  tell(what: (observer: HubObserver) => void): void {
    for (const { observer } of [...this.#frontEnds]) what(observer);
  }

  /** Whatever is being carried out comes to its end soon. */
  interrupt(): void {
    if (this.#busy) this.session.interrupt();
  }

  /** Carries out one task after the other, and tells what each has changed. */
  enqueue<Result>(by: FrontEnd, task: () => Result | Promise<Result>, stopOf: (result: Result) => SessionStop | undefined): Promise<Result> {
    const result = this.#queue.then(() => this.#carryOut(by, task, stopOf));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #carryOut<Result>(by: FrontEnd, task: () => Result | Promise<Result>, stopOf: (result: Result) => SessionStop | undefined): Promise<Result> {
    if (this.isOver) throw new UsageError('the session is over');
    const { shell } = this.debuggee;
    shell.lastStop = undefined;
    const before = this.#state();
    let stop: SessionStop | undefined;
    const told = { running: false };
    const timer = setInterval(() => {
      // A look that goes back for what it shows has come here again before anybody else has a turn.
      if (told.running || this.#state().position === before.position) return;
      told.running = true;
      this.tell((observer) => observer.running?.(by));
    }, moment);
    this.#busy = true;
    try {
      const result = await task();
      stop = stopOf(result);
      return result;
    } finally {
      clearInterval(timer);
      this.#busy = false;
      const now = this.#state();
      if (before.writes !== now.writes) this.tell((observer) => observer.stateChanged?.(by));
      if (before.breakpoints !== now.breakpoints) this.tell((observer) => observer.breakpointsChanged?.(by));
      const moved = before.position !== now.position;
      if (stop !== undefined || told.running || moved) {
        shell.scope.frame = 0;
        const why = stop ?? shell.lastStop ?? { why: 'step' };
        this.tell((observer) => observer.stopped?.(why, by, moved));
      }
    }
  }

  #state(): { readonly position: string; readonly writes: number; readonly breakpoints: number } {
    const { session } = this;
    return {
      position: `${session.target.instructions} ${session.position} ${session.order}`,
      writes: session.writes,
      breakpoints: session.breakpoints.changes,
    };
  }

  /** Ends the session for all: what goes on is interrupted, what waits is refused. */
  end(): Promise<void> {
    this.#ending ??= this.#close();
    return this.#ending;
  }

  async #close(): Promise<void> {
    this.interrupt();
    await this.#queue;
    this.tell((observer) => observer.ended?.());
    this.#frontEnds.clear();
    this.debuggee.close();
    this.#end();
  }
}

/** One user of a session that is shared. */
export class FrontEnd {
  constructor(
    readonly hub: Hub,
    readonly name: string,
    readonly observer: HubObserver,
  ) {}

  /**
   * Moves the session, or tries to; all are told how it stopped.
   * @throws what the task throws; UsageError where the session is over
   */
  move(task: (session: Session) => SessionStop | Promise<SessionStop>): Promise<SessionStop> {
    return this.hub.enqueue(
      this,
      () => task(this.hub.session),
      (stop) => stop,
    );
  }

  /** Does anything else with the session, of what it looks like to what it is: it stands still meanwhile, unless the task moves it. Errors as of `move`. */
  perform<Result>(task: (debuggee: Debuggee) => Result | Promise<Result>): Promise<Result> {
    return this.hub.enqueue(
      this,
      () => task(this.hub.debuggee),
      () => undefined,
    );
  }

  /** Sets and takes out breakpoints at once: while it runs, too, between two pieces of the run. */
  async adjust<Result>(task: (debuggee: Debuggee) => Result | Promise<Result>): Promise<Result> {
    const { breakpoints } = this.hub.session;
    const before = breakpoints.changes;
    try {
      return await task(this.hub.debuggee);
    } finally {
      if (breakpoints.changes !== before) this.hub.tell((observer) => observer.breakpointsChanged?.(this));
    }
  }

  /** Carries out a line of the shell's commands; returns what it says. `quit` ends the session for all. Errors as of `Shell.execute`. */
  async execute(line: string): Promise<string> {
    const said = await this.perform(({ shell }) => shell.execute(line));
    if (this.hub.debuggee.shell.ended) await this.hub.end();
    return said;
  }

  /** Whoever runs it, it stands still soon. */
  interrupt(): void {
    this.hub.interrupt();
  }

  /** It is told nothing any more; the session goes on. */
  leave(): void {
    this.hub.leave(this);
  }
}
