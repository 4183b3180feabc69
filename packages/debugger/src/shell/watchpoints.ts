import { printable, UsageError } from '@fireball/contracts';
import type { Session } from '../session/session.js';
import { hex } from './format.js';
import type { Scope } from './scope.js';

interface Watchpoint {
  readonly id: number;
  readonly text: string;
  remove(): void;
}

/** What `watch` and `rwatch` have set, each with a number of its own. */
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
  add(argument: string, kind: 'read' | 'write'): Watchpoint {
    if (kind === 'write' && /^l\d+$/.test(argument)) return this.#addLocal(argument);
    const { address, size, text } = this.scope.range(argument);
    const { stops } = this.session.target;
    const stop = stops.watch(address, size, kind);
    return this.#add(`${kind}s of ${text}: ${size} bytes at 0x${hex(address)}`, () => {
      stops.unwatch(stop);
    });
  }

  /** @throws UsageError where there is none of this number */
  remove(id: number): void {
    const watchpoint = this.#all.get(id);
    if (watchpoint === undefined) throw new UsageError(`there is no watchpoint w${id}`);
    watchpoint.remove();
    this.#all.delete(id);
    this.session.breakpoints.changes++;
  }

  #add(text: string, remove: () => void): Watchpoint {
    const watchpoint = { id: this.#next++, text, remove };
    this.#all.set(watchpoint.id, watchpoint);
    this.session.breakpoints.changes++;
    return watchpoint;
  }

  /** Of the activation that is selected, as long as it goes on. */
  #addLocal(local: string): Watchpoint {
    const { session, scope } = this;
    const frame = session.frames()[scope.frame];
    const { code } = frame ?? {};
    if (frame === undefined || code === undefined) throw new UsageError('this is no generated code');
    scope.evaluate(local);
    const id = this.#next;
    const read = (): string | undefined => {
      const index = session.frames().findIndex((candidate) => candidate.code === code && candidate.sp === frame.sp);
      return index < 0 ? undefined : scope.valueIfAny(local, index);
    };
    const what = `${local} of ${printable(code.name)}`;
    session.watched.set(id, { what, read });
    return this.#add(`changes of ${what}`, () => {
      session.watched.delete(id);
    });
  }
}
