import type { StopPoints } from '@fireball/contracts';
import type { TraceSink } from '../run-trace.js';
import type { BoardProcessor, CpuInput } from './board.js';
import type { PlacedDevice, MemoryRegion } from './bus.js';
import type { Clocks } from './clocks.js';
import type { AccessSize, BusMaster } from './device.js';
import type { Signal } from './signal.js';
import type { Timeline } from './timeline.js';

/** What a processor is given to live in. */
export interface ProcessorEnvironment {
  readonly processor: BoardProcessor;
  readonly timeline: Timeline;
  readonly clocks: Clocks;
  /** To the log: firmware did what the manual forbids, or what is not modelled. */
  readonly warn: (message: string) => void;
  /** Does time run for a device that drives NMI, such as a watchdog? Then a core that is locked up waits for it. */
  readonly nmiMayCome: () => boolean;
  /** Arm: high while the core sleeps with SCR.SLEEPDEEP, the wire `cpu.sleepdeep`. */
  readonly deepSleep: Signal;
  /** Arm: while it is high the core does nothing, the wire `cpu.wait`. */
  readonly wait: Signal;
}

/** It is at one of its stops, and goes on when it is run again. */
export type DebuggerStop =
  /** In front of the instruction at PC. */
  | { readonly kind: 'breakpoint' }
  /** Behind an instruction that made this access. */
  | { readonly kind: 'watchpoint'; readonly access: 'read' | 'write'; readonly address: number; readonly size: number };

/** An interrupt or exception of a core, for people. */
export interface InterruptState {
  /** In the architecture's words. */
  readonly name: string;
  /** What holds of it. */
  readonly flags: readonly ('enabled' | 'pending' | 'active' | 'high')[];
  /** Where the core has priorities. */
  readonly priority?: number;
}

/** Why a processor came back before its deadline. */
export type ProcessorEnd =
  | DebuggerStop
  /** The deadline, or `interrupt()`. */
  | { readonly kind: 'budget' }
  /** It waits for an interrupt (WFI, WFE): time may be skipped. */
  | { readonly kind: 'idle' }
  /** In front of a call of the host that waits for input from outside; time stands still. */
  | { readonly kind: 'waiting' }
  /** Firmware asked for a system reset; `why` names the register or instruction. */
  | { readonly kind: 'reset'; readonly why: string }
  /** Firmware ended itself (semihosting). */
  | { readonly kind: 'exit'; readonly status: number; readonly why: string }
  /** It cannot go on: lock-up, a trap without a handler, what is not emulated. `message` is one sentence for the user. */
  | { readonly kind: 'fault'; readonly message: string; readonly pc: number };

/**
 * A call of the host from firmware by semihosting; the word that it returns, which fills the register as two's complement (-1: all ones). `waits`: for input
 * from outside; the call is made again in the next run.
 */
export type SemihostingHandler = (operation: number, parameter: number) => { readonly result: number } | { readonly exit: number } | { readonly waits: true };

/** `name` in the architecture's words; where the CPU was, and the time in cycles. Of faults, registers may be read. */
export type ExceptionListener = (name: string, pc: number, cycle: number) => void;

/** A store of the CPU to memory that is read only for it; false where nobody takes it, which is a bus fault. */
export type RomWriteHandler = (address: number, size: AccessSize, value: number) => boolean;

/**
 * A CPU core with its exception model, and the devices that belong to the core (NVIC, SysTick; CLINT and PLIC are the board's). Everything
 * that an architecture does by itself happens in here: exceptions are entered and returned from, faults become handlers' business.
 */
export interface Processor {
  /** Of the core, e.g. `cortex-m3`. */
  readonly name: string;
  readonly architecture: 'arm-m' | 'rv32' | 'rv64';
  /** Plain data: snapshots copy it. CPU registers are saved by `saveRegisters`. */
  readonly state: object;
  /** After `state` and the registers were copied back. */
  restored(): void;
  /** Devices of the core itself, which are at their addresses already. */
  readonly devices: readonly PlacedDevice[];
  mapMemory(region: Omit<MemoryRegion, 'bytes'> & { readonly size: number }): Uint8Array;
  /** The same bytes at another address as well. */
  mapAlias(name: string, base: number, size: number, bytes: Uint8Array, kind: 'ram' | 'rom'): void;
  /** Devices may lie closer together than a page of the library. To be called before the first run. */
  mapDevices(devices: readonly PlacedDevice[]): void;
  /** Tells observers of what they have not been told of: reads (`AccessObserver.again`), exceptions. Between runs there is nothing. */
  settle?(): void;
  /** What answers loads and stores in these ranges where nothing else is; after `mapDevices`. */
  mapBackground(background: BusMaster, ranges: readonly { readonly base: number; readonly size: number }[]): void;
  /**
   * Input `number` of the interrupt controller, or one of the CPU's own. RISC-V cores have no controller: these are wires, which the
   * board's (a PLIC) hears by `DeviceEnvironment.interruptLine`. @throws UsageError for an input that the core does not have
   */
  interruptInput(input: number | CpuInput): Signal;
  /** Those that somebody has asked for. */
  readonly inputs: ReadonlyMap<number | CpuInput, Signal>;
  /** RISC-V: where `csrr time` reads. The board's machine timer says so. */
  provideTime?(read: () => bigint): void;
  /** Those of which anything holds, by number. Reads only. */
  interruptStates(): readonly InterruptState[];
  /** Reset state. `entry`: where the image says that it begins; Arm has its vectors instead. */
  reset(entry: number | undefined): void;
  /** Executes until `deadline`, a count of cycles from now; afterwards `executed` of them have passed. */
  run(deadline: number): { readonly executed: number; readonly end: ProcessorEnd };
  /** The next instruction; inside a device's callback the one that accesses it. */
  readonly pc: number;
  /** Cycles of the current run that have passed, inside a device's callback. */
  readonly progress: number;
  /** Moves the current run's deadline closer: to be called inside of a device's callback. */
  shorten(deadline: number): void;
  /** Ends the current run after the instruction being executed. */
  interrupt(): void;
  readRegister(name: string): number;
  /** All bits of it, unsigned: 64 on RV64. */
  registerBits(name: string): bigint;
  writeRegister(name: string, value: number | bigint): void;
  readonly registerNames: readonly string[];
  /** Where it stops for a debugger. */
  readonly stops: StopPoints;
  /** The host changed memory that may hold code. */
  invalidate(base: number, size: number): void;
  /** Registers, and what else the core keeps to itself (the exclusive monitor, PMP); for any processor of the same core. */
  saveRegisters(): Uint8Array;
  restoreRegisters(saved: Uint8Array): void;
  /** `sink` hears of every instruction that is executed from now on, but for those few that are carried out beside the library (system instructions, calls of the host). Slow. @throws UnsupportedError on RV64 */
  traceRuns(sink: TraceSink): void;
  onSemihosting: SemihostingHandler | undefined;
  onRomWrite: RomWriteHandler | undefined;
  /** The last fault of a core that has no registers to tell of it (Armv6-M): bits as in CFSR of Armv7-M, and what was accessed. */
  readonly unreportedFault?: { readonly status: number; readonly address: number | undefined } | undefined;
  /**
   * Hears of exceptions and interrupts that are taken, in their order and that of accesses to devices which somebody hears; of faults at once, of others where
   * that is faster.
   */
  onException: ExceptionListener | undefined;
  /** Is it to hear of all of them at once, so that it may read registers and end the run? */
  hearAtOnce?(wanted: boolean): void;
  close(): void;
}
