import { Recent, type Machine, type UnmappedListener } from '@fireball/emulator';
import type { ProgramSymbols } from '@fireball/image';
import { formatCount } from '@fireball/contracts';
import { hex, placeOf } from './places.js';

export type TraceKind = 'mmio' | 'interrupts';

/** An access to a device, or an exception, with the time in cycles. */
export interface Happening {
  readonly cycle: number;
  readonly pc: number;
  readonly text: string;
}

/** A register that firmware reads over and over, and what it finds there. */
export interface PolledRegister {
  readonly register: string;
  readonly address: number;
  readonly reads: number;
  readonly pc: number;
  readonly value: number;
}

/** A fault that was taken, and the stack as it was then: on Arm the frame lies there. */
export interface CaughtFault {
  readonly name: string;
  readonly cycle: number;
  readonly sp: number;
  /** The link register. */
  readonly link: number;
}

interface Reads {
  device: string;
  count: number;
  value: number;
  pc: number;
}

/** So many reads of one register in a row of equal values are a loop that waits for something that does not come. */
const pollingReads = 100_000;
const recentCount = 16;

export interface ObserverOptions {
  readonly traces: readonly TraceKind[];
  readonly trace: (line: string) => void;
}

/** Hears what a machine does: for the trace, and for the report at the end. */
export class Observer {
  readonly accesses = new Recent<Happening>(recentCount);
  readonly exceptions = new Recent<Happening>(recentCount);
  readonly #reads = new Map<number, Reads>();
  readonly #options: ObserverOptions;
  #machine: Machine | undefined;
  symbols: ProgramSymbols | undefined;
  /** The last one. */
  fault: CaughtFault | undefined;

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** To be called once, when the machine has been built. */
  attach(machine: Machine): void {
    this.#machine = machine;
    const traced = this.#options.traces.includes('interrupts');
    machine.processor.onException = (name) => {
      const happening = this.#happening(name);
      this.exceptions.add(happening);
      if (isFault(machine, name)) this.fault = { name, cycle: happening.cycle, ...stackOf(machine) };
      if (traced) this.#trace(happening);
    };
  }

  readonly access = (device: string, base: number, offset: number, size: number, value: number, write: boolean): void => {
    const machine = this.#machine;
    if (machine === undefined) return;
    const address = base + offset;
    const traced = this.#options.traces.includes('mmio');
    if (!write) {
      const known = this.#reads.get(address);
      // Reads of a loop that polls are one happening, and cost little.
      if (known?.value === value) {
        known.count++;
        if (!traced) return;
      } else {
        this.#reads.set(address, { device, count: 1, value, pc: machine.processor.pc });
      }
    }
    const bits = `0x${value.toString(16).padStart(2 * Math.min(size, 4), '0')}`;
    const register = machine.bus.describe(address) ?? device;
    const happening = this.#happening(write ? `${register} <- ${bits}` : `${register} -> ${bits}`);
    this.accesses.add(happening);
    if (traced) this.#trace(happening);
  };

  /** The same of an access where the board has nothing. */
  readonly unmapped: UnmappedListener = (address, size, value, write) => {
    this.access(`nothing at ${hex(address)}`, address, 0, size, value, write);
  };

  #happening(text: string): Happening {
    const machine = this.#machine;
    return { cycle: machine?.timeline.now ?? 0, pc: machine?.processor.pc ?? 0, text };
  }

  #trace(happening: Happening): void {
    this.#options.trace(this.format(happening));
  }

  /** `    1234  uart0.DATA <- 0x41  (main+0x12)`. */
  format({ cycle, pc, text }: Happening): string {
    return `${formatCount(cycle).padStart(12)}  ${text}  (${placeOf(this.symbols, pc)})`;
  }

  /** Registers that were read again and again and never changed, the most read first. */
  polled(): PolledRegister[] {
    return [...this.#reads]
      .filter(([, { count }]) => count >= pollingReads)
      .map(([address, { device, count, value, pc }]) => ({ register: this.#machine?.bus.describe(address) ?? device, address, reads: count, pc, value }))
      .sort((a, b) => b.reads - a.reads);
  }
}

const armFaults = new Set(['HardFault', 'MemManage', 'BusFault', 'UsageFault']);

/** On RISC-V only exceptions are heard of; calls are none that fail. */
function isFault({ processor }: Machine, name: string): boolean {
  return processor.architecture === 'arm-m' ? armFaults.has(name) : !/call/i.test(name);
}

function stackOf({ processor }: Machine): { readonly sp: number; readonly link: number } {
  if (processor.architecture !== 'arm-m') return { sp: processor.readRegister('sp'), link: processor.readRegister('ra') };
  const thread = (processor.readRegister('xpsr') & 0x1ff) === 0;
  const stack = thread && (processor.readRegister('control') & 2) !== 0 ? 'psp' : 'msp';
  return { sp: processor.readRegister(stack), link: processor.readRegister('lr') };
}

/** Words for a polled register. */
export function describePolled({ register, address, reads, pc, value }: PolledRegister, symbols: ProgramSymbols | undefined): string {
  return `${register} at 0x${address.toString(16)} read ${formatCount(reads)} times from ${placeOf(symbols, pc)}, always ${hex(value)}`;
}
