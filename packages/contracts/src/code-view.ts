import type { Boundary, LocationMap, ValueLocation } from './location-map.js';
import type { Address } from './units.js';

/** A machine instruction with its text. */
export interface PrintedMachineInstruction {
  readonly address: Address;
  /** Bytes. */
  readonly size: number;
  readonly text: string;
}

/** Bits of one machine instruction that a hole of its template has filled. */
export interface PrintedField {
  /** Whose value the bits follow from: one operand, or two. */
  readonly operands: readonly string[];
  /** Of the machine instruction. */
  readonly address: Address;
  /** A mask of the instruction as a little-endian number: of a long Thumb instruction the first half-word is the lower one. */
  readonly bits: number;
}

/** One template where it was placed, for people. */
export interface PrintedSite {
  readonly address: Address;
  /** Offset in the module of the instruction that it belongs to. */
  readonly wasmOffset: number;
  readonly template: string;
  /** Filled holes by operand name. */
  readonly holes: Readonly<Record<string, number | string>>;
  /** Where in the code the holes are. */
  readonly fields: readonly PrintedField[];
  /** None of an interpreted instruction. */
  readonly instructions: readonly PrintedMachineInstruction[];
  /** The kind of trap, where this is a trap stub. */
  readonly trap: string | null;
}

/**
 * A function's code as debuggers see it: generated, or the module's own bytes that an interpreter on the target carries out. Those are at
 * addresses of their own, and boundaries are in front of every instruction that can be reached.
 */
export interface DebugFunction {
  /** Index in the module's function index space. */
  readonly index: number;
  readonly name: string;
  /** Its code is [begin, end). */
  readonly begin: Address;
  readonly end: Address;
  /** Locals, parameters included. */
  readonly localCount: number;
  /** Locals that are parameters: the first ones. */
  readonly parameterCount: number;
  readonly resultTypes: readonly string[];
  localType(local: number): string;
  /** Bytes of stack arguments, which it pops. */
  readonly argumentBytes: number;
  readonly interpreted: boolean;
  /** Where interpreted activations go on with it, in the middle of a loop: its frame is there then. */
  readonly loopEntries: readonly Address[];
  /** Where the parameters are when it is called, relative to sp then; none of an interpreted function, whose boundaries are all that there is of it. */
  readonly parameters: readonly ValueLocation[];
  /** Placed templates by ascending address. */
  readonly sites: readonly { readonly address: Address; readonly wasmOffset: number; readonly template: string }[];
  readonly locations: LocationMap;
  /** Where it goes to trap, and why. A trap of a routine, or of the interpreter, has no place here. */
  readonly traps: readonly { readonly address: Address; readonly kind: string }[];
  /** Its instructions in order, as the text format has them. */
  readonly wasm: readonly { readonly offset: number; readonly text: string }[];
  listing(): Promise<readonly PrintedSite[]>;
}

/** Machine code beside that of functions: in ROM, or shared by functions. */
export interface DebugRoutine {
  readonly name: string;
  /** Its code is [begin, end). */
  readonly begin: Address;
  readonly end: Address;
  /** `c`: as a C function. `check`: writes scratch registers only. `host`: calls from outside return here. `interpreter`: its frames are what `InterpreterView` tells. */
  readonly convention: 'c' | 'check' | 'host' | 'interpreter';
  /** Number of the register that it finds its return address in. */
  readonly link: number;
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

/** An activation of an interpreted function. */
export interface InterpretedFrame {
  readonly code: DebugFunction;
  /** Of the instruction that comes next, or of the call under way. */
  readonly address: Address;
  /** Where it goes on: there, or behind the call. */
  readonly next: Address;
  /** What holds there: operands may be in registers of the interpreter. */
  readonly boundary: Boundary;
  /** What its slots are relative to. */
  readonly sp: Address;
}

/** Where an activation goes on: at an address in generated code, or of an interpreted instruction. */
export interface ReturnPlace {
  readonly pc: Address;
  readonly sp: Address;
  /** A register as generated code will find it there. */
  readonly register: (register: number) => number | undefined;
}

/** Where a function whose code is interpreted may be waiting for another one. */
export interface InterpretedCall {
  /** Of the instruction: its code is [begin, end). */
  readonly begin: Address;
  readonly end: Address;
  /** Operands that the called function does not take. */
  readonly kept: number;
}

/** A register's number, and where it is. */
export interface SavedRegister {
  readonly register: number;
  readonly offset: number;
}

/**
 * How an interpreter in ROM keeps its activations, for unwinders that only know registers, memory and the instruction that comes next. Registers by number, sizes and
 * offsets in bytes. From low addresses to high, an activation is: slots of locals, one more, slots of operands, up to `frameBytes`; then the link.
 */
export interface InterpreterLayout {
  /** All code that it may interpret lies at [begin, end). */
  readonly begin: Address;
  readonly end: Address;
  /** Where nothing is, and so much of it: addresses that debuggers may give a meaning. */
  readonly free: { readonly base: Address; readonly size: number };
  /** First instructions of its handlers: sp is the activation's there. */
  readonly handlers: readonly Address[];
  /** Hold the address of the instruction under way, and that of the slot of the operand that is pushed next. */
  readonly position: number;
  readonly home: number;
  /** Hold the top operand, low word first, or the two upper ones, the upper one second. */
  readonly top: readonly [number, number];
  readonly slotBytes: number;
  /** `saved`: registers of an interpreted caller, the position and the slot of the next operand among them. */
  readonly link: { readonly bytes: number; readonly saved: readonly SavedRegister[] };
  /** Other code has called where the link's first word is no position, but an address: of that code's registers, with so many bytes up to its stack arguments. */
  readonly entry: { readonly bytes: number; readonly saved: readonly SavedRegister[] };
  /** Between an activation and the stack arguments of other code that it calls. */
  readonly outerCallBytes: number;
  frameBytes(code: DebugFunction): number;
  /** In order. */
  callsOf(code: DebugFunction): readonly InterpretedCall[];
}

/** What only the interpreter's own frames tell. Reads the target as it stands, and writes nothing. */
export interface InterpreterView {
  /** The innermost activation, where the target stands exactly between two instructions of it. */
  readonly innermost: InterpretedFrame | undefined;
  /** The activation to which generated code returns at `place`, or where that one returns to, if generated code has gone on with it; undefined where it is not in the interpreter. */
  frameBehind(place: ReturnPlace): InterpretedFrame | ReturnPlace | undefined;
  /** Who called an interpreted activation. */
  callerOf(frame: Pick<InterpretedFrame, 'code' | 'sp'>): InterpretedFrame | ReturnPlace | undefined;
  readonly layout: InterpreterLayout;
  /** How many operands of the innermost activation are in registers, where there is one. */
  readonly cachedOperands: number | undefined;
}

/** What compilers and linkers have left in a module about its sources: DWARF, whose addresses are offsets in the content of the Code section. */
export interface ModuleDebugInfo {
  /** The module, as the user named it. */
  readonly file: string;
  /** By name: `.debug_line`, `.debug_info`. */
  readonly sections: ReadonlyMap<string, Uint8Array>;
  /** Offset in the module of the Code section's content. */
  readonly codeBase: number;
  /** Bytes of that. */
  readonly codeSize: number;
}

/** Machine code without a gap, [start, end), and the source line of each piece of it: from a row on up to the next. */
export interface MachineLines {
  readonly start: Address;
  readonly end: Address;
  /** Ascending. A statement is a place to stop at, as the compiler sees it. Line 0: of no line in particular. */
  readonly rows: readonly { readonly address: Address; readonly file: string; readonly line: number; readonly isStatement: boolean }[];
}

/** Generated code on a target, and what else of its module a debugger shows. All may change when the target has run. */
export interface CodeView extends CodeRegisters {
  /** Interpreted ones first: they are there all the time. Then generated ones by ascending address. */
  readonly functions: readonly DebugFunction[];
  /** Where in the code of a function the target stands: pc, or the interpreted instruction that comes next. */
  readonly position: Address;
  /** Present where functions are interpreted. */
  readonly interpreter: InterpreterView | undefined;
  /** The function whose code this is. */
  at(address: Address): DebugFunction | undefined;
  /** By ascending address. */
  readonly routines: readonly DebugRoutine[];
  /** Routine in ROM, with the offset in it, or undefined. */
  routineAt(address: Address): string | undefined;
  /** Of firmware: the image, as the user named it. */
  readonly image?: string;
  /** Of firmware: the source line of machine code, by the name that the compiler gave the file. */
  lineAt?(address: Address): { readonly file: string; readonly line: number } | undefined;
  /** Of firmware: the lines of all its machine code, by ascending start. */
  readonly machineLines?: readonly MachineLines[];
  /** Where a symbol lies that is no function of the module; absent where there are none. */
  addressOf?(name: string): Address | undefined;
  /** Kinds of templates that code of functions may be made of, compiled later too. */
  readonly templates: readonly string[];
  /** Kinds of traps that can end it. */
  readonly traps: readonly string[];
  readonly globals: readonly DebugGlobal[];
  /** Absent where there is no module. */
  readonly debugInfo?: ModuleDebugInfo;
  /** Where linear memories begin. */
  readonly memories: readonly Address[];
  /** Where their records are: words for size in bytes, base, maximal pages, page size (jit/ABI.md). */
  readonly memoryRecords: readonly Address[];
  /** Where code without a location map returns to; absent where nothing can tell. */
  returnPlace?(frame: ReturnPlace): ReturnPlace | undefined;
  /** Where the debugged call returns to. */
  readonly exit: Address;
}
