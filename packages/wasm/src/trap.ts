/** Why execution trapped, in the words of the spec's own tests; `out of fuel` and `ended by the host` are ours. */
export type TrapKind =
  | 'unreachable'
  | 'integer divide by zero'
  | 'integer overflow'
  | 'invalid conversion to integer'
  | 'out of bounds memory access'
  | 'out of bounds table access'
  | 'indirect call type mismatch'
  | 'uninitialized element'
  | 'undefined element'
  | 'call stack exhausted'
  | 'out of fuel'
  /** A function of the host would not return. */
  | 'ended by the host';

const exhaustion: readonly TrapKind[] = ['call stack exhausted', 'out of fuel'];

/** Something ran out: limits differ between engines, so it says nothing about what was executed. */
export function isExhaustionTrap(kind: TrapKind): boolean {
  return exhaustion.includes(kind);
}

/**
 * Thrown by operation semantics, by the interpreter's handlers, and by functions of the host that end the call, in every
 * engine; never leaves `Instance.invoke`.
 */
export class Trap extends Error {
  constructor(readonly kind: TrapKind) {
    super(kind);
    this.name = 'Trap';
  }
}
