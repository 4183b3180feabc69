/** A general register by its architectural number. */
export type Reg = number;
export const noReg: Reg = -1;
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
  readonly floats: readonly number[];
}
