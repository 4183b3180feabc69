import type { TrapKind } from '@fireball/wasm';

/** Reasons for which generated code traps; the order is the number in the trap instruction. */
export const trapKinds = [
  'unreachable',
  'integer divide by zero',
  'integer overflow',
  'out of bounds memory access',
  'call stack exhausted',
  'invalid conversion to integer',
  'undefined element',
  'uninitialized element',
  'indirect call type mismatch',
  'out of bounds table access',
] as const satisfies readonly TrapKind[];
/** Kinds of traps that compiled code raises, by its stubs. */
export type CodeTrapKind = (typeof trapKinds)[number];
