import { UnsupportedError } from '@fireball/contracts';
import { Trap } from '../trap.js';
import type { MemoryType } from '../types.js';

/** Zeroed memory, or undefined where the host has not that much. */
function allocate(byteLength: number): ArrayBuffer | undefined {
  try {
    return new ArrayBuffer(byteLength);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A linear memory. Its buffer is replaced when it grows: do not keep `bytes` or `view` across calls. */
export class MemoryInstance {
  readonly kind = 'memory';
  bytes: Uint8Array;
  view: DataView;
  /** Size in bytes. */
  byteLength: number;
  readonly pageSize: number;

  /** @param mostPages growing beyond fails as if out of memory */
  constructor(
    readonly type: MemoryType,
    private readonly mostPages: number,
  ) {
    const { min } = type.limits;
    this.pageSize = type.pageSize;
    this.byteLength = min * type.pageSize;
    const buffer = allocate(this.byteLength);
    if (buffer === undefined) throw new UnsupportedError(`a memory of ${min} pages of ${type.pageSize} bytes, which this machine has not`);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }

  get pages(): number {
    return this.byteLength / this.pageSize;
  }

  /** Grows by `delta` pages and returns the old number of pages, or -1. */
  grow(delta: number): number {
    const old = this.pages;
    if (old + delta > this.mostPages) return -1;
    if (delta === 0) return old;
    const buffer = allocate((old + delta) * this.pageSize);
    if (buffer === undefined) return -1;
    const bytes = new Uint8Array(buffer);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = new DataView(buffer);
    this.byteLength = bytes.length;
    return old;
  }

  /** Traps unless [address, address + length) lies inside; both are exact integers, beyond 32 bits too. */
  check(address: number, length: number): void {
    if (address + length > this.byteLength) throw new Trap('out of bounds memory access');
  }

  fill(address: number, value: number, length: number): void {
    this.check(address, length);
    this.bytes.fill(value, address, address + length);
  }

  copy(to: number, from: number, length: number): void {
    this.check(from, length);
    this.check(to, length);
    this.bytes.copyWithin(to, from, from + length);
  }

  /** Copies `length` bytes of a data segment's `content`, from `from` on. */
  init(content: Uint8Array, to: number, from: number, length: number): void {
    if (from + length > content.length) throw new Trap('out of bounds memory access');
    this.check(to, length);
    this.bytes.set(content.subarray(from, from + length), to);
  }
}
