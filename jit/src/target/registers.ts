/** A general register by its architectural number. */
export type Reg = number;
export const noReg: Reg = -1;
/** A floating-point register: s0-s31 (singles), f0-f31. */
export type FloatReg = number;

export type Operand = { readonly reg: Reg } | { readonly imm: number };

/** A 64-bit value in two registers. */
export interface Pair {
  readonly low: Reg;
  readonly high: Reg;
}

/** A 64-bit value whose upper word may be 0 and in no register. */
export interface LowWord {
  readonly low: Reg;
  readonly high?: Reg;
}

/** Have they a register in common? */
export function overlap(a: Pair, b: LowWord): boolean {
  return a.low === b.low || a.low === b.high || a.high === b.low || a.high === b.high;
}

/** The roles of registers (ABI.md, "Registers"). */
export interface RegisterRoles {
  /** Argument and result registers, in order; also temporaries. */
  readonly args: readonly Reg[];
  /** Caller-saved temporaries in order of preference (includes `args`). */
  readonly temps: readonly Reg[];
  /** Callee-saved registers, cheapest encodings first. */
  readonly saved: readonly Reg[];
  /** Caller-saved registers that hold locals and constants of leaf functions. */
  readonly leafExtra: readonly Reg[];
  /** The same for locals of other functions that are dead at every call. */
  readonly callExtra: readonly Reg[];
  /** The link register, which functions that call nothing may have as one more callee-saved one; -1 where it does not pay. */
  readonly link: Reg;
  readonly zero: Reg;
  /** Floating-point registers, all of them temporaries; without those that the macro assembler keeps to itself. */
  readonly floats: readonly FloatReg[];
}
