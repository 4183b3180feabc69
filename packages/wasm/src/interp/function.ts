import type { ValidatedFunction } from '../validator.js';
import type { FunctionType } from '../types.js';
import type { CompiledBody } from './machine.js';
import type { Instance } from './instance.js';
import type { Value } from './values.js';

/** A function with a wasm body, bound to its instance. */
export class WasmFunction {
  readonly kind = 'function';
  readonly origin = 'wasm';
  readonly type: FunctionType;
  /** The body in the machine's form, made at the first call. */
  body: CompiledBody | undefined;

  constructor(
    readonly instance: Instance,
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
export type HostCall = (args: readonly Value[], caller: Instance | undefined) => readonly Value[];

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
