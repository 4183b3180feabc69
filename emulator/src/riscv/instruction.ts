/** What exceptions need to know of the instruction that raises one (unprivileged architecture, chapters 2, 8 and 16). */

/** 2 or 4 bytes. */
export function instructionSize(word: number): 2 | 4 {
  return (word & 3) === 3 ? 4 : 2;
}

/** Its bits, as mtval shows them. */
export function instructionBits(word: number): number {
  return instructionSize(word) === 4 ? word >>> 0 : word & 0xffff;
}

export function isBreakpoint(word: number): boolean {
  return word >>> 0 === 0x0010_0073 || (word & 0xffff) === 0x9002;
}

/** AMOs and SC: their faults are those of stores. LR's are those of loads. */
export function isAtomicStore(word: number): boolean {
  return (word & 0x7f) === 0x2f && word >>> 27 !== 0x02;
}

/** rs1. */
export function addressRegister(word: number): number {
  return (word >>> 15) & 31;
}

/** The register that an integer store writes to memory; undefined for what is none. */
export function storedRegister(word: number): number | undefined {
  if ((word & 0x7f) === 0x23) return (word >>> 20) & 31;
  const group = word & 0xe003;
  // C.SW and C.SD; C.SWSP and C.SDSP. On RV32 those of doublewords are the FPU's.
  if (group === 0xc000 || group === 0xe000) return 8 + ((word >>> 2) & 7);
  if (group === 0xc002 || group === 0xe002) return (word >>> 2) & 31;
  return undefined;
}

/** EBREAK between these is a call of the host (RISC-V Semihosting 0.2, chapter 2): slli x0, x0, 0x1f; ebreak; srai x0, x0, 7. */
export const semihostingBefore = 0x01f0_1013;
export const semihostingAfter = 0x4070_5013;
