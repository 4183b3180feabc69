import type { LocationMap } from './location-map.js';
import type { Address } from './units.js';

/** A machine instruction with its text. */
export interface PrintedMachineInstruction {
  readonly address: Address;
  readonly text: string;
}

/** One template where it was placed, for people. */
export interface PrintedSite {
  readonly address: Address;
  /** Offset in the module of the instruction that it belongs to. */
  readonly wasmOffset: number;
  readonly template: string;
  /** Filled holes by operand name. */
  readonly holes: Readonly<Record<string, number | string>>;
  readonly instructions: readonly PrintedMachineInstruction[];
  /** The kind of trap, where this is a trap stub. */
  readonly trap: string | null;
}

/** A function of generated code as debuggers see it. */
export interface DebugFunction {
  /** Index in the module's function index space. */
  readonly index: number;
  readonly name: string;
  /** Its code is [begin, end). */
  readonly begin: Address;
  readonly end: Address;
  /** Locals, parameters included. */
  readonly localCount: number;
  localType(local: number): string;
  /** Bytes of stack arguments, which it pops. */
  readonly argumentBytes: number;
  /** Placed templates by ascending address. */
  readonly sites: readonly { readonly address: Address; readonly wasmOffset: number; readonly template: string }[];
  readonly locations: LocationMap;
  /** Its instructions in order, as the text format has them. */
  readonly wasm: readonly { readonly offset: number; readonly text: string }[];
  listing(): Promise<readonly PrintedSite[]>;
}

/** A global of the module, and where its words are. */
export interface DebugGlobal {
  readonly type: string;
  readonly address: Address;
}

/** Registers by the numbers that location maps know them by, and what the calling convention makes of them. */
export interface CodeRegisters {
  registerName(register: number): string;
  floatRegisterName(register: number): string;
  /** Number of the register that gets return addresses. */
  readonly link: number;
  /** Those that functions hand back as they got them. */
  readonly keptRegisters: readonly number[];
}

/** Generated code on a target, and what else of its module a debugger shows. All may change when the target has run. */
export interface CodeView extends CodeRegisters {
  /** By ascending address. */
  readonly functions: readonly DebugFunction[];
  /** The function whose code this is. */
  at(address: Address): DebugFunction | undefined;
  /** Routine in ROM, with the offset in it, or undefined. */
  routineAt(address: Address): string | undefined;
  readonly globals: readonly DebugGlobal[];
  /** Where linear memories begin. */
  readonly memories: readonly Address[];
  /** Where the debugged call returns to. */
  readonly exit: Address;
}
