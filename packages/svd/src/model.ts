/** What a chip's SVD file describes (CMSIS-SVD 1.3.10), with everything that is inherited, derived or an array spelt out. */
export interface SvdDevice {
  readonly name: string;
  /** In the order of the file. */
  readonly peripherals: readonly SvdPeripheral[];
}

/** Addresses [base, base + size). */
export interface SvdRange {
  readonly base: number;
  readonly size: number;
}

/** A device of the chip; one of an array is one of its own. */
export interface SvdPeripheral {
  /** `RCC`; of an array `UART0`, or `UART[0]` where the file writes it so. */
  readonly name: string;
  readonly base: number;
  /** Where its registers may be: `addressBlock`. */
  readonly ranges: readonly SvdRange[];
  readonly registers: readonly SvdRegister[];
}

/** Bits of a value are bits of these numbers, from bit 0. */
export interface SvdRegister {
  /** `CR`, `CH[3].CTRL`: within its peripheral. */
  readonly name: string;
  readonly address: number;
  /** Bytes. */
  readonly size: number;
  readonly reset: bigint;
  /** Bits that reads give; others read as 0. */
  readonly readable: bigint;
  /** Bits that keep what is written. */
  readonly writable: bigint;
  /** Bits that a written one, or a written zero, clears, sets or flips; the other one leaves them alone. */
  readonly clearedByOnes: bigint;
  readonly clearedByZeros: bigint;
  readonly setByOnes: bigint;
  readonly setByZeros: bigint;
  readonly flippedByOnes: bigint;
  readonly flippedByZeros: bigint;
  readonly fields: readonly SvdField[];
}

/** Bits `high` down to `low`. */
export interface SvdField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
}
