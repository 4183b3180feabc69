import type { Reg } from './registers.js';

export interface Frame {
  /** Callee-saved registers in use. */
  readonly saved: readonly Reg[];
  /** Bytes of the slot area, at sp. */
  readonly slotBytes: number;
  /** The function writes the link register. */
  readonly savesLink: boolean;
  /** Bytes of stack arguments that the callee pops. */
  readonly stackArgumentBytes: number;
}
