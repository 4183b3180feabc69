/** Why execution trapped, in the words of the spec's own tests; `out of fuel` is ours. */
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
  | 'out of fuel';

const exhaustion: readonly TrapKind[] = ['call stack exhausted', 'out of fuel'];

/** Something ran out: limits differ between engines, so it says nothing about what was executed. */
export function isExhaustionTrap(kind: TrapKind): boolean {
  return exhaustion.includes(kind);
}

/** Thrown by operation semantics and by the interpreter's handlers; never leaves `Instance.invoke`. */
export class Trap extends Error {
  constructor(readonly kind: TrapKind) {
    super(kind);
    this.name = 'Trap';
  }
}
