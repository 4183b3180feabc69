import type { FunctionType, GlobalType, MemoryType, TableType } from '../types.js';
import { SizeLimits } from '../limits.js';
import { TypeNumbers } from '../type-numbers.js';
import { compileBody } from './compile.js';
import { Executor } from './executor.js';
import { GlobalInstance } from './global.js';
import { MemoryInstance } from './memory.js';
import { HostFunction, type HostCall, type Value } from './structure.js';
import { TableInstance } from './table.js';
import { checkValues, ValueCodec } from './values.js';

/** Limits of everything that runs in a store. */
export interface StoreOptions {
  /** Most nested calls; deeper is `call stack exhausted`. */
  readonly maxCallDepth?: number;
  /** Most 8-byte slots (locals and operands) of all frames together. */
  readonly maxStackSlots?: number;
  /** Most pages of 64 KiB that one memory may grow to (SizeLimits). */
  readonly maxPages?: number;
}

/** What instances share: everything that one linked program can reach. */
export class Store {
  readonly codec = new ValueCodec();
  readonly executor: Executor;
  private readonly limits: SizeLimits;
  private readonly typeNumbers = new TypeNumbers();

  constructor({ maxCallDepth = 10_000, maxStackSlots = 1 << 20, maxPages }: StoreOptions = {}) {
    this.executor = new Executor({ callDepth: maxCallDepth, stackSlots: maxStackSlots }, this.codec, compileBody);
    this.limits = new SizeLimits(maxPages);
  }

  /** A number for a function type, equal for structurally equal types. */
  typeNumber(type: FunctionType): number {
    return this.typeNumbers.of(type);
  }

  hostFunction(type: FunctionType, call: HostCall, name = 'host'): HostFunction {
    return new HostFunction(type, call, this.typeNumber(type), name);
  }

  memory(type: MemoryType): MemoryInstance {
    return new MemoryInstance(type, this.limits.takeMemory(type).mostPages);
  }

  table(type: TableType): TableInstance {
    return new TableInstance(type, this.limits.takeTable(type));
  }

  global(type: GlobalType, value: Value): GlobalInstance {
    checkValues([value], [type.type], 'global');
    return new GlobalInstance(type, this.codec.toRaw(value));
  }

  globalValue(global: GlobalInstance): Value {
    return this.codec.fromRaw(global.type.type, global.raw);
  }

  setGlobalValue(global: GlobalInstance, value: Value): void {
    checkValues([value], [global.type.type], 'global');
    global.raw = this.codec.toRaw(value);
  }
}
