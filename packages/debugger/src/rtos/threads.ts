import type { DebugTarget } from '@fireball/contracts';
import type { Session } from '../session/session.js';
import { findRtos } from './find-rtos.js';
import type { Rtos, RtosThread } from './rtos.js';

/** Of the CPU where no operating system has tasks. */
const onlyId = 1;

/** The registers of what is no program on the CPU. */
const unknown = (): undefined => undefined;

/** Tasks of an operating system as threads; without one, the CPU, and what else the target does at the same time. */
export class Threads {
  /** Of tasks by their own: small ones, in the order in which they were seen. */
  readonly #ids = new Map<number, number>();

  private readonly target: DebugTarget;
  private readonly rtos: Rtos | undefined;

  constructor({ target, view }: Session) {
    this.target = target;
    this.rtos = findRtos(target, (symbol) => view.addressOf?.(symbol));
  }

  /** The one that has the CPU. */
  get runningId(): number {
    const running = this.rtos?.runningId;
    return running === undefined ? onlyId : this.#idOf(running);
  }

  list(): readonly RtosThread[] {
    const tasks = this.rtos?.threads() ?? [];
    if (tasks.length > 0) return tasks.map((task) => ({ ...task, id: this.#idOf(task.id) }));
    const own = this.target.tasks?.() ?? [{ name: this.target.core, state: '', runs: true }];
    return own.map(({ name, state, runs }, index) => ({ id: onlyId + index, name, state, saved: runs ? undefined : unknown }));
  }

  #idOf(task: number): number {
    const id = this.#ids.get(task) ?? onlyId + 1 + this.#ids.size;
    this.#ids.set(task, id);
    return id;
  }

  find(id: number): RtosThread | undefined {
    return this.list().find((thread) => thread.id === id);
  }
}
