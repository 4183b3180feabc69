import { core } from './constants/core.js';
import type { Unicorn } from './unicorn.js';

export type CodeCallback = (
  uc: Unicorn,
  address: bigint,
  size: number,
  userData: unknown,
) => void;
export type InterruptCallback = (uc: Unicorn, intno: number, userData: unknown) => void;
/** The result `true` means that the instruction was handled and execution goes on. */
export type InvalidInstructionCallback = (uc: Unicorn, userData: unknown) => unknown;
/** For faults the result `true` means "retry the access", anything else stops. */
export type MemoryCallback = (
  uc: Unicorn,
  type: number,
  address: bigint,
  size: number,
  value: bigint,
  userData: unknown,
) => unknown;

/** A memory-mapped device. Values of 8-byte accesses are bigint, all others unsigned numbers. */
export interface MmioCallbacks {
  read(offset: number, size: number): number | bigint;
  write(offset: number, size: number, value: number | bigint): void;
}

/** The native side's arguments for one hook kind, turned into a call of the user's function. */
export type Receiver = (values: readonly (number | bigint)[]) => number | bigint;

const numberAt = (values: readonly (number | bigint)[], index: number): number =>
  Number(values[index]);
const bigintAt = (values: readonly (number | bigint)[], index: number): bigint =>
  BigInt(values[index] ?? 0);

/** Adapts a user's callback for hooks of `type`, which the native side has accepted. */
export function hookReceiver(
  uc: Unicorn,
  type: number,
  callback: (...args: never[]) => unknown,
  userData: unknown,
): Receiver {
  if (type === core.HOOK_INTR) {
    const typed = callback as InterruptCallback;
    return (values) => {
      typed(uc, numberAt(values, 0), userData);
      return 0;
    };
  }
  if (type === core.HOOK_INSN_INVALID) {
    const typed = callback as InvalidInstructionCallback;
    return () => Number(typed(uc, userData) === true);
  }
  if ((type & (core.HOOK_CODE | core.HOOK_BLOCK)) !== 0) {
    const typed = callback as CodeCallback;
    return (values) => {
      typed(uc, bigintAt(values, 0), numberAt(values, 1), userData);
      return 0;
    };
  }
  const typed = callback as MemoryCallback;
  return (values) =>
    Number(
      typed(
        uc,
        numberAt(values, 0),
        bigintAt(values, 1),
        numberAt(values, 2),
        BigInt.asIntN(64, bigintAt(values, 3)),
        userData,
      ) === true,
    );
}

/** Operation codes of MMIO calls; the sender is native/hooks.cc. */
const deviceRead = 0;

export function mmioReceiver(device: MmioCallbacks): Receiver {
  return ([operation, offset, size, value]) => {
    if (operation === deviceRead) {
      const result = device.read(Number(offset), Number(size));
      // Left as it is when it cannot be a value at all: BigInt() names the culprit.
      return size === 8 || typeof result === 'bigint'
        ? BigInt.asUintN(64, BigInt(result))
        : result >>> 0;
    }
    const written = size === 8 ? BigInt(value ?? 0) : Number(value);
    device.write(Number(offset), Number(size), written);
    return 0;
  };
}
