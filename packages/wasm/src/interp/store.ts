import type { FunctionType, GlobalType, MemoryType, TableType } from '../types.js';
import { HostFunction, type HostCall } from './function.js';
import { GlobalInstance } from './global.js';
import { Machine } from './machine.js';
import { MemoryInstance } from './memory.js';
import { TableInstance } from './table.js';
import { checkValues, ValueCodec, type Value } from './values.js';

export interface StoreOptions {
  /** Most nested calls; deeper is `call stack exhausted`. */
  readonly maxCallDepth?: number;
  /** Most 8-byte slots (locals and operands) of all frames together. */
  readonly maxStackSlots?: number;
  /** Most bytes of one memory; growing beyond fails with -1. */
  readonly maxMemoryBytes?: number;
  /** Most elements of one table; growing beyond fails with -1. */
  readonly maxTableElements?: number;
}

/** What instances share: everything that one linked program can reach. */
export class Store {
  readonly codec = new ValueCodec();
  readonly machine: Machine;
  readonly maxMemoryBytes: number;
  readonly maxTableElements: number;
  private readonly typeNumbers = new Map<string, number>();

  constructor({
    maxCallDepth = 10_000,
    maxStackSlots = 1 << 20,
    maxMemoryBytes = 2 ** 32,
    maxTableElements = 10_000_000,
  }: StoreOptions = {}) {
    this.machine = new Machine({ callDepth: maxCallDepth, stackSlots: maxStackSlots }, this.codec);
    this.maxMemoryBytes = maxMemoryBytes;
    this.maxTableElements = maxTableElements;
  }

  /** A number for a function type, equal for structurally equal types. */
  typeNumber(type: FunctionType): number {
    const key = `${type.params.join()}:${type.results.join()}`;
    let number = this.typeNumbers.get(key);
    if (number === undefined) {
      number = this.typeNumbers.size;
      this.typeNumbers.set(key, number);
    }
    return number;
  }

  hostFunction(type: FunctionType, call: HostCall, name = 'host'): HostFunction {
    return new HostFunction(type, call, this.typeNumber(type), name);
  }

  memory(type: MemoryType): MemoryInstance {
    return new MemoryInstance(type, this.maxMemoryBytes);
  }

  table(type: TableType): TableInstance {
    return new TableInstance(type, this.maxTableElements);
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
