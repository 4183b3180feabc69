import type { Isa } from '@fireball/contracts';
import type { FunctionType, GlobalType, TableType } from '@fireball/wasm';
import type { DataMemory } from '../chip/data-memory.js';
import type { VsocMemory } from './linear-memory.js';

/** What crosses a module's border on the virtual SoC. Identity is the address of the record in guest memory. */
export type VsocExtern = VsocFunction | VsocTable | VsocMemory | VsocGlobal;

/** A code address as slots, registers and pointers have it: bit 0 says Thumb. */
export function codeWord(isa: Isa, address: number): number {
  return isa === 'thumb2' ? address | 1 : address;
}

/** A function's slot: code address, canonical type number. Its address is the function reference. */
export interface VsocFunction {
  readonly kind: 'function';
  readonly slot: number;
  readonly type: FunctionType;
}

/** A global in guest memory. */
export interface VsocGlobal {
  readonly kind: 'global';
  /** Address of the 8-byte cell. */
  readonly cell: number;
  readonly type: GlobalType;
}

/** A table: record {count, maximum, elements, capacity}, one word per element. */
export interface VsocTable {
  readonly kind: 'table';
  readonly record: number;
  readonly elements: number;
  /** Elements that there is room for. */
  readonly capacity: number;
  readonly type: TableType;
}

export const slotBytes = 8;
export const globalBytes = 8;
const tableRecordBytes = 16;

/** @param capacity most elements that it may have */
export function createTable(data: DataMemory, type: TableType, capacity: number): VsocTable {
  const { min, max } = type.limits;
  const record = data.allocate(tableRecordBytes);
  const elements = data.allocate(4 * capacity);
  data.writeWord(record, min);
  data.writeWord(record + 4, max ?? 0xffff_ffff);
  data.writeWord(record + 8, elements);
  data.writeWord(record + 12, capacity);
  return { kind: 'table', record, elements, capacity, type };
}

/** How many elements a table has that cannot grow; undefined where it can. */
export function fixedCount({ min, max }: TableType['limits']): number | undefined {
  return min === max ? min : undefined;
}

export function createGlobal(data: DataMemory, type: GlobalType, low: number, high: number): VsocGlobal {
  const cell = data.allocate(globalBytes);
  data.writeWord(cell, low);
  data.writeWord(cell + 4, high);
  return { kind: 'global', cell, type };
}
