import type { Address, Instructions, Isa } from './units.js';

/** Access rights of a guest region. */
export interface Permissions {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/**
 * Why a run ended.
 * - `budget`: exactly the asked number of instructions was executed (an IT block is one unit).
 * - `stopped`: `stop()` was called from a hook or a device.
 * - `exception`: the CPU raised an exception; `number` is the library's interrupt number
 *   (Arm: 2 = SVC, 7 = BKPT, 8 = exception return; RISC-V: mcause, 8 = ECALL).
 * - `invalid-instruction`: undefined instruction (Arm UDF, RISC-V illegal or EBREAK); `pc` is at it.
 * - `memory-fault`: unmapped or forbidden access at `address`.
 * - `idle`: the CPU waits for an interrupt (WFI).
 * - `breakpoint`: `pc` is one of `stops`, and has not been executed; `watchpoint`: the instruction before `pc` made an access that is watched.
 */
export type StopReason =
  | { readonly kind: 'budget' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'exception'; readonly number: number }
  | { readonly kind: 'invalid-instruction' }
  | {
      readonly kind: 'memory-fault';
      readonly access: 'read' | 'write' | 'fetch';
      readonly cause: 'unmapped' | 'protected';
      readonly address: Address;
      readonly size: number;
    }
  | { readonly kind: 'idle' }
  | { readonly kind: 'breakpoint' }
  | { readonly kind: 'watchpoint'; readonly access: 'read' | 'write'; readonly address: Address; readonly size: number };

/** How a run ended, where, and what it took. */
export interface RunResult {
  readonly reason: StopReason;
  /** Precise: the instruction that would run next, or that faulted. Bit 0 clear on Arm. */
  readonly pc: Address;
  /** The instruction retired last before `pc`; the source of a branch to a trap stub. */
  readonly previousPc: Address;
  /**
   * The instruction of the counted range (see `countRange`) that retired last, in this run or an
   * earlier one since the range was set; null before there is one. Outside the range, the call that led there.
   */
  readonly lastPcInRange: Address | null;
  /** Guest instructions retired by this run. */
  readonly executed: Instructions;
  /** Of those, the ones whose PC lay in the counted range (see `countRange`). */
  readonly executedInRange: Instructions;
}

/** One memory-mapped peripheral. Offsets are relative to its base; sizes are 1, 2 or 4 bytes. */
export interface BusDevice {
  read(offset: number, size: number): number;
  write(offset: number, size: number, value: number): void;
}

/** Kinds of code that a memory guard tells apart: routines (what is not marked), generated code, and its instructions that reach into a sandbox's memory. */
export type GuardedKind = 'routine' | 'code' | 'sandboxAccess';

/** Guest addresses [begin, end) and who may read and write them. */
export interface GuardedRange {
  readonly begin: Address;
  readonly end: Address;
  readonly read: readonly GuardedKind[];
  readonly write: readonly GuardedKind[];
}

/** A function in guarded code: whose it is, and how many bytes of stack arguments it pops. */
export interface GuardedFunction {
  readonly begin: Address;
  readonly argumentBytes: number;
  /** Index into the owners' ranges, from 0. */
  readonly owner: number;
}

/** What a memory guard has to know of the layout. */
export interface GuardOptions {
  /** Where generated code lies. */
  readonly code: { readonly begin: Address; readonly end: Address };
  /** Where the stack lies, its reserve included. */
  readonly stack: { readonly begin: Address; readonly end: Address };
  /** Misaligned accesses are violations too. */
  readonly aligned: boolean;
}

/**
 * - `outside`: nothing allows the running function's owner this access;
 * - `frame`: on the stack, but beyond the active function's frame, in its caller's;
 * - `below-stack`: below the stack pointer, where an interrupt may push; a push's own stores are not meant;
 * - `misaligned`: the address is no multiple of the size.
 */
export type MemoryViolationKind = 'outside' | 'frame' | 'below-stack' | 'misaligned';

/** An access that the guard does not allow. */
export interface MemoryViolation {
  readonly kind: MemoryViolationKind;
  readonly access: 'read' | 'write';
  readonly pc: Address;
  readonly address: Address;
  readonly size: number;
}

/**
 * Checks every memory access of the guest while it runs. A shadow stack of activations, kept by the calls and returns that
 * really happen, knows the active function's frame and owner. For tests: it costs most of the speed.
 */
export interface MemoryGuard {
  /** Says what code memory [address, address + size) holds. */
  mark(address: Address, size: number, kind: GuardedKind): void;
  /** Takes the place of all rules before. */
  setRules(functions: readonly GuardedFunction[], owners: readonly (readonly GuardedRange[])[]): void;
  /** The first violation since the last call. */
  takeViolation(): MemoryViolation | null;
  /** How many functions are active. */
  activations(): number;
  /** Forgets those above the first `kept`: they will not return. */
  unwind(kept: number): void;
}

/** Which accesses of data are watched. */
export type WatchKind = 'read' | 'write' | 'access';

/** Where runs stop for a debugger. Kept in native code: what is nowhere near a stop runs as if there were none, and counts are the same. */
export interface StopPoints {
  /** In front of the instruction at `address`; of one within an IT block, in front of the block. */
  breakpoint(address: Address, on: boolean): void;
  /** The next run does not stop in front of this instruction where it begins at it. */
  pass(address: Address): void;
  /** Behind instructions that access [begin, begin + size), in bytes. Returns what `unwatch` wants. Between runs. */
  watch(begin: Address, size: number, kind: WatchKind): number;
  unwatch(id: number): void;
}

/**
 * An emulated CPU with its address space. Time is the instruction count. Register names are the
 * architecture's own: Arm `r0`..`r12`, `sp`, `lr`, `pc`; RISC-V ABI names `zero`, `ra`, `sp`, `a0`..
 */
export interface CpuBackend {
  readonly isa: Isa;
  /** Name of the core, e.g. `cortex-m4` or `rv32imc`. */
  readonly cpu: string;
  readRegister(name: string): number;
  writeRegister(name: string, value: number): void;
  /** Raw bits of a floating-point register by its number: 32 of Arm's `s0`..`s31`, 64 of RISC-V's `f0`..`f31`; undefined where they cannot be read. */
  readFloatRegister(register: number): bigint | undefined;
  /**
   * Maps natively owned RAM and returns it, zeroed, without a copy. Base and size are multiples of `pageSize`.
   * @param accessible bytes that have the permissions, a multiple of `pageSize`, all by default; those behind have none until `protect` gives them some
   */
  mapRam(base: Address, size: number, permissions: Permissions, accessible?: number): Uint8Array;
  protect(base: Address, size: number, permissions: Permissions): void;
  mapDevice(base: Address, size: number, device: BusDevice): void;
  /** A copy of mapped memory as the CPU reads and fetches it. */
  readMemory(address: Address, size: number): Uint8Array;
  /** Drops translated code after the host changed executable memory. */
  invalidateCode(base: Address, size: number): void;
  /** Granularity of mappings: 1 KiB on Arm, 4 KiB on RISC-V. */
  readonly pageSize: number;
  /** Counts retired instructions whose PC lies in [begin, end) (`executedInRange`). */
  countRange(begin: Address, end: Address): void;
  /**
   * From now on every run ends after at most `most` instructions (its reason is then `budget`), and gives `sink` the addresses
   * of those it executed, in order; valid during the call. Conditional instructions of an IT block that are not executed,
   * because their condition fails, are not among them.
   */
  traceRuns(most: Instructions, sink: (addresses: Uint32Array) => void): void;
  /** Guards memory from now on, for as long as the CPU is open. */
  guardMemory(options: GuardOptions): MemoryGuard;
  readonly stops: StopPoints;
  run(pc: Address, budget: Instructions): RunResult;
  /** Asks a running CPU to stop before its next instruction. */
  stop(): void;
  /** All registers, for CPUs of the same core; between runs, on Arm outside of exceptions. Memory is not in it. */
  saveState(): Uint8Array;
  restoreState(saved: Uint8Array): void;
  close(): void;
}
