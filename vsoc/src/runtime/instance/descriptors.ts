import type { BulkOpName } from '@fireball/wasm';
import type { DataMemory } from '../../chip/data-memory.js';
import type { IndexSpaces } from './index-spaces.js';
import type { ConstantData, Segments } from './segments.js';

/** What the routines of memory and table instructions work on: a record, or a pair of records, which is made when code first asks for it. */
export class Descriptors {
  /** Pairs of records. */
  readonly pairs: ConstantData[] = [];
  /** Addresses of the pairs, by the records. */
  private readonly addresses = new Map<string, number>();

  constructor(
    private readonly dataMemory: DataMemory,
    private readonly spaces: IndexSpaces,
    private readonly segments: Segments,
  ) {}

  /** The instruction's, with its immediates in the module's order. */
  addressOf(op: BulkOpName, a: number, b: number): number {
    const { dataRecords, elementRecords } = this.segments;
    const memory = (): number => this.spaces.memories[0]?.record ?? 0;
    const table = (index: number): number => this.spaces.tables[index]?.record ?? 0;
    switch (op) {
      case 'memory.init':
        return this.pair(memory(), dataRecords[a] ?? 0);
      case 'table.init':
        return this.pair(table(b), elementRecords[a] ?? 0);
      case 'table.copy':
        return this.pair(table(a), table(b));
      case 'table.get':
      case 'table.set':
      case 'table.grow':
      case 'table.fill':
        return table(a);
      case 'memory.grow':
      case 'memory.copy':
      case 'memory.fill':
        return memory();
    }
  }

  private pair(first: number, second: number): number {
    const key = `${first}:${second}`;
    let address = this.addresses.get(key);
    if (address === undefined) {
      address = this.dataMemory.allocate(8);
      this.dataMemory.writeWord(address, first);
      this.dataMemory.writeWord(address + 4, second);
      this.pairs.push({ address, size: 8 });
      this.addresses.set(key, address);
    }
    return address;
  }
}
