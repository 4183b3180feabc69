/** Kinds of code, as `marks` tells them: bits 0 and 1. What is not marked is a routine. */
export const guardKinds = { routine: 0, code: 1, sandboxAccess: 2 } as const;
/** Bit of a mark where a function begins. */
export const guardEntry = 0x80;
/** The right to read, in a range's rights, of the kind of code; its right to write is the next bit. */
export const guardReads = { routine: 1, code: 4, sandboxAccess: 16 } as const;

/** A function that begins at an entry mark. */
export interface GuardFunction {
  readonly begin: number;
  /** Stack arguments, which the function pops when it returns. */
  readonly argumentBytes: number;
  /** Index into the owners' ranges. */
  readonly owner: number;
}

/** Guest addresses [begin, end) and what may be done there: the bits of `guardReads`, and those above them for writing. */
export interface GuardRange {
  readonly begin: number;
  readonly end: number;
  readonly rights: number;
}

/** What the guard checks; the order is that of `Violation` in native/guard.h. */
const violations = ['none', 'outside', 'frame', 'below-stack', 'misaligned'] as const;
/** Which rule of the guard an access breaks. */
export type GuardViolationKind = Exclude<(typeof violations)[number], 'none'>;

/** An access that the guard does not allow. */
export interface GuardViolation {
  /**
   * - `outside`: no range of the running function's owner allows the access;
   * - `frame`: on the stack, but beyond the active function's frame, in its caller's;
   * - `below-stack`: below the stack pointer, which a store may only precede by less than an instruction;
   * - `misaligned`: not a multiple of its size.
   */
  readonly kind: GuardViolationKind;
  readonly access: 'read' | 'write';
  readonly pc: number;
  readonly address: number;
  readonly size: number;
}

/** Fields of a violation in the scratch page; the writer is `GuardTake` in native/guard-methods.cc. */
export function readViolation(fields: Float64Array): GuardViolation | null {
  const at = (index: number): number => fields[index] ?? 0;
  const kind = violations[at(0)] ?? 'none';
  if (kind === 'none') return null;
  return { kind, access: at(1) === 1 ? 'write' : 'read', pc: at(2), address: at(3), size: at(4) };
}

/** Rows of little-endian words, as the addon reads them. */
export function wordRows(rows: readonly (readonly number[])[]): Uint8Array {
  const words = rows.flat();
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => view.setUint32(4 * index, word, true));
  return bytes;
}
