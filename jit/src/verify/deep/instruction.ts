import type { Reg } from './abi.js';

/** Of two words, signed or unsigned. */
export type Cond = 'eq' | 'ne' | 'lt_s' | 'lt_u' | 'gt_s' | 'gt_u' | 'le_s' | 'le_u' | 'ge_s' | 'ge_u';

export const inverseOf = {
  eq: 'ne',
  ne: 'eq',
  lt_s: 'ge_s',
  ge_s: 'lt_s',
  gt_s: 'le_s',
  le_s: 'gt_s',
  lt_u: 'ge_u',
  ge_u: 'lt_u',
  gt_u: 'le_u',
  le_u: 'gt_u',
} as const satisfies Record<Cond, Cond>;

/** Operand of a data-processing instruction: a register, shifted by a constant or not, or an immediate. */
export type Source =
  { readonly reg: Reg; readonly shift?: { readonly op: 'shl' | 'shr_u' | 'shr_s' | 'rotr'; readonly amount: number } } | { readonly imm: number };

/** Operations of two operands: `bic` is a AND NOT b, `orn` a OR NOT b, `rsb` b - a; `adc` and `sbc` take the carry or borrow in too. */
export type DataOp =
  'add' | 'sub' | 'and' | 'or' | 'xor' | 'shl' | 'shr_s' | 'shr_u' | 'rotr' | 'mul' | 'bic' | 'orn' | 'rsb' | 'adc' | 'sbc' | 'mulh_u' | 'div_u' | 'rem_u';

/** Flags of `a - b`, of a result compared with 0, or something that only signed or sign conditions ask for. */
export type FlagEffect = 'subtract' | 'result' | 'other';

/** An instruction that only computes: it writes registers or flags, and control goes on behind it. */
export type Computation =
  | { readonly kind: 'constant'; readonly rd: Reg; readonly value: number }
  /** The upper half of rd is replaced. */
  | { readonly kind: 'upper half'; readonly rd: Reg; readonly value: number }
  /** rd = address of the instruction + value. */
  | { readonly kind: 'pc'; readonly rd: Reg; readonly value: number }
  | { readonly kind: 'move'; readonly rd: Reg; readonly rs: Reg }
  /** rd = a OP b. */
  | { readonly kind: 'data'; readonly op: DataOp; readonly rd: Reg; readonly a: Reg; readonly b: Source }
  /** rd = addend OP a * b. */
  | { readonly kind: 'multiply-add'; readonly op: 'add' | 'sub'; readonly rd: Reg; readonly a: Reg; readonly b: Reg; readonly addend: Reg }
  /** The unsigned product of a and b. */
  | { readonly kind: 'long multiply'; readonly low: Reg; readonly high: Reg; readonly a: Reg; readonly b: Reg }
  /** rd = so many bits of rs from bit `lsb`, at the bottom. */
  | { readonly kind: 'bit field'; readonly rd: Reg; readonly rs: Reg; readonly lsb: number; readonly bits: number }
  /** rd = the lowest bits of rs, signed. */
  | { readonly kind: 'sign extension'; readonly rd: Reg; readonly rs: Reg; readonly bits: 8 | 16 }
  /** Writes something unknown, or at most `max`, into `writes`. */
  | { readonly kind: 'opaque'; readonly reads: readonly Reg[]; readonly writes: readonly Reg[]; readonly max?: number }
  | { readonly kind: 'compare'; readonly a: Reg; readonly b: Source; readonly test: 'subtract' | 'other' }
  | { readonly kind: 'none' };

const computations = {
  constant: true,
  'upper half': true,
  pc: true,
  move: true,
  data: true,
  'multiply-add': true,
  'long multiply': true,
  'bit field': true,
  'sign extension': true,
  opaque: true,
  compare: true,
  none: true,
} as const satisfies Readonly<Record<Computation['kind'], true>>;

export function isComputation(effect: Effect): effect is Computation {
  return Object.hasOwn(computations, effect.kind);
}

/**
 * What one machine instruction does, as far as the verifier cares: it follows constants, sums,
 * bounds and control flow, and knows of everything else which registers are read and written.
 * Distances are in bytes from the instruction.
 */
export type Effect =
  | Computation
  | { readonly kind: 'load'; readonly rt: Reg; readonly address: AddressForm; readonly width: 1 | 2 | 4; readonly signed: boolean }
  | { readonly kind: 'store'; readonly rt: Reg; readonly address: AddressForm; readonly width: 1 | 2 | 4 }
  /** A floating-point register's word or double, which the frame alone may hold. */
  | { readonly kind: 'load float' | 'store float'; readonly rt: Reg; readonly address: AddressForm; readonly width: 4 | 8 }
  /** Lowest register at the lowest address. */
  | { readonly kind: 'push'; readonly registers: readonly Reg[] }
  | { readonly kind: 'pop'; readonly registers: readonly Reg[] }
  | { readonly kind: 'it'; readonly conditions: readonly FlagCond[] }
  | { readonly kind: 'branch on flags'; readonly cond: FlagCond; readonly distance: number }
  | { readonly kind: 'branch'; readonly cond: Cond; readonly a: Reg; readonly b: Source; readonly distance: number }
  | { readonly kind: 'jump'; readonly distance: number }
  | { readonly kind: 'call'; readonly link: Reg; readonly distance: number }
  | { readonly kind: 'jump to register'; readonly rs: Reg; readonly offset: number }
  | { readonly kind: 'call register'; readonly link: Reg; readonly rs: Reg }
  /** Forward by twice the half-word at pc + 4 + 2 * index. */
  | { readonly kind: 'table branch'; readonly index: Reg }
  | { readonly kind: 'trap'; readonly number: number };

export type FlagCond = Cond | 'mi' | 'pl' | 'vs' | 'vc';

export type AddressForm = { readonly base: Reg; readonly offset: number } | { readonly base: Reg; readonly index: Reg; readonly shift: number };

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
