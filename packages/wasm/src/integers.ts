/** Types of AssemblyScript, for the cores as TypeScript and for whoever reads their declarations. */
declare global {
  /** An integer of 32 bits. */
  type i32 = number;
  /** A number of 64 bits with a binary point. */
  type f64 = number;
}

export {};
