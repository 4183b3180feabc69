import { hex, UsageError, type WatchKind } from '@fireball/contracts';
import type { Session } from '../session/session.js';
import type { Scope } from './scope.js';

interface Watchpoint {
  readonly id: number;
  text: string;
  /** Of memory: the session's breakpoint that it is. */
  readonly breakpoint: number | undefined;
  /** It stops. Of memory, this is the breakpoint's. */
  readonly isEnabled: boolean;
  enable(isEnabled: boolean): void;
  remove(): void;
}

/** What `watch`, `rwatch` and `awatch` have set, each with a number of its own. */
export class Watchpoints {
  readonly #all = new Map<number, Watchpoint>();
  #next = 1;

  constructor(
    private readonly session: Session,
    private readonly scope: Scope,
  ) {}

  get all(): readonly Watchpoint[] {
    return [...this.#all.values()];
  }

  /** @throws UsageError for what names no memory and no local */
  add(argument: string, kind: WatchKind): Watchpoint {
    const [, where = '', condition] = /^(.*?)(?:\s+if\s+(.*))?$/s.exec(argument) ?? [];
    if (/^l\d+$/.test(where)) {
      if (kind !== 'write' || condition !== undefined) throw new UsageError('of a local, changes are watched, without a condition: watch l0');
      return this.#addLocal(where);
    }
    const { address, size, text } = this.scope.range(where);
    const { breakpoints } = this.session;
    const holds = condition === undefined ? undefined : this.scope.condition(condition);
    const { id } = breakpoints.add(where, [], { watched: { address, size, kind }, condition: holds, otherwiseNumbered: true });
    const what = kind === 'access' ? 'accesses' : `${kind}s`;
    return this.#add(`${what} of ${text}: ${size} bytes at ${hex(address)}${condition === undefined ? '' : ` if ${condition}`}`, id, {
      get isEnabled() {
        return breakpoints.at(id).isEnabled;
      },
      enable: (isEnabled) => {
        breakpoints.at(id).isEnabled = isEnabled;
      },
      remove: () => {
        breakpoints.remove(id);
      },
    });
  }

  /** @throws UsageError where there is none of this number */
  at(id: number): Watchpoint {
    const watchpoint = this.#all.get(id);
    if (watchpoint === undefined) throw new UsageError(`there is no watchpoint w${id}`);
    return watchpoint;
  }

  remove(id: number): void {
    this.at(id).remove();
    this.#all.delete(id);
    this.session.breakpoints.changes++;
  }

  /** The one that a breakpoint of the session is. */
  of(breakpoint: number): Watchpoint | undefined {
    return this.all.find((watchpoint) => watchpoint.breakpoint === breakpoint);
  }

  #add(text: string, breakpoint: number | undefined, methods: Pick<Watchpoint, 'isEnabled' | 'enable' | 'remove'>): Watchpoint {
    const watchpoint = Object.assign(methods, { id: this.#next++, text, breakpoint });
    this.#all.set(watchpoint.id, watchpoint);
    this.session.breakpoints.changes++;
    return watchpoint;
  }

  /** Of the activation that is selected, as long as it goes on. */
  #addLocal(local: string): Watchpoint {
    const { session } = this;
    const watched = this.scope.watchedLocal(local);
    const id = this.#next;
    session.watched.set(id, watched);
    return this.#add(`changes of ${watched.what}`, undefined, {
      get isEnabled() {
        return session.watched.has(id);
      },
      enable: (isEnabled) => {
        if (isEnabled) session.watched.set(id, watched);
        else session.watched.delete(id);
      },
      remove: () => {
        session.watched.delete(id);
      },
    });
  }
}
