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
  | { readonly kind: 'idle' };

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
  /** Maps natively owned RAM and returns it, zeroed, without a copy. Base and size are multiples of `pageSize`. */
  mapRam(base: Address, size: number, permissions: Permissions): Uint8Array;
  protect(base: Address, size: number, permissions: Permissions): void;
  mapDevice(base: Address, size: number, device: BusDevice): void;
  /** Drops translated code after the host changed executable memory. */
  invalidateCode(base: Address, size: number): void;
  /** Granularity of mappings: 1 KiB on Arm, 4 KiB on RISC-V. */
  readonly pageSize: number;
  /** Counts retired instructions whose PC lies in [begin, end) (`executedInRange`). */
  countRange(begin: Address, end: Address): void;
  run(pc: Address, budget: Instructions): RunResult;
  /** Asks a running CPU to stop before its next instruction. */
  stop(): void;
  close(): void;
}
