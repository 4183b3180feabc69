import type { CpuBackend, Isa, RunResult } from '@fireball/contracts';
import { createCpu, knownCpus } from '../index.js';

export const rwx = { read: true, write: true, execute: true };
export const base = 0x2000_0000;
export const ramSize = 0x1_0000;

/** Every core, with its instruction set. */
export const allCpus = (['thumb2', 'rv32'] as const).flatMap((isa) => knownCpus(isa).map((cpu): [Isa, string] => [isa, cpu]));

/** A CPU with RAM at `base`. */
export interface Guest {
  readonly cpu: CpuBackend;
  readonly ram: Uint8Array;
  /** Writes 16-bit units of code (a 32-bit RISC-V instruction is two, low first) and makes them run. */
  readonly code: (address: number, halfwords: readonly number[]) => void;
}

export function guest(isa: Isa, name: string): Guest {
  const cpu = createCpu({ isa, cpu: name });
  const ram = cpu.mapRam(base, ramSize, rwx);
  return {
    cpu,
    ram,
    code(address, halfwords) {
      halfwords.forEach((halfword, index) => {
        ram[address - base + 2 * index] = halfword & 0xff;
        ram[address - base + 2 * index + 1] = halfword >> 8;
      });
      cpu.invalidateCode(address, 2 * halfwords.length);
    },
  };
}

/** 32-bit instructions as halfwords. */
export function words(...instructions: number[]): number[] {
  return instructions.flatMap((word) => [word & 0xffff, word >>> 16]);
}

interface Total extends RunResult {
  readonly registers: readonly number[];
}

/** Runs from `base` in slices until something other than the budget stops it. */
export function runSliced(cpu: CpuBackend, slice: number, registers: readonly string[]): Total {
  let executed = 0;
  let executedInRange = 0;
  for (let pc = base; ;) {
    const result = cpu.run(pc, slice);
    executed += result.executed;
    executedInRange += result.executedInRange;
    pc = result.pc;
    if (result.reason.kind !== 'budget') {
      const values = registers.map((name) => cpu.readRegister(name));
      return { ...result, executed, executedInRange, registers: values };
    }
  }
}
