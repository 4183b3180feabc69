import type { InterruptState } from '../machine/processor.js';

/** Numbers of exceptions (Armv7-M ARM, B1.5.2). Interrupt n is exception 16 + n. */
export const exception = {
  reset: 1,
  nmi: 2,
  hardFault: 3,
  memManage: 4,
  busFault: 5,
  usageFault: 6,
  svCall: 11,
  debugMonitor: 12,
  pendSv: 14,
  sysTick: 15,
  firstInterrupt: 16,
} as const;

/** Of reset, NMI and HardFault. */
export function hasNegativePriority(number: number): boolean {
  return number > 0 && number <= exception.hardFault;
}

/** Lower than every exception: of Thread mode with nothing masked. */
const threadPriority = 256;

const systemNames: Readonly<Record<number, string>> = {
  1: 'Reset',
  2: 'NMI',
  3: 'HardFault',
  4: 'MemManage',
  5: 'BusFault',
  6: 'UsageFault',
  11: 'SVCall',
  12: 'DebugMonitor',
  14: 'PendSV',
  15: 'SysTick',
};

/** Names of the exceptions that the architecture itself has. */
export const systemExceptionNames: readonly string[] = Object.values(systemNames);

/** `HardFault`, `interrupt 5`. */
export function exceptionName(number: number): string {
  return systemNames[number] ?? (number >= exception.firstInterrupt ? `interrupt ${number - exception.firstInterrupt}` : `exception ${number}`);
}

/** Number of the exception that has a name; undefined where none has it. */
export function exceptionNumber(name: string): number | undefined {
  const interrupt = /^interrupt (\d+)$/.exec(name)?.[1];
  if (interrupt !== undefined) return exception.firstInterrupt + Number(interrupt);
  const system = Object.entries(systemNames).find(([, known]) => known === name)?.[0];
  return system === undefined ? undefined : Number(system);
}

/**
 * Which exceptions are enabled, pending and active, and who goes first (Armv7-M ARM, B1.5.4; Armv8-M ARM, B3.12). Priorities are numbers
 * from -3 (reset) to 255, the lower the more urgent; of a configurable one only the group's bits decide about preemption.
 */
export class ExceptionTable {
  readonly state: {
    readonly pending: Uint8Array;
    readonly active: Uint8Array;
    readonly enabled: Uint8Array;
    /** Levels of the input lines. */
    readonly level: Uint8Array;
    readonly priority: Uint8Array;
    /** Numbers of those that are active, in the order in which they were taken. */
    readonly nesting: number[];
    /** AIRCR.PRIGROUP. */
    group: number;
  };
  /** Implemented bits of a priority. */
  readonly priorityMask: number;
  #pending: number[] = [];
  #activePriority: number = threadPriority;
  #groupMask = 0xfe;
  /** Something may be taken now that could not before. */
  onChange: () => void = () => undefined;
  /** Called when one is taken. */
  onTaken: (number: number) => void = () => undefined;
  /** An exception was not pending, and is. */
  onPending: () => void = () => undefined;

  constructor(interrupts: number, priorityBits: number) {
    const count = exception.firstInterrupt + interrupts;
    const flags = (): Uint8Array => new Uint8Array(count);
    this.state = { pending: flags(), active: flags(), enabled: flags(), level: flags(), priority: flags(), nesting: [], group: 0 };
    this.priorityMask = (0xff << (8 - priorityBits)) & 0xff;
    this.reset();
  }

  get count(): number {
    return this.state.pending.length;
  }

  /** Lines keep their levels: what drives them is reset by itself. */
  reset(): void {
    const { pending, active, enabled, priority } = this.state;
    for (const flags of [pending, active, enabled, priority]) flags.fill(0);
    this.state.nesting.length = 0;
    for (const number of [exception.nmi, exception.hardFault, exception.svCall, exception.debugMonitor, exception.pendSv, exception.sysTick])
      enabled[number] = 1;
    this.state.group = 0;
    this.restored();
  }

  /** After `state` was copied back. */
  restored(): void {
    this.#pending = Array.from(this.state.pending.keys()).filter((number) => this.state.pending[number] === 1);
    this.#groupMask = (0xff << (this.state.group + 1)) & 0xff;
    this.#settleActive();
  }

  #settleActive(): void {
    this.#activePriority = this.state.nesting.reduce((least, number) => Math.min(least, this.groupPriority(number)), threadPriority);
  }

  #priority(number: number): number {
    return number <= exception.hardFault ? number - 4 : (this.state.priority[number] ?? 0);
  }

  groupPriority(number: number): number {
    return number <= exception.hardFault ? number - 4 : (this.state.priority[number] ?? 0) & this.#groupMask;
  }

  /** The priority from which on a value of BASEPRI masks: that of its group, which may be 0; beyond all of them where it is 0 (Armv7-M ARM, ExecutionPriority). */
  maskedFrom(basepri: number): number {
    const implemented = basepri & this.priorityMask;
    return implemented === 0 ? threadPriority : implemented & this.#groupMask;
  }

  setGroup(group: number): void {
    this.state.group = group;
    this.restored();
    this.onChange();
  }

  setPriority(number: number, priority: number): void {
    this.state.priority[number] = priority & this.priorityMask;
    this.#settleActive();
    this.onChange();
  }

  setEnabled(number: number, enabled: boolean): void {
    this.state.enabled[number] = enabled ? 1 : 0;
    if (enabled) this.onChange();
  }

  isEnabled(number: number): boolean {
    return this.state.enabled[number] === 1;
  }

  isPending(number: number): boolean {
    return this.state.pending[number] === 1;
  }

  isActive(number: number): boolean {
    return this.state.active[number] === 1;
  }

  /** Those that are enabled, pending or active. */
  states(): InterruptState[] {
    return Array.from(this.state.pending.keys()).flatMap((number) => {
      const flags = (['enabled', 'pending', 'active'] as const).filter((flag) => this.state[flag][number] === 1);
      return flags.length === 0 ? [] : [{ name: exceptionName(number), flags, priority: this.groupPriority(number) }];
    });
  }

  /** Active exceptions, the innermost last. */
  get active(): readonly number[] {
    return this.state.nesting;
  }

  setPending(number: number): void {
    if (this.state.pending[number] === 1) return;
    this.state.pending[number] = 1;
    this.#pending.push(number);
    this.onPending();
    this.onChange();
  }

  /** By software. What a line asks for stays pending (R_CVJS of the Armv8-M ARM). */
  clearPending(number: number): void {
    if (this.state.level[number] === 1 && this.state.active[number] === 0) return;
    this.#unpend(number);
  }

  #unpend(number: number): void {
    if (this.state.pending[number] === 0) return;
    this.state.pending[number] = 0;
    this.#pending.splice(this.#pending.indexOf(number), 1);
  }

  /** Of an input line: its rise is what makes the interrupt pending, and a level that lasts does so again after the handler. */
  setLevel(number: number, level: boolean): void {
    const before = this.state.level[number];
    this.state.level[number] = level ? 1 : 0;
    if (level && before === 0) this.setPending(number);
  }

  activate(number: number): void {
    this.#unpend(number);
    if (this.state.active[number] === 1) return;
    this.onTaken(number);
    this.state.active[number] = 1;
    this.state.nesting.push(number);
    this.#activePriority = Math.min(this.#activePriority, this.groupPriority(number));
  }

  deactivate(number: number): void {
    if (this.state.active[number] === 0) return;
    this.state.active[number] = 0;
    this.state.nesting.splice(this.state.nesting.indexOf(number), 1);
    this.#settleActive();
    if (this.state.level[number] === 1) this.setPending(number);
  }

  /** Of SHCSR, which writes active bits as they are. */
  setActive(number: number, active: boolean): void {
    if (active) {
      if (this.state.active[number] === 1) return;
      this.state.active[number] = 1;
      this.state.nesting.push(number);
      this.#settleActive();
    } else {
      this.deactivate(number);
    }
  }

  /** Priority at which the CPU runs by what is active alone. */
  get activePriority(): number {
    return this.#activePriority;
  }

  get anyPending(): boolean {
    return this.#pending.length > 0;
  }

  /** The enabled pending exception that goes first, 0 where there is none. */
  best(): number {
    let best = 0;
    let least = Infinity;
    for (const number of this.#pending) {
      if (this.state.enabled[number] === 0) continue;
      const priority = this.#priority(number);
      if (priority < least || (priority === least && number < best)) {
        best = number;
        least = priority;
      }
    }
    return best;
  }
}
