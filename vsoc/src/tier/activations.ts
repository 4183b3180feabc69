import type { CpuBackend, Isa } from '@fireball/contracts';

/** Words that may be return addresses or code pointers of code that is being executed. */
export interface ActivationRoots {
  /** Core registers and the program counter. */
  readonly registers: readonly number[];
  /** The used part of each machine stack, as words. */
  readonly stacks: readonly Int32Array[];
}

const registerNames = {
  thumb2: [...Array.from({ length: 13 }, (_, index) => `r${index}`), 'lr', 'pc'],
  rv32: ['pc', ...Array.from({ length: 31 }, (_, index) => `x${index + 1}`)],
} as const satisfies Record<Isa, readonly string[]>;

export function registerRoots(cpu: CpuBackend): number[] {
  return registerNames[cpu.isa].map((name) => cpu.readRegister(name) >>> 0);
}

/**
 * Does any root point into [begin, end]? Conservative: data that looks like a code address keeps code alive for a while,
 * which costs room and nothing else. `end` counts, because a call may be the last instruction.
 */
export function isActive({ registers, stacks }: ActivationRoots, begin: number, end: number): boolean {
  const inside = (word: number): boolean => {
    const address = (word & ~1) >>> 0;
    return address >= begin && address <= end;
  };
  return registers.some(inside) || stacks.some((words) => words.some(inside));
}
