import type { Isa } from '@fireball/contracts';
import type { AluOp, Cond, Reg } from '../../select/machine.js';

/** Floating-point registers are numbered behind the general ones. */
export const firstFloat = { thumb2: 16, rv32: 32 } as const satisfies Record<Isa, Reg>;

/** Operand of a data-processing instruction: a register, shifted by a constant or not, or an immediate. */
export type Source =
  | { readonly reg: Reg; readonly shift?: { readonly op: 'shl' | 'shr_u' | 'shr_s' | 'rotr'; readonly amount: number } }
  | { readonly imm: number };

/** Operations whose result the verifier bounds; `other` stands for all that it need not understand. */
export type DataOp = Exclude<AluOp, 'rotr'> | 'bic' | 'other';

/** Flags of `a - b`, of a result compared with 0, or something that only signed or sign conditions ask for. */
export type FlagEffect = 'subtract' | 'result' | 'other';

/**
 * What one machine instruction does, as far as the verifier cares: it follows constants, sums,
 * bounds and control flow, and knows of everything else which registers are read and written.
 * Distances are in bytes from the instruction.
 */
export type Effect =
  | { readonly kind: 'constant'; readonly rd: Reg; readonly value: number }
  /** The upper half of rd is replaced. */
  | { readonly kind: 'upper half'; readonly rd: Reg; readonly value: number }
  /** rd = address of the instruction + value. */
  | { readonly kind: 'pc'; readonly rd: Reg; readonly value: number }
  | { readonly kind: 'move'; readonly rd: Reg; readonly rs: Reg }
  /** rd = a OP b; `max` bounds the result of `other`. */
  | { readonly kind: 'data'; readonly op: DataOp; readonly rd: Reg; readonly a: Reg; readonly b: Source; readonly max?: number }
  /** Writes something unknown into `writes`. */
  | { readonly kind: 'opaque'; readonly reads: readonly Reg[]; readonly writes: readonly Reg[]; readonly max?: number }
  | { readonly kind: 'load'; readonly rt: Reg; readonly address: AddressForm; readonly width: 1 | 2 | 4; readonly signed: boolean }
  | { readonly kind: 'store'; readonly rt: Reg; readonly address: AddressForm; readonly width: 1 | 2 | 4 }
  /** A floating-point register's word or double, which the frame alone may hold. */
  | { readonly kind: 'load float' | 'store float'; readonly rt: Reg; readonly address: AddressForm; readonly width: 4 | 8 }
  /** Lowest register at the lowest address. */
  | { readonly kind: 'push'; readonly registers: readonly Reg[] }
  | { readonly kind: 'pop'; readonly registers: readonly Reg[] }
  | { readonly kind: 'compare'; readonly a: Reg; readonly b: Source; readonly test: 'subtract' | 'other' }
  | { readonly kind: 'it'; readonly conditions: readonly FlagCond[] }
  | { readonly kind: 'branch on flags'; readonly cond: FlagCond; readonly distance: number }
  | { readonly kind: 'branch'; readonly cond: Cond; readonly a: Reg; readonly b: Source; readonly distance: number }
  | { readonly kind: 'jump'; readonly distance: number }
  | { readonly kind: 'call'; readonly link: Reg; readonly distance: number }
  | { readonly kind: 'jump to register'; readonly rs: Reg; readonly offset: number }
  | { readonly kind: 'call register'; readonly link: Reg; readonly rs: Reg }
  /** Forward by twice the half-word at pc + 4 + 2 * index. */
  | { readonly kind: 'table branch'; readonly index: Reg }
  | { readonly kind: 'trap'; readonly number: number }
  | { readonly kind: 'none' };

export type FlagCond = Cond | 'mi' | 'pl' | 'vs' | 'vc';

export type AddressForm =
  | { readonly base: Reg; readonly offset: number }
  | { readonly base: Reg; readonly index: Reg; readonly shift: number };

/** A decoded instruction; position-independent, so that equal bits share one. */
export interface Instruction {
  readonly size: 2 | 4;
  /** As Capstone prints it, for messages. */
  readonly text: string;
  readonly effect: Effect;
  /** What it leaves in the flags; undefined where they stay. */
  readonly flags: FlagEffect | undefined;
  /** It reads flags. */
  readonly readsFlags: boolean;
}

/** What the sweep has found wrong with an encoding: thrown by the instruction sets' readers, located by the sweep. */
export class Forbidden extends Error {}
