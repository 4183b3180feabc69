import { setImmediate } from 'node:timers/promises';

/** Something to be carried out when its turn comes. */
export interface Task {
  readonly command: string;
  /** Typed by the user: it is shown with all that it says. */
  readonly isTyped: boolean;
  /** Of several in a row the last one will do. */
  readonly isSeek: boolean;
}

/** Who carries tasks out. */
interface Worker {
  carryOut(task: Task): Promise<void>;
  /** Shows what has come of it. */
  look(): Promise<void>;
  failed(error: unknown): void;
  /** Nothing waits any more. */
  rest(): void;
}

/** Keys that wait for the session. */
const mostWaiting = 10_000;
/** Milliseconds until the screen is looked at again while keys are waiting. */
const frameTime = 50;

/** Tasks take turns: one after the other, and what came of several at once is shown once. */
export class Turns {
  readonly #waiting: Task[] = [];
  #working: Promise<void> | undefined;

  constructor(private readonly worker: Worker) {}

  get isWorking(): boolean {
    return this.#working !== undefined;
  }

  /** Settles when nothing waits any more. */
  async rested(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  /** What will be carried out after all others. */
  get last(): Task | undefined {
    return this.#waiting.at(-1);
  }

  add(task: Task): void {
    if (task.isSeek && this.last?.isSeek === true) this.#waiting.pop();
    if (this.#waiting.length < mostWaiting) this.#waiting.push(task);
    this.later(() => Promise.resolve());
  }

  /** What waits is not carried out. */
  forget(): void {
    this.#waiting.length = 0;
  }

  /** Carries out what waits, then something more. */
  later(more: () => Promise<void>): void {
    const before = this.#working ?? Promise.resolve();
    const work = before.then(async () => {
      await this.#work();
      await more();
    });
    const settled = work
      .catch((error: unknown) => {
        this.worker.failed(error);
      })
      .then(() => {
        if (this.#working !== settled) return;
        this.#working = undefined;
        this.worker.rest();
      });
    this.#working = settled;
  }

  async #work(): Promise<void> {
    let looked = performance.now();
    let isOld = false;
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      await this.worker.carryOut(task);
      isOld = true;
      // Others, and more keys, have their turn.
      await setImmediate();
      if (performance.now() - looked < frameTime) continue;
      await this.worker.look();
      isOld = false;
      looked = performance.now();
    }
    if (isOld) await this.worker.look();
  }
}
