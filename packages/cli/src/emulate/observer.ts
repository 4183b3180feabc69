import { Recent, type AccessObserver, type Machine, type UnmappedListener } from '@fireball/emulator';
import type { ProgramSymbols } from '@fireball/image';
import { formatCount } from '@fireball/contracts';
import { faultStatus, type FaultStatus } from './fault/arm-status.js';
import { hex, placeOf } from './places.js';
import { Polls, type PolledRegister } from './polling/polls.js';

export type TraceKind = 'mmio' | 'interrupts';

/** An access to a device, or an exception, with the time in cycles. */
interface Happening {
  readonly cycle: number;
  readonly pc: number;
  readonly text: string;
}

/** A fault that was taken: the CPU at the instruction, and the stack as it was then. On Arm the frame lies there. */
export interface CaughtFault {
  readonly name: string;
  readonly cycle: number;
  readonly pc: number;
  readonly sp: number;
  /** The link register. */
  readonly link: number;
  /** Arm: are registers of the FPU in the frame, and is it on the process stack? */
  readonly hasFloats: boolean;
  readonly onProcessStack: boolean;
  /** RISC-V: what the trap told its handler, where it came from, and where the handler begins. */
  readonly trap?: { readonly cause: number; readonly value: number; readonly supervisor: boolean; readonly fromMode: number; readonly handler: number };
  /** Arm: the fault status registers as they were then. */
  readonly status?: FaultStatus;
}

/** An exception that is taken, and what it was where it is a fault. */
type Taken = Happening & { readonly fault?: CaughtFault };

const recentCount = 16;
/** RISC-V: a trap so few bytes behind the beginning of the handler, and cycles after the exception before, is the handler's own. */
const handlerBytes = 256;
const handlerCycles = 64;
/** So many in a row do not come to an end. */
const mostNested = 1000;
/** Bytes of addresses at which nothing is that count as one device. */
const unmappedBlock = 0x400;

interface ObserverOptions {
  readonly traces: readonly TraceKind[];
  readonly trace: (line: string) => void;
  /** Tells the user something while the machine runs. */
  readonly say: (line: string) => void;
}

/** Hears what a machine does: for the trace, and for the report at the end. */
export class Observer implements AccessObserver {
  readonly accesses = new Recent<Happening>(recentCount);
  readonly exceptions = new Recent<Happening>(recentCount);
  #polls: Polls | undefined;
  readonly #options: ObserverOptions;
  #machine: Machine | undefined;
  symbols: ProgramSymbols | undefined;
  /** Does a device wait for what a person types? Loops that poll such a one are not told of. */
  waitsForInput: (device: string) => boolean = () => false;
  /** The last one. */
  fault: CaughtFault | undefined;
  /** RISC-V: the last exception that was not taken at the beginning of a handler, and how many faults have been since. */
  origin: Taken | undefined;
  nested = 0;
  /** RISC-V: a handler of traps runs into a trap itself, again and again. */
  onRunaway: () => void = () => undefined;

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** To be called once, when the machine has been built. */
  attach(machine: Machine): void {
    this.#machine = machine;
    this.#polls = new Polls({ machine, symbols: () => this.symbols, say: this.#options.say, waitsForInput: (device) => this.waitsForInput(device) });
    const traced = this.#options.traces.includes('interrupts');
    machine.processor.onException = (name, pc, cycle) => {
      const happening: Happening = { cycle, pc, text: name };
      const fault = isFault(machine, name) ? caught(machine, name, pc, cycle) : undefined;
      this.#nest(fault === undefined ? happening : { ...happening, fault });
      this.exceptions.add(happening);
      this.fault = fault ?? this.fault;
      if (traced) this.#trace(happening);
    };
  }

  /** A runaway is never come back from: what each trap was has been overwritten by the next. */
  get isRunaway(): boolean {
    return this.nested >= mostNested;
  }

  #nest(taken: Taken): void {
    const trap = taken.fault?.trap;
    const before = this.exceptions.last;
    const inHandler =
      trap !== undefined &&
      trap.fromMode === (trap.supervisor ? 1 : 3) &&
      taken.pc >= trap.handler &&
      taken.pc < trap.handler + handlerBytes &&
      before !== undefined &&
      taken.cycle - before.cycle <= handlerCycles;
    this.nested = inHandler ? this.nested + 1 : 0;
    if (!inHandler) this.origin = taken;
    if (this.nested === mostNested) this.onRunaway();
  }

  hear(device: string, base: number, offset: number, size: number, value: number, write: boolean): number {
    const machine = this.#machine;
    if (machine === undefined) return 0;
    const address = base + offset;
    const traced = this.#options.traces.includes('mmio');
    // Reads of a loop that polls are one happening, and cost little.
    if (write) this.#polls?.write(base);
    else if (this.#polls?.read(device, base, address, value) === true && !traced) return this.#polls.spare(address);
    const bits = `0x${value.toString(16).padStart(2 * Math.min(size, 4), '0')}`;
    const register = machine.bus.describe(address) ?? device;
    const happening = this.#happening(write ? `${register} <- ${bits}` : `${register} -> ${bits}`);
    this.accesses.add(happening);
    if (traced) this.#trace(happening);
    return 0;
  }

  again(base: number, offset: number, count: number): void {
    this.#polls?.again(base + offset, count);
  }

  /** The same of an access where the board has nothing. */
  readonly unmapped: UnmappedListener = (address, size, value, write) => {
    const offset = address % unmappedBlock;
    this.hear(`nothing at ${hex(address)}`, address - offset, offset, size, value, write);
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
    return this.#polls?.list() ?? [];
  }
}

const armFaults = new Set(['HardFault', 'MemManage', 'BusFault', 'UsageFault']);

/** Of RISC-V, calls and interrupts are none. */
function isFault({ processor }: Machine, name: string): boolean {
  return processor.architecture === 'arm-m' ? armFaults.has(name) : !name.endsWith('interrupt') && !name.startsWith('environment call');
}

function caught(machine: Machine, name: string, pc: number, cycle: number): CaughtFault {
  const { processor } = machine;
  const register = (of: string): number => processor.readRegister(of);
  if (processor.architecture === 'arm-m') {
    const isThread = (register('xpsr') & 0x1ff) === 0;
    const control = register('control');
    const onProcessStack = isThread && (control & 2) !== 0;
    const sp = register(onProcessStack ? 'psp' : 'msp');
    return { name, cycle, pc, sp, link: register('lr'), hasFloats: (control & 4) !== 0, onProcessStack, status: faultStatus(machine) };
  }
  const supervisor = register('priv') === 1;
  // SPP and MPP of mstatus (privileged architecture, 3.1.6.1).
  const fromMode = supervisor ? Math.floor(register('sstatus') / 0x100) % 2 : Math.floor(register('mstatus') / 0x800) % 4;
  const vector = register(supervisor ? 'stvec' : 'mtvec');
  const trap = {
    cause: register(supervisor ? 'scause' : 'mcause'),
    value: register(supervisor ? 'stval' : 'mtval'),
    supervisor,
    fromMode,
    handler: vector - (vector % 4),
  };
  return { name, cycle, pc, sp: register('sp'), link: register('ra'), hasFloats: false, onProcessStack: false, trap };
}
