/** How an instruction goes on. `conditional` is a direct branch that may fall through; everything else but `next` is always taken. */
export type Flow = 'next' | 'conditional' | 'jump' | 'call' | 'indirect' | 'indirectCall' | 'return';

/** What an instruction does besides, as far as cores take different times for it. */
export type Work = 'plain' | 'load' | 'narrowLoad' | 'store' | 'loadMultiple' | 'storeMultiple' | 'multiply' | 'divide' | 'floatDivide' | 'tableBranch';

/** One instruction as the cycle estimate sees it. */
export interface Instruction {
  /** In bytes: 2 or 4. */
  readonly length: number;
  readonly flow: Flow;
  readonly work: Work;
  /** Registers of a load or store of several; 1 otherwise. */
  readonly registers: number;
  /** The register that a load, multiplication or division writes; -1 for any other instruction. */
  readonly result: number;
  /** Registers that it reads, where that is known: of RISC-V all, of Arm the ones that a load's address is made of. */
  readonly reads: readonly number[];
}

const defaults = { flow: 'next', work: 'plain', registers: 1, result: -1, reads: [] } as const;

/** An instruction that is simple in everything that is not said. */
export function instruction(length: number, facts: Partial<Instruction> = {}): Instruction {
  return { ...defaults, length, ...facts };
}

/** Reads the instruction whose halfwords these are; the second is 0 or garbage behind a short one. */
export type Decoder = (first: number, second: number) => Instruction;
