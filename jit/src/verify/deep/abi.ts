/**
 * The ABI (ABI.md) as the deep verifier knows it, written down a second time: the planner and the selector are not asked,
 * for a mistake of theirs would be the verifier's too. A test holds the two against each other.
 */
import type { Isa } from '@fireball/contracts';
import type { BulkOpName, OpName, ValueType } from '@fireball/wasm';

/** A register by its architectural number; floating-point registers are numbered behind the general ones. */
export type Reg = number;

/** Numbers of the first floating-point registers. */
export const firstFloat = { thumb2: 16, rv32: 32 } as const satisfies Record<Isa, Reg>;
const floatRegisters = 32;

/** "Registers". */
export interface AbiRegisters {
  /** General and floating-point registers. */
  readonly count: number;
  /** Number that the first floating-point register has here: all of them are caller-saved. */
  readonly firstFloat: number;
  readonly sp: Reg;
  readonly link: Reg;
  /** Link of bounds routines and scratch registers: lost at every call of any kind. */
  readonly routineLink: Reg;
  readonly scratch: readonly Reg[];
  /** Extent operand of the bounds routine. */
  readonly extent: Reg;
  readonly args: readonly Reg[];
  readonly saved: readonly Reg[];
  /** Always 0; -1 where there is none. */
  readonly zero: Reg;
  readonly stackAlignment: number;
  /** "Bounds checks": first index register of an entry of the routine, last, bytes of each entry. */
  readonly boundsEntries: { readonly first: Reg; readonly last: Reg; readonly bytes: number };
}

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index);

export const abiOf: Readonly<Record<Isa, AbiRegisters>> = {
  thumb2: {
    count: 16 + floatRegisters,
    firstFloat: firstFloat.thumb2,
    sp: 13,
    link: 14,
    routineLink: 14,
    scratch: [12],
    extent: 12,
    args: range(0, 3),
    saved: range(4, 11),
    zero: -1,
    stackAlignment: 8,
    boundsEntries: { first: 0, last: 11, bytes: 6 },
  },
  rv32: {
    count: 32 + floatRegisters,
    firstFloat: firstFloat.rv32,
    sp: 2,
    link: 1,
    routineLink: 5,
    scratch: [6, 7],
    extent: 6,
    args: range(10, 17),
    saved: [8, 9, ...range(18, 27)],
    zero: 0,
    stackAlignment: 16,
    boundsEntries: { first: 8, last: 31, bytes: 4 },
  },
};

/** "Stack": frames of leaf functions and of routines that need no check of their own. */
export const uncheckedFrameBytes = 512;
/** "Traps": their numbers are below this. */
export const trapKindCount = 10;
/** "Calls": result words that travel in registers. */
const resultRegisters = 4;
/** "Calls": bytes of a stack argument, and what all of them together are a multiple of. */
const stackArgumentBytes = 8;
const stackArgumentsAlignment = 16;

/** What a caller may count on and has to provide ("Calls"). Counts are words, sizes bytes. */
export interface Contract {
  /** Argument words in registers. */
  readonly argumentWords: number;
  /** Stack arguments, popped by the callee. */
  readonly stackBytes: number;
  /** Result words in registers. */
  readonly resultWords: number;
}

/** "Words": i64 and f64 are pairs. */
export function wordsIn(types: readonly ValueType[]): number {
  return types.reduce((count, type) => count + (type === 'i64' || type === 'f64' ? 2 : 1), 0);
}

interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Arguments go to registers up to the first value that does not fit whole; it and all behind it go to the stack. */
export function contractOf(isa: Isa, { params, results }: Signature): Contract {
  let argumentWords = 0;
  let inRegisters = 0;
  for (const type of params) {
    const words = wordsIn([type]);
    if (argumentWords + words > abiOf[isa].args.length) break;
    argumentWords += words;
    inRegisters++;
  }
  const bytes = stackArgumentBytes * (params.length - inRegisters);
  return {
    argumentWords,
    stackBytes: Math.ceil(bytes / stackArgumentsAlignment) * stackArgumentsAlignment,
    resultWords: Math.min(wordsIn(results), resultRegisters),
  };
}

/** Bytes of the result buffer that results take. */
export function resultBufferBytes(results: readonly ValueType[]): number {
  return 4 * Math.max(0, wordsIn(results) - resultRegisters);
}

/** Words that a routine takes and gives, all in registers. */
export type RoutineWords = Pick<Contract, 'argumentWords' | 'resultWords'>;

/** Argument and result words of what routines do with memories and tables; the last argument is the address of their records. */
export const recordRoutines: Readonly<Record<BulkOpName, RoutineWords>> = {
  'memory.grow': { argumentWords: 2, resultWords: 1 },
  'memory.copy': { argumentWords: 4, resultWords: 0 },
  'memory.fill': { argumentWords: 4, resultWords: 0 },
  'memory.init': { argumentWords: 4, resultWords: 0 },
  'table.get': { argumentWords: 2, resultWords: 1 },
  'table.set': { argumentWords: 3, resultWords: 0 },
  'table.grow': { argumentWords: 3, resultWords: 1 },
  'table.fill': { argumentWords: 4, resultWords: 0 },
  'table.copy': { argumentWords: 4, resultWords: 0 },
  'table.init': { argumentWords: 4, resultWords: 0 },
};

export function isRecordRoutine(op: OpName): op is BulkOpName {
  return Object.hasOwn(recordRoutines, op);
}
