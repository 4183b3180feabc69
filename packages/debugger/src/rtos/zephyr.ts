import type { DebugTarget } from '@fireball/contracts';
import type { AddressOf, Rtos, RtosThread } from './rtos.js';
import { cortexStacked, riscvSwitched } from './saved-frames.js';
import { TargetWords } from './target-words.js';

/** Where things are: places in Zephyr's own table for debuggers (subsys/debug/thread_info.c), in the order of that. */
const fields = [
  'version',
  'currentThread',
  'threads',
  'entry',
  'nextThread',
  'state',
  'userOptions',
  'priority',
  'stackPointer',
  'name',
  'arch',
  'preemptFloat',
  'coopFloat',
  'armExceptionReturn',
] as const;
type Field = (typeof fields)[number];
/** The table has fewer of them unless it says how many it has. */
const certainFields = 13;
const notThere = 0xffff_ffff;

/** Names of the table in older and newer releases. */
const tableNames = ['_kernel_thread_info', '_kernel_openocd'] as const;

/** Bits of a thread's state (kernel_structs.h), the strongest first; a thread without any is ready. */
const states = [
  [0x08, 'dead'],
  [0x10, 'suspended'],
  [0x02, 'pending'],
  [0x04, 'sleeping'],
] as const;

const mostName = 63;
const mostThreads = 1000;
/** Of Arm, r4 to r11 lie in front of the stack pointer. */
const keptByArm = ['r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11'];

/** Threads of Zephyr, built with CONFIG_DEBUG_THREAD_INFO: by the table that it then has for debuggers. */
export class Zephyr implements Rtos {
  readonly #words: TargetWords;

  private constructor(
    private readonly target: DebugTarget,
    private readonly kernel: number,
    private readonly table: number,
    private readonly countAt: number | undefined,
  ) {
    this.#words = new TargetWords(target);
  }

  /** Undefined where symbols show none. */
  static find(target: DebugTarget, addressOf: AddressOf): Zephyr | undefined {
    const kernel = addressOf('_kernel');
    for (const name of tableNames) {
      const table = addressOf(`${name}_offsets`);
      if (kernel !== undefined && table !== undefined) return new Zephyr(target, kernel, table, addressOf(`${name}_num_offsets`));
    }
    return undefined;
  }

  /** Undefined too where this build has no such field. */
  #offset(field: Field): number | undefined {
    const index = fields.indexOf(field);
    const count = this.countAt === undefined ? undefined : this.#words.word(this.countAt);
    if (index >= (count ?? certainFields)) return undefined;
    const offset = this.#words.word(this.table + index * this.#words.width);
    return offset === undefined || (offset & notThere) >>> 0 === notThere ? undefined : offset;
  }

  #wordOf(base: number, field: Field): number | undefined {
    const offset = this.#offset(field);
    return offset === undefined ? undefined : this.#words.word(base + offset);
  }

  get runningId(): number | undefined {
    const id = this.#wordOf(this.kernel, 'currentThread') ?? 0;
    return id === 0 ? undefined : id;
  }

  threads(): readonly RtosThread[] {
    const running = this.runningId;
    if (running === undefined) return [];
    const found = new Set<number>();
    for (let id = this.#wordOf(this.kernel, 'threads') ?? 0; id !== 0 && !found.has(id) && found.size < mostThreads;) {
      found.add(id);
      id = this.#wordOf(id, 'nextThread') ?? 0;
    }
    // The one that has the CPU comes first: a thread of the start-up code is in no list.
    return [running, ...[...found].filter((id) => id !== running)].map((id) => this.#thread(id, id === running));
  }

  #thread(id: number, isRunning: boolean): RtosThread {
    const nameAt = this.#offset('name');
    const stateAt = this.#offset('state');
    const bits = (stateAt === undefined ? undefined : this.#words.byte(id + stateAt)) ?? 0;
    const state = isRunning ? 'running' : (states.find(([bit]) => (bits & bit) !== 0)?.[1] ?? 'ready');
    const name = nameAt === undefined ? '' : this.#words.text(id + nameAt, mostName);
    return { id, name: name === '' ? `0x${id.toString(16)}` : name, state, saved: isRunning ? undefined : this.#saved(id) };
  }

  #saved(id: number): (register: string) => bigint | undefined {
    const offset = this.#offset('stackPointer');
    if (offset === undefined) return () => undefined;
    const read = (address: number): bigint | undefined => this.#words.bits(address);
    const shared = (name: string): bigint => this.target.readRegister(name);
    const at = id + offset;
    if (this.target.architecture !== 'thumb2') return riscvSwitched(at, this.#words.width, read, shared);
    const stacked = cortexStacked(this.#words.word(at) ?? 0, this.#hasFloats(id), read, shared);
    const floats = this.#keptFloats(id);
    return (name) => {
      const kept = keptByArm.indexOf(name);
      if (kept >= 0) return read(at - 4 * (keptByArm.length - kept));
      const [, single] = /^s(\d+)$/.exec(name) ?? [];
      const index = Number(single) - 16;
      return index >= 0 && floats !== undefined ? read(floats + 4 * index) : stacked(name);
    };
  }

  /** Has the core stacked registers of the FPU, too? Where nothing says so of this thread: where threads share an FPU. */
  #hasFloats(id: number): boolean {
    const [arch, exceptionReturn] = [this.#offset('arch'), this.#offset('armExceptionReturn')];
    if (arch === undefined || exceptionReturn === undefined) return this.#offset('preemptFloat') !== undefined;
    return ((this.#words.byte(id + arch + exceptionReturn) ?? 0x10) & 0x10) === 0;
  }

  /** Where s16 to s31 are kept. */
  #keptFloats(id: number): number | undefined {
    const [arch, floats] = [this.#offset('arch'), this.#offset('preemptFloat')];
    return arch === undefined || floats === undefined ? undefined : id + arch + floats;
  }
}
