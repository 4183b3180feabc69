import { loadUnicorn } from '../index.js';
import type { Unicorn } from '../index.js';

export const uc = loadUnicorn();

/** A guest with 64 KiB of executable RAM at `base`. */
export interface Machine {
  readonly engine: Unicorn;
  readonly ram: Uint8Array;
  readonly base: number;
  /** Writes Thumb or compressed halfwords at an address and drops stale translations. */
  code(address: number, ...halfwords: number[]): void;
  /** The same for 32-bit RISC-V instructions. */
  words(address: number, ...instructions: number[]): void;
}

export const base = 0x2000_0000;
export const ramSize = 0x1_0000;

function machine(engine: Unicorn): Machine {
  const ram = new Uint8Array(engine.mem_map_native(base, ramSize, uc.PROT_ALL));
  const code = (address: number, ...halfwords: number[]): void => {
    halfwords.forEach((halfword, index) => {
      ram[address - base + 2 * index] = halfword & 0xff;
      ram[address - base + 2 * index + 1] = halfword >> 8;
    });
    engine.ctl_remove_cache(base, base + ramSize);
  };
  const words = (address: number, ...instructions: number[]): void => {
    code(address, ...instructions.flatMap((word) => [word & 0xffff, word >>> 16]));
  };
  return { engine, ram, base, code, words };
}

export function cortexM4(): Machine {
  const engine = new uc.Unicorn(uc.ARCH_ARM, uc.MODE_THUMB);
  engine.ctl_set_cpu_model(uc.CPU_ARM_CORTEX_M4);
  return machine(engine);
}

export function rv32(): Machine {
  const engine = new uc.Unicorn(uc.ARCH_RISCV, uc.MODE_RISCV32);
  engine.ctl_set_cpu_model(uc.CPU_RISCV32_ANY);
  return machine(engine);
}

/** `b .` on Thumb. */
export const branchToSelf = 0xe7fe;
/** `udf #0` on Thumb. */
export const undefinedInstruction = 0xde00;

/** What a function throws; fails when it does not throw. Realms differ under jest, so callers compare text. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
