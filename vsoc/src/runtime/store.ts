import { InternalError, UsageError, type CpuBackend } from '@fireball/contracts';
import { SizeLimits, TypeNumbers, type FunctionType, type GlobalType, type MemoryType, type TableType } from '@fireball/wasm';
import type { DataMemory } from '../chip/data-memory.js';
import { codeWord, createGlobal, createTable, type VsocFunction, type VsocGlobal, type VsocTable } from './externs.js';
import { VsocMemory } from './linear-memory.js';
import type { AddressMap } from '../chip/memory-map.js';
import { valueOfWords, wordsOfValue, type ReferenceWords, type VsocValue } from './values.js';

interface StoreInputs {
  readonly cpu: CpuBackend;
  readonly dataMemory: DataMemory;
  readonly map: AddressMap;
  /** Most pages of 64 KiB that any memory may grow to. */
  readonly maxPages: number | undefined;
  /** Take access from the pages beyond a memory's size. */
  readonly guarded: boolean;
  /** Called when there is another function, or before a memory grows. */
  changed(): void;
}

/** The functions, tables, memories and globals of all instances and of the host, and what guest memory knows them by. */
export class VsocStore {
  /** In the order of their creation. */
  readonly memories: VsocMemory[] = [];
  readonly references: ReferenceWords = {
    toWord: (type, value) => this.referenceWord(type, value),
    fromWord: (type, word) => (type === 'funcref' ? (this.functionsBySlot.get(word) ?? null) : this.externalValue(word)),
  };
  private readonly functionsBySlot = new Map<number, VsocFunction>();
  private readonly externalValues: unknown[] = [];
  private readonly typeNumbers = new TypeNumbers();
  private readonly limits: SizeLimits;

  constructor(private readonly inputs: StoreInputs) {
    const { linearMemory, memoryPlaces: places } = inputs.map;
    this.limits = new SizeLimits(inputs.maxPages, { ...linearMemory, places });
  }

  /** A function whose slot is at `slot`; its code follows by `setCode`. */
  createFunction(slot: number, type: FunctionType): VsocFunction {
    const created: VsocFunction = { kind: 'function', slot, type };
    this.inputs.dataMemory.writeWord(slot + 4, this.typeNumber(type));
    this.functionsBySlot.set(slot, created);
    this.inputs.changed();
    return created;
  }

  /** Addresses of all functions' slots. */
  get functionSlots(): number[] {
    return [...this.functionsBySlot.keys()];
  }

  /** Calls of the function at `slot` come to `address` from now on. */
  setCode(slot: number, address: number): void {
    this.inputs.dataMemory.writeWord(slot, codeWord(this.inputs.cpu.isa, address));
  }

  /** Where calls of the function come to. */
  codeOf({ slot }: VsocFunction): number {
    return (this.inputs.dataMemory.readWord(slot) & ~1) >>> 0;
  }

  createTable(type: TableType): VsocTable {
    return createTable(this.inputs.dataMemory, type, this.limits.takeTable(type));
  }

  /** @throws UnsupportedError where no address space is left for it */
  createMemory(type: MemoryType): VsocMemory {
    const { cpu, dataMemory, guarded } = this.inputs;
    const memory = new VsocMemory(cpu, dataMemory, { ...this.limits.takeMemory(type), guarded }, type);
    this.memories.push(memory);
    return memory;
  }

  /** memory.grow of the memory with this record: the old size in pages, or -1. */
  growMemory(record: number, pages: number): number {
    const memory = this.memories.find((candidate) => candidate.record === record);
    if (memory === undefined) throw new InternalError('memory.grow of an unknown memory');
    this.inputs.changed();
    return memory.grow(pages);
  }

  createGlobal(type: GlobalType, value: VsocValue): VsocGlobal {
    const [low = 0, high = 0] = wordsOfValue(value, this.references);
    return createGlobal(this.inputs.dataMemory, type, low, high);
  }

  globalValue({ cell, type }: VsocGlobal): VsocValue {
    const { dataMemory } = this.inputs;
    return valueOfWords(type.type, dataMemory.readWord(cell), dataMemory.readWord(cell + 4), this.references);
  }

  /** The same number for equal types of any module; never 0. */
  typeNumber(type: FunctionType): number {
    return this.typeNumbers.of(type);
  }

  private referenceWord(type: 'funcref' | 'externref', value: unknown): number {
    if (value === null || value === undefined) return 0;
    if (type === 'funcref') {
      const slot = (value as VsocFunction).slot;
      if (!this.functionsBySlot.has(slot)) throw new UsageError('a function reference of another virtual SoC');
      return slot;
    }
    const known = this.externalValues.indexOf(value);
    return known >= 0 ? known + 1 : this.externalValues.push(value);
  }

  private externalValue(word: number): unknown {
    return word === 0 ? null : this.externalValues[word - 1];
  }
}
