/** What an instruction does to sp, and to what is known of registers that sp may get something from. Registers by their architectural numbers. */
export type StackStep =
  | { readonly kind: 'none' }
  /** sp += bytes. */
  | { readonly kind: 'move'; readonly bytes: number }
  /** sp += sign * register. */
  | { readonly kind: 'move by'; readonly register: number; readonly sign: 1 | -1 }
  /** sp = register + bytes. */
  | { readonly kind: 'set'; readonly register: number; readonly bytes: number }
  /** register = sp + bytes. */
  | { readonly kind: 'copy'; readonly register: number; readonly bytes: number }
  /** Lowest register at the lowest address, sp moved first. `extra` bytes are for what is no general register. */
  | { readonly kind: 'push'; readonly registers: readonly number[]; readonly extra: number }
  | { readonly kind: 'pop'; readonly registers: readonly number[]; readonly extra: number }
  | { readonly kind: 'store'; readonly register: number; readonly offset: number }
  | { readonly kind: 'load'; readonly register: number; readonly offset: number }
  | { readonly kind: 'constant'; readonly register: number; readonly value: number }
  | { readonly kind: 'upper half'; readonly register: number; readonly value: number }
  | { readonly kind: 'add constant'; readonly register: number; readonly of: number; readonly value: number };

/** Where execution goes on. Targets are addresses. */
export type Flow =
  | { readonly kind: 'next' }
  | { readonly kind: 'branch'; readonly target: number; readonly conditional: boolean }
  /** Comes back; undefined: to what a register says. */
  | { readonly kind: 'call'; readonly target: number | undefined; readonly link: number }
  /** Somewhere else, by a register or a table, or nowhere. */
  | { readonly kind: 'leave' };

export interface DecodedInstruction {
  readonly address: number;
  readonly size: number;
  readonly stack: StackStep;
  readonly flow: Flow;
  /** It may do nothing. */
  readonly conditional: boolean;
  /** General registers that it writes; of a call, what the callee does is not among them. */
  readonly writes: readonly number[];
  /** Floating-point registers that it writes: of Arm, singles. */
  readonly writesFloat: readonly number[];
}

/** Operands, separated by commas that are in no brackets. */
export function splitOperands(operands: string): readonly string[] {
  return operands === '' ? [] : operands.split(/,\s*(?![^[{]*[\]}])/).map((operand) => operand.trim());
}

/** `#0x10`, `-4`. */
export function immediateOf(operand: string | undefined): number | undefined {
  const [, sign, digits] = /^#?(-?)(0x[0-9a-f]+|\d+)$/.exec(operand ?? '') ?? [];
  if (digits === undefined) return undefined;
  return sign === '-' ? -Number(digits) : Number(digits);
}
