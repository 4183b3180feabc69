/** A run of an image, timed. */
export interface Timed {
  readonly instructions: number;
  readonly seconds: number;
}

/** Millions of instructions a second. */
export function mips(instructions: number, seconds: number): number {
  return instructions / seconds / 1e6;
}
