import type { DebugTarget } from '@fireball/contracts';
import type { Rtos, RtosThread } from '../rtos/rtos.js';

/** Of a CPU where no operating system has tasks. */
const onlyId = 1;

/** Tasks of an operating system as threads; without one, the CPU is the only one. */
export class Threads {
  /** Of tasks by their own: small ones, in the order in which they were seen. */
  readonly #ids = new Map<number, number>();

  constructor(
    private readonly target: DebugTarget,
    private readonly rtos: Rtos | undefined,
  ) {}

  /** The one that has the CPU. */
  get runningId(): number {
    const running = this.rtos?.runningId;
    return running === undefined ? onlyId : this.#idOf(running);
  }

  list(): readonly RtosThread[] {
    const tasks = this.rtos?.threads() ?? [];
    if (tasks.length > 0) return tasks.map((task) => ({ ...task, id: this.#idOf(task.id) }));
    return [{ id: onlyId, name: this.target.core, state: '', saved: undefined }];
  }

  #idOf(task: number): number {
    const id = this.#ids.get(task) ?? onlyId + 1 + this.#ids.size;
    this.#ids.set(task, id);
    return id;
  }

  find(id: number): RtosThread | undefined {
    return this.list().find((thread) => thread.id === id);
  }

  /** GDB manual, E.15 "Thread List Format". */
  document(): string {
    const xml = this.list().map(({ id, name, state }) => `<thread id="${id.toString(16)}" core="0" name="${escaped(name)}">${state}</thread>`);
    return `<?xml version="1.0"?><threads>${xml.join('')}</threads>`;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
