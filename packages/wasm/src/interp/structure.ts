/** The runtime structure (core spec 4.2): what values, functions and instances are to one another. What works on them has files of its own. */
import type { ByteOffset } from '@fireball/contracts';
import type { WasmModule } from '../module.js';
import type { FunctionType } from '../types.js';
import type { ValidatedFunction } from '../validator.js';
import type { GlobalInstance } from './global.js';
import type { MemoryInstance } from './memory.js';
import type { ReferenceNumbers } from './references.js';
import type { TableInstance } from './table.js';

/**
 * A value at the API: i32 = signed number, i64 = signed bigint, f32 and f64 = raw bits (unsigned number / bigint),
 * references = a function of the store or any host value, `null` for the null reference.
 */
export type Value =
  | { readonly type: 'i32'; readonly value: number }
  | { readonly type: 'i64'; readonly value: bigint }
  | { readonly type: 'f32'; readonly value: number }
  | { readonly type: 'f64'; readonly value: bigint }
  | { readonly type: 'funcref'; readonly value: FunctionInstance | null }
  | { readonly type: 'externref'; readonly value: unknown };

/** A function with a wasm body, bound to its instance. */
export class WasmFunction {
  readonly kind = 'function';
  readonly origin = 'wasm';
  readonly type: FunctionType;
  /** The body in the executor's form, made at the first call. */
  body: CompiledBody | undefined;

  constructor(
    readonly instance: ModuleInstance,
    readonly validated: ValidatedFunction,
    /** Number of the type, equal for structurally equal types of one store. */
    readonly typeNumber: number,
  ) {
    this.type = validated.type;
  }
}

/**
 * What a host function does. `caller` is the instance whose code made the call, undefined for a call from the host.
 * Throwing a `Trap` traps; other errors pass through `invoke` unchanged.
 */
export type HostCall = (args: readonly Value[], caller: ModuleInstance | undefined) => readonly Value[];

/** A function of the host. */
export class HostFunction {
  readonly kind = 'function';
  readonly origin = 'host';

  constructor(
    readonly type: FunctionType,
    readonly call: HostCall,
    readonly typeNumber: number,
    readonly name: string,
  ) {}
}

/** A function that can be called: of a module, or of the host (core spec 4.2.6). */
export type FunctionInstance = WasmFunction | HostFunction;

/** What a module can import or export. */
export type Extern = FunctionInstance | TableInstance | MemoryInstance | GlobalInstance;

/** A module's instance as its own code sees it. Index spaces hold imports first. */
export interface ModuleInstance {
  readonly module: WasmModule;
  readonly functions: readonly FunctionInstance[];
  readonly tables: readonly TableInstance[];
  readonly memories: readonly MemoryInstance[];
  readonly globals: readonly GlobalInstance[];
  /** References of the element segments, and bytes of the data segments; empty once dropped. */
  readonly elements: readonly Int32Array[];
  readonly data: readonly Uint8Array[];
  /** What it shares with the instances that it is linked with. */
  readonly store: {
    readonly codec: { readonly functions: ReferenceNumbers<FunctionInstance> };
    /** A number for a function type, equal for structurally equal types. */
    typeNumber(type: FunctionType): number;
  };
  dropElements(segment: number): void;
  dropData(segment: number): void;
}

/** What an instruction reads and writes: the stack of 8-byte slots, seen in four ways, and the place in it and in the running function. */
export interface ExecutionState {
  readonly words: Int32Array;
  readonly longs: BigInt64Array;
  readonly singles: Float32Array;
  readonly doubles: Float64Array;
  /** The first free slot. */
  sp: number;
  /** Slot of local 0. */
  readonly fp: number;
  /** Index of the next step. */
  pc: number;
  /** What was done beyond a constant amount for each instruction (`Work.units`). */
  units: number;
  /** Calls `callee`; its arguments are the topmost slots. */
  call(callee: FunctionInstance): void;
  /** Calls `callee` in place of the running function. */
  tailCall(callee: FunctionInstance): void;
  /** Returns from the running function; its results are the topmost slots. */
  leave(resultCount: number): void;
  /** Moves `count` slots from `from` to the lower `to`. */
  moveDown(from: number, to: number, count: number): void;
}

/** One executable instruction: its operands are captured. */
export type Step = (state: ExecutionState) => void;

/** A function body, ready to run. */
export interface CompiledBody {
  readonly steps: Step[];
  /** Module offset of the instruction behind each step. */
  readonly offsets: Int32Array;
  /** The first step inside each reachable loop, by the offset of the `loop` in the module. */
  readonly loops: ReadonlyMap<ByteOffset, number>;
  readonly parameterCount: number;
  /** Slots of the locals, parameters included. */
  readonly localCount: number;
  /** Slots of a whole frame: locals and deepest operand stack. */
  readonly frameSlots: number;
  /** The longest run of instructions that have no step: `block`, `loop`, `nop` and inner `end`. */
  readonly longestSkip: number;
}
