import type { Constants } from './constants/all.js';
import { core } from './constants/core.js';

/** The few of x86 and Arm64 that tell receivers apart; their files are large. */
const other: Pick<Constants, 'X86_INS_IN' | 'X86_INS_OUT' | 'ARM64_INS_ENDING'> = { X86_INS_IN: 218, X86_INS_OUT: 500, ARM64_INS_ENDING: 5 };

/** Of HOOK_CODE and HOOK_BLOCK: address and bytes of the instruction or block that is about to be executed. */
export type CodeCallback<Engine> = (uc: Engine, address: bigint, size: number, userData: unknown) => void;
/** Of HOOK_INTR: the library's number of the exception, by architecture. */
export type InterruptCallback<Engine> = (uc: Engine, intno: number, userData: unknown) => void;
/** The result `true` means that the instruction was handled and execution goes on. */
export type InvalidInstructionCallback<Engine> = (uc: Engine, userData: unknown) => unknown;
/** For faults the result `true` means "retry the access", anything else stops. */
export type MemoryCallback<Engine> = (uc: Engine, type: number, address: bigint, size: number, value: bigint, userData: unknown) => unknown;

/** A block of translated code: its address, instructions and bytes. */
export interface TranslationBlock {
  readonly pc: bigint;
  readonly icount: number;
  readonly size: number;
}

/** SYSCALL, SYSENTER, CPUID of x86. Of CPUID the result `true` means that it has been carried out. */
export type InstructionCallback<Engine> = (uc: Engine, userData: unknown) => unknown;
/** IN of x86: the result is what is read. */
export type PortReadCallback<Engine> = (uc: Engine, port: number, size: number, userData: unknown) => number;
/** OUT of x86. */
export type PortWriteCallback<Engine> = (uc: Engine, port: number, size: number, value: number, userData: unknown) => void;
/** The system register of an Arm64 instruction, as `uc_arm64_cp_reg` names it, and its value. */
export interface SystemRegister {
  readonly crn: number;
  readonly crm: number;
  readonly op0: number;
  readonly op1: number;
  readonly op2: number;
  readonly val: bigint;
}
/** MRS, MSR, SYS, SYSL of Arm64: `true` means that it has been carried out. `reg` is the general register. */
export type SystemRegisterCallback<Engine> = (uc: Engine, reg: number, system: SystemRegister, userData: unknown) => unknown;
/** A new way from one block to another has been found. */
export type EdgeCallback<Engine> = (uc: Engine, current: TranslationBlock, previous: TranslationBlock, userData: unknown) => void;
/** A subtraction or comparison with two operands. */
export type OperationCallback<Engine> = (uc: Engine, address: bigint, first: bigint, second: bigint, size: number, userData: unknown) => void;

/** A memory-mapped device. Values of 8-byte accesses are bigint, all others unsigned numbers. */
export interface MmioCallbacks {
  read(offset: number, size: number): number | bigint;
  write(offset: number, size: number, value: number | bigint): void;
}

/** The native side's arguments for one hook kind, turned into a call of the user's function. */
export type Receiver = (values: readonly (number | bigint)[]) => number | bigint;

const numberAt = (values: readonly (number | bigint)[], index: number): number => Number(values[index]);
const bigintAt = (values: readonly (number | bigint)[], index: number): bigint => BigInt(values[index] ?? 0);

/** Adapts a callback of `HOOK_INSN` for one instruction. Numbers of x86 and Arm64 differ. */
function instructionReceiver<Engine>(uc: Engine, instruction: number, callback: (...args: never[]) => unknown, userData: unknown): Receiver {
  if (instruction === other.X86_INS_IN) {
    const typed = callback as PortReadCallback<Engine>;
    return (values) => typed(uc, numberAt(values, 0), numberAt(values, 1), userData) >>> 0;
  }
  if (instruction === other.X86_INS_OUT) {
    const typed = callback as PortWriteCallback<Engine>;
    return (values) => {
      typed(uc, numberAt(values, 0), numberAt(values, 1), numberAt(values, 2), userData);
      return 0;
    };
  }
  if (instruction < other.ARM64_INS_ENDING) {
    const typed = callback as SystemRegisterCallback<Engine>;
    return (values) => {
      const [crn, crm, op0, op1, op2] = [1, 2, 3, 4, 5].map((index) => numberAt(values, index)) as [number, number, number, number, number];
      return Number(typed(uc, numberAt(values, 0), { crn, crm, op0, op1, op2, val: bigintAt(values, 6) }, userData) === true);
    };
  }
  const typed = callback as InstructionCallback<Engine>;
  return () => Number(typed(uc, userData) === true);
}

function blockAt(values: readonly (number | bigint)[], index: number): TranslationBlock {
  return { pc: bigintAt(values, index), icount: numberAt(values, index + 1), size: numberAt(values, index + 2) };
}

/**
 * Adapts a user's callback for hooks of `type`, which the native side has accepted.
 * @param extra the instruction of `HOOK_INSN`
 */
export function hookReceiver<Engine>(uc: Engine, type: number, callback: (...args: never[]) => unknown, userData: unknown, extra: number): Receiver {
  if (type === core.HOOK_INSN) return instructionReceiver(uc, extra, callback, userData);
  if (type === core.HOOK_EDGE_GENERATED) {
    const typed = callback as EdgeCallback<Engine>;
    return (values) => {
      typed(uc, blockAt(values, 0), blockAt(values, 3), userData);
      return 0;
    };
  }
  if (type === core.HOOK_TCG_OPCODE) {
    const typed = callback as OperationCallback<Engine>;
    return (values) => {
      typed(uc, bigintAt(values, 0), bigintAt(values, 1), bigintAt(values, 2), numberAt(values, 3), userData);
      return 0;
    };
  }
  if (type === core.HOOK_INTR) {
    const typed = callback as InterruptCallback<Engine>;
    return (values) => {
      typed(uc, numberAt(values, 0), userData);
      return 0;
    };
  }
  if (type === core.HOOK_INSN_INVALID) {
    const typed = callback as InvalidInstructionCallback<Engine>;
    return () => Number(typed(uc, userData) === true);
  }
  if ((type & (core.HOOK_CODE | core.HOOK_BLOCK)) !== 0) {
    const typed = callback as CodeCallback<Engine>;
    return (values) => {
      typed(uc, bigintAt(values, 0), numberAt(values, 1), userData);
      return 0;
    };
  }
  const typed = callback as MemoryCallback<Engine>;
  return (values) =>
    Number(typed(uc, numberAt(values, 0), bigintAt(values, 1), numberAt(values, 2), BigInt.asIntN(64, bigintAt(values, 3)), userData) === true);
}

/** Operation codes of MMIO calls; the sender is native/hooks.cc. */
const deviceRead = 0;

export function mmioReceiver(device: MmioCallbacks): Receiver {
  return ([operation, offset, size, value]) => {
    if (operation === deviceRead) {
      const result = device.read(Number(offset), Number(size));
      // Left as it is when it cannot be a value at all: BigInt() names the culprit.
      return size === 8 || typeof result === 'bigint' ? BigInt.asUintN(64, BigInt(result)) : result >>> 0;
    }
    const written = size === 8 ? BigInt(value ?? 0) : Number(value);
    device.write(Number(offset), Number(size), written);
    return 0;
  };
}
