import { Trap } from '../trap.js';
import type { TableType } from '../types.js';

/** A table of references, held as the store's reference numbers (0 = null). */
export class TableInstance {
  readonly kind = 'table';
  private entries: Int32Array;

  /** @param mostElements growing beyond fails as if out of memory */
  constructor(
    readonly type: TableType,
    private readonly mostElements: number,
    initial = 0,
  ) {
    this.entries = new Int32Array(type.limits.min).fill(initial);
  }

  get size(): number {
    return this.entries.length;
  }

  /** The reference at `index`, or undefined where the table has no such element. */
  at(index: number): number | undefined {
    return this.entries[index];
  }

  private check(start: number, length: number): void {
    if (start + length > this.entries.length) throw new Trap('out of bounds table access');
  }

  get(index: number): number {
    this.check(index, 1);
    return this.entries[index] ?? 0;
  }

  set(index: number, reference: number): void {
    this.check(index, 1);
    this.entries[index] = reference;
  }

  /** Grows by `delta` elements and returns the old size, or -1. */
  grow(delta: number, initial: number): number {
    const old = this.entries.length;
    if (old + delta > this.mostElements) return -1;
    const entries = new Int32Array(old + delta);
    entries.set(this.entries);
    entries.fill(initial, old);
    this.entries = entries;
    return old;
  }

  fill(start: number, reference: number, length: number): void {
    this.check(start, length);
    this.entries.fill(reference, start, start + length);
  }

  /** `table.copy`; `source` may be this table. */
  copy(source: TableInstance, to: number, from: number, length: number): void {
    source.check(from, length);
    this.check(to, length);
    this.entries.set(source.entries.subarray(from, from + length), to);
  }

  /** Copies `length` references of an element segment, from `from` on. */
  init(elements: Int32Array, to: number, from: number, length: number): void {
    if (from + length > elements.length) throw new Trap('out of bounds table access');
    this.check(to, length);
    this.entries.set(elements.subarray(from, from + length), to);
  }
}
