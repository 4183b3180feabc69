import type { DataSegment, ElementSegment, WasmModule } from '@fireball/wasm';
import type { DataMemory } from '../../chip/data-memory.js';
import { InstantiationTrap } from '../traps.js';
import type { IndexSpaces } from './index-spaces.js';

/** Guest memory that nothing writes while the instance lives. */
export interface ConstantData {
  readonly address: number;
  readonly size: number;
}

/** An instance's data and element segments in guest memory: a record {length, address} each. */
export class Segments {
  readonly dataRecords: readonly number[];
  readonly elementRecords: readonly number[];
  /** Contents of the passive ones. */
  readonly contents: ConstantData[] = [];

  constructor(
    private readonly dataMemory: DataMemory,
    private readonly module: WasmModule,
    private readonly spaces: IndexSpaces,
  ) {
    this.dataRecords = Array.from(module.data, (segment) => this.createDataRecord(segment));
    this.elementRecords = module.elements.map((segment) => this.createElementRecord(segment));
  }

  /** Passive segments keep their bytes in guest memory; the others count as dropped. */
  private createDataRecord(segment: DataSegment): number {
    const { dataMemory } = this;
    const record = dataMemory.allocate(8);
    if (segment.mode !== 'passive') return record;
    const bytes = this.bytesOf(segment);
    dataMemory.writeBytes(this.allocateContents(record, bytes.length, bytes.length), bytes);
    return record;
  }

  private createElementRecord(segment: ElementSegment): number {
    const { dataMemory } = this;
    const record = dataMemory.allocate(8);
    if (segment.mode !== 'passive') return record;
    const words = this.wordsOf(segment);
    const address = this.allocateContents(record, words.length, 4 * words.length);
    words.forEach((word, index) => dataMemory.writeWord(address + 4 * index, word));
    return record;
  }

  /** Room for the contents of a passive segment, which its record tells of. */
  private allocateContents(record: number, length: number, size: number): number {
    const { dataMemory } = this;
    const address = dataMemory.allocate(size);
    this.contents.push({ address, size });
    dataMemory.writeWord(record, length);
    dataMemory.writeWord(record + 4, address);
    return address;
  }

  private bytesOf({ content }: DataSegment): Uint8Array {
    return this.module.bytes.subarray(content.start, content.end);
  }

  private wordsOf({ init }: ElementSegment): number[] {
    const { spaces } = this;
    if (init.kind === 'functions') return init.indices.map((index) => spaces.functions[index]?.slot ?? 0);
    return init.expressions.map((expression) => Number(spaces.evaluate(expression)));
  }

  /**
   * Copies the active ones to tables, then to memories.
   * @throws InstantiationTrap at the first that does not fit; those before it stay
   */
  applyActive(): void {
    for (const segment of this.module.elements) if (segment.mode === 'active') this.applyElements(segment);
    for (const segment of this.module.data) if (segment.mode === 'active') this.applyData(segment);
  }

  private applyElements(segment: ElementSegment): void {
    const { dataMemory, spaces } = this;
    if (segment.position === undefined) return;
    const table = spaces.tables[segment.table];
    const words = this.wordsOf(segment);
    const start = Number(spaces.evaluate(segment.position)) >>> 0;
    if (table === undefined || start + words.length > dataMemory.readWord(table.record) >>> 0) {
      throw new InstantiationTrap({ kind: 'out of bounds table access', wasmOffset: segment.offset, functionIndex: null });
    }
    words.forEach((word, index) => dataMemory.writeWord(table.elements + 4 * (start + index), word));
  }

  private applyData(segment: DataSegment): void {
    const { spaces } = this;
    if (segment.position === undefined) return;
    const memory = spaces.memories[segment.memory];
    const bytes = this.bytesOf(segment);
    const start = Number(spaces.evaluate(segment.position)) >>> 0;
    if (memory === undefined || start + bytes.length > memory.byteLength) {
      throw new InstantiationTrap({ kind: 'out of bounds memory access', wasmOffset: segment.offset, functionIndex: null });
    }
    memory.bytes.set(bytes, start);
  }
}
