import type { DebugTarget } from '@fireball/contracts';
import type { AddressOf, Rtos, RtosThread } from './rtos.js';
import { cortexFrame, riscvFrame } from './saved-frames.js';
import { TargetWords } from './target-words.js';

/** Lists that tasks are in, beside those that are ready, and what that means. */
const lists = {
  xDelayedTaskList1: 'blocked',
  xDelayedTaskList2: 'blocked',
  xPendingReadyList: 'ready',
  xSuspendedTaskList: 'suspended',
  xTasksWaitingTermination: 'deleted',
} as const;

/** List_t and ListItem_t (FreeRTOS list.h) take five words each; of a list, the item at its end is the third one on. */
const words = { list: 5, end: 2, next: 1, owner: 3 } as const;
/** Of the task's control block (tasks.c): behind the top of the stack two list items, priority and stack. */
const nameAt = 13;
const mostName = 24;
const mostPriorities = 64;
const mostTasks = 1000;

/** Tasks of FreeRTOS, by its variables and by the layout of its structures where no option changes it. */
export class FreeRtos implements Rtos {
  readonly #words: TargetWords;
  readonly #width: number;

  private constructor(
    private readonly target: DebugTarget,
    private readonly addressOf: AddressOf,
    private readonly current: number,
  ) {
    this.#words = new TargetWords(target);
    this.#width = this.#words.width;
  }

  /** Undefined where symbols show none. */
  static find(target: DebugTarget, addressOf: AddressOf): FreeRtos | undefined {
    const current = addressOf('pxCurrentTCB');
    return current === undefined || addressOf('pxReadyTasksLists') === undefined ? undefined : new FreeRtos(target, addressOf, current);
  }

  /** That of the task that has the CPU; undefined where none has yet. */
  get runningId(): number | undefined {
    const id = this.#words.word(this.current) ?? 0;
    return id === 0 ? undefined : id;
  }

  /** None before the scheduler has begun. */
  threads(): readonly RtosThread[] {
    const running = this.runningId;
    if (running === undefined) return [];
    const found = new Map([[running, this.#thread(running, 'running')]]);
    for (const { address, state } of this.#lists()) {
      for (const id of this.#tasksIn(address)) if (!found.has(id)) found.set(id, this.#thread(id, state));
    }
    return [...found.values()];
  }

  #lists(): { readonly address: number; readonly state: string }[] {
    const others = Object.entries(lists).flatMap(([symbol, state]) => {
      const address = this.addressOf(symbol);
      return address === undefined ? [] : [{ address, state }];
    });
    const first = this.addressOf('pxReadyTasksLists') ?? 0;
    const top = this.addressOf('uxTopUsedPriority');
    const priorities = top === undefined ? mostPriorities : Math.min(mostPriorities, (this.#words.word(top) ?? 0) + 1);
    const ready: { readonly address: number; readonly state: string }[] = [];
    for (let priority = 0; priority < priorities; priority++) {
      const address = first + priority * words.list * this.#width;
      // Where nothing says how many there are: as long as it looks like one.
      if (!this.#isList(address) || others.some((other) => other.address === address)) break;
      ready.push({ address, state: 'ready' });
    }
    return [...ready, ...others];
  }

  /** The item at the end of a list has the greatest value that there is, of 16 or 32 bits. */
  #isList(address: number): boolean {
    return (this.#words.half(address + words.end * this.#width) ?? 0) === 0xffff;
  }

  *#tasksIn(list: number): Generator<number> {
    const end = list + words.end * this.#width;
    let item = this.#words.word(end + words.next * this.#width);
    for (let count = 0; item !== undefined && item !== 0 && item !== end && count < mostTasks; count++) {
      const owner = this.#words.word(item + words.owner * this.#width);
      if (owner !== undefined && owner !== 0) yield owner;
      item = this.#words.word(item + words.next * this.#width);
    }
  }

  #thread(id: number, state: string): RtosThread {
    const name = this.#words.text(id + nameAt * this.#width, mostName);
    return { id, name, state, saved: state === 'running' ? undefined : this.#saved(this.#words.word(id) ?? 0) };
  }

  #saved(top: number): (register: string) => bigint | undefined {
    const { target } = this;
    const read = (address: number): bigint | undefined => this.#words.bits(address);
    const shared = (name: string): bigint => target.readRegister(name);
    return target.architecture === 'thumb2' ? cortexFrame(top, read, shared) : riscvFrame(top, this.#width, read, shared);
  }
}
