import { hex } from '@fireball/contracts';

/** Kinds of places in which reference and native execution can differ. */
export type DifferenceKind =
  | 'local'
  | 'operand'
  | 'argument'
  | 'result'
  | 'memory'
  | 'global'
  | 'table'
  /** A constant that the function keeps in a register. */
  | 'constant'
  /** A callee-saved register, the stack pointer, or the frame of a caller. */
  | 'convention'
  /** A call of a function of the host: which one, its arguments, its answer. */
  | 'host call'
  | 'trap'
  | 'branch'
  | 'crash';

/** One value that differs, or one turn that execution took elsewhere. */
export interface ValueDifference {
  readonly kind: DifferenceKind;
  /** For people: `local 2`, `memory 0 at 0x10`. */
  readonly what: string;
  /** Of the local, operand, global, memory or table. */
  readonly index: number | null;
  /** Byte address in the memory, or index of the table's element. */
  readonly address: number | null;
  /** Where the native code has the value. */
  readonly place: string | null;
  readonly expected: string;
  readonly actual: string;
}

/** Execution goes elsewhere. */
export function branchDifference(expected: string, actual: string): ValueDifference {
  return { kind: 'branch', what: 'control flow', index: null, address: null, place: null, expected, actual };
}

/** Another trap, or none. */
export function trapDifference(expected: string, actual: string): ValueDifference {
  return { kind: 'trap', what: 'trap', index: null, address: null, place: null, expected, actual };
}

/** Words of a value, low word first. */
export type Words = readonly number[];

/** Equal bits. */
export function sameWords(a: Words, b: Words): boolean {
  return a.every((word, index) => (word | 0) === ((b[index] ?? 0) | 0));
}

/** `0x0000002a (42)`; two words as one number. */
export function describeWords([low = 0, high]: Words): string {
  if (high === undefined) return `${hex(low)} (${low | 0})`;
  const value = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return `0x${value.toString(16).padStart(16, '0')} (${BigInt.asIntN(64, value)})`;
}
