import type { CodeRegisters, CpuBackend } from '@fireball/contracts';
import type { AnyValue, TrapKind, Work } from '@fireball/wasm';
import type { ValueDifference } from './differences.js';

/** How a call of native code ended. */
export interface NativeEnd {
  readonly results: readonly AnyValue[];
  /** `wasmOffset`: of the instruction that trapped, where code can tell. */
  readonly trap: { readonly kind: TrapKind; readonly wasmOffset: number | null } | null;
}

/** A call of native code in single machine instructions. In between, registers and memory are read. */
export interface NativeCall {
  /** Address of the next instruction. */
  readonly pc: number;
  /**
   * Executes one instruction. Returns how the call ended, once it has.
   * @throws InternalError where generated code left its world
   */
  step(): NativeEnd | undefined;
  /** Gives the call up where it is. */
  abandon(): void;
}

/** Registers and memory of native code between two instructions, and what its calling convention makes of registers. */
export interface NativeMachine {
  readonly cpu: Pick<CpuBackend, 'readRegister' | 'readFloatRegister'>;
  readonly registers: CodeRegisters;
  /** A word of RAM, signed. */
  readWord(address: number): number;
}

/** What outlives a call, on both sides: memories, globals, tables. */
export interface Heap {
  differences(): readonly ValueDifference[];
  /** The native word of a reference that the interpreter has as this number. */
  referenceWord(number: number): number;
}

/** What native code may take for what the reference has done. */
export interface NativeBounds {
  /** Machine instructions beyond which it does not end. */
  instructions(work: Work): number;
  /** Its stack need not suffice. */
  mayExhaust(work: Work): boolean;
}
