import type { StopPoints } from './cpu.js';
import type { CodeMemoryState, MeterLog, PinTraces } from './debug-observations.js';
import type { Address, Architecture, Instructions } from './units.js';

/** A register of a CPU. Floating-point registers are raw bits. */
export interface DebugRegister {
  readonly name: string;
  readonly bits: 32 | 64;
  readonly group: 'general' | 'float' | 'system';
}

/** What lies at the addresses [base, base + size). */
export interface DebugRegion {
  readonly name: string;
  readonly kind: 'ram' | 'rom' | 'device';
  readonly base: Address;
  /** Bytes. */
  readonly size: number;
}

/** Why a target stands still. */
export type TargetStop =
  /** It has executed as many instructions as it was asked to. */
  | { readonly why: 'count' }
  /** `interrupt()`, or something of the target's own that wants the host's attention. */
  | { readonly why: 'interrupted' }
  | { readonly why: 'breakpoint' }
  | { readonly why: 'watchpoint'; readonly access: 'read' | 'write'; readonly address: Address; readonly size: number }
  /** It has been taken, and its handler comes next: one of those that `exceptions.stopAt` was told. `from`: what was to be executed. */
  | { readonly why: 'exception'; readonly exception: TargetException; readonly from: Address }
  /** It waits for input, and nothing of its own will wake it up. */
  | { readonly why: 'asleep' }
  /** It cannot go on; `message` is one sentence for the user. `trap`: the kind of the trap that has ended a call. */
  | { readonly why: 'fault'; readonly message: string; readonly trap?: string }
  /** The program has ended. */
  | { readonly why: 'exit'; readonly status: number };

/** What whoever debugs has written to memory or to a register, after so many instructions. */
export type UserWrite = { readonly instructions: Instructions } & ({ readonly address: Address; readonly size: number } | { readonly register: string });

/** A target between two instructions, as it alone can read it. Nobody changes it. */
export interface TargetSnapshot {
  /** Instructions executed until then. */
  readonly instructions: Instructions;
}

/** Going back. To be called between runs; breakpoints and watched ranges stay as they are. */
export interface TargetSnapshots {
  /** @param previous what has not changed since then is shared with it */
  save(previous?: TargetSnapshot): TargetSnapshot;
  /** The target goes on as it did then, and executes the same again. */
  restore(snapshot: TargetSnapshot): void;
  /** Bytes of memory that these take together, what they share counted once. */
  heldBytes(snapshots: readonly TargetSnapshot[]): number;
  /** Nobody will restore `dropped` any more: their memory may be used again, but for what they share with `held`, which are all others. */
  recycle(dropped: readonly TargetSnapshot[], held: readonly TargetSnapshot[]): void;
}

/** What a target alone can tell, by a word of `monitor`. */
export interface TargetCommand {
  /** `irq`, `info machine`. */
  readonly name: string;
  readonly summary: string;
  /** Lines for people, without a newline at the end. */
  run(): string;
}

/** An exception or interrupt in the words of the architecture; `interrupt`: the number of an interrupt. */
export interface TargetException {
  readonly name: string;
  readonly interrupt: number | undefined;
}

/** One of the things that a target does at the same time. */
export interface TargetTask {
  readonly name: string;
  /** For people. */
  readonly state: string;
  /** Are the target's registers its own? Others have none that could be shown. */
  readonly runs: boolean;
}

/** Those that a machine takes. */
export interface TargetExceptions {
  /** Names that there are; interrupts of a controller go by their numbers instead. */
  readonly names: readonly string[];
  /** Runs stop behind the entry of those that are `wanted`; undefined: of none. */
  stopAt(wanted: ((exception: TargetException) => boolean) | undefined): void;
}

/**
 * What comes in from outside: serial ports of a board, the standard input of a program. It comes in at a count of instructions, and does so again where
 * that moment is gone through again.
 */
export interface TargetInputs {
  /** `uart0`, `stdin`; the console comes first. */
  readonly names: readonly string[];
  /**
   * Bytes come in now, or `end`: no more will. What lay ahead of this moment is forgotten, and happens anew.
   * @throws UsageError for a name that is not there, and in the past of something that the host has done and would not do again
   */
  give(name: string, bytes: Uint8Array | 'end'): void;
}

/** A register of a device, `uart0.DATA`. */
export interface DeviceRegister {
  readonly name: string;
  readonly address: Address;
  /** Bytes. */
  readonly size: number;
}

/** Bits of a register of a device that have a name of their own. */
export interface DeviceField {
  readonly name: string;
  readonly lowest: number;
  readonly bits: number;
}

/**
 * What a debugger needs of something that runs: a firmware machine, a virtual SoC. Everything but `run` is for a target that stands still.
 * Whoever debugs knows no more of it than this.
 */
export interface DebugTarget {
  readonly architecture: Architecture;
  /** Name of the core, e.g. `cortex-m4`. */
  readonly core: string;
  readonly registers: readonly DebugRegister[];
  /** Raw bits, unsigned. @throws UsageError for a name that it does not have */
  readRegister(name: string): bigint;
  /**
   * Part of what happens, as `poke` is: where snapshots lead back to before this moment, and forwards through it, the same is written again. What lay ahead of it
   * is forgotten, and happens anew.
   * @throws UsageError in the past of something that the host has done and would not do again
   */
  writeRegister(name: string, value: bigint): void;
  memoryMap(): readonly DebugRegion[];
  /** `size` bytes of memory, or of registers of a device that can be read without any effect; undefined where not all of it is that. */
  peek(address: Address, size: number): Uint8Array | undefined;
  /**
   * Writes memory, code and ROM too.
   * @returns false where not all of it is memory that can be written: nothing is written then
   * @throws UsageError as `writeRegister` does
   */
  poke(address: Address, bytes: Uint8Array): boolean;
  /** What was written so, in order, however far it has gone back since. */
  readonly userWrites: readonly UserWrite[];
  /** Instructions executed since it was created. */
  readonly instructions: Instructions;
  /** The instruction that is executed next. */
  readonly pc: Address;
  /** The instruction that was executed last; absent where it is not told. */
  readonly previousPc?: Address;
  readonly stops: StopPoints;
  /** Of a machine with interrupts. */
  readonly exceptions?: TargetExceptions;
  /** Absent where nothing is read from outside. */
  readonly inputs?: TargetInputs | undefined;
  /** Of a machine with devices whose registers have names. */
  deviceRegisters?(): readonly DeviceRegister[];
  /** By ascending bits; none where nothing names them. */
  deviceFields?(register: DeviceRegister): readonly DeviceField[];
  /** Of one with code memory. */
  codeMemory?(): CodeMemoryState;
  /** Of one that compiles while it runs. */
  meters?(): MeterLog | undefined;
  /** Of one that does more than to execute instructions: what it does now, that first. */
  tasks?(): readonly TargetTask[];
  /** Of a machine with pins. They are recorded from the first time on that this is asked for: listening to them may cost time. */
  pins?(): PinTraces;
  /** Called whenever code has come or gone, as the target stands then. Of one whose code changes. */
  onCodeChange?: (() => void) | undefined;
  /** Executes at most `most` instructions. How a run is cut into pieces changes nothing. */
  run(most: Instructions): TargetStop;
  /** False: what is written now will not be written again by going through this moment again, as a system call is under way that waits for input. */
  readonly repeatsWrites: boolean;
  /** From a callback of a run: it ends behind the instruction. */
  interrupt(): void;
  /** What stands for the generated code that is there now: another object where code has come or gone. Absent where it never does. */
  readonly generatedCode?: object;
  /** Does a run end, `interrupted`, where that changes? */
  stopsAtCode?: boolean;
  /** Absent where it cannot go back. */
  readonly snapshots?: TargetSnapshots;
  /** To the beginning. Memory stays. */
  reset(): void;
  /** They show, and change nothing. */
  readonly commands: readonly TargetCommand[];
}
