import type { CpuBackend } from '@fireball/contracts';
import type { MemoryGrant, MemoryType } from '@fireball/wasm';
import type { DataMemory } from '../chip/data-memory.js';

const recordBytes = 16;
const readWrite = { read: true, write: true, execute: false };

/** Address space for one memory. */
interface MemoryPlacement extends MemoryGrant {
  /** Take access from the pages beyond the memory's size. */
  readonly guarded: boolean;
}

/**
 * A linear memory at a fixed address, with room to grow in place. Pages beyond its size are mapped
 * without access, as a net under the checks in generated code; not where the guest itself grows it.
 * Record: {size in bytes, base, maximal pages, page size}.
 */
export class VsocMemory {
  readonly kind = 'memory';
  readonly record: number;
  readonly base: number;
  private readonly ram: Uint8Array;
  private readonly guarded: boolean;
  /** Bytes of address space. */
  readonly capacity: number;
  /** Called before the size changes: code that was compiled for a fixed size must go. */
  private readonly sizeWatchers: (() => void)[] = [];

  constructor(
    private readonly cpu: CpuBackend,
    private readonly data: DataMemory,
    place: MemoryPlacement,
    readonly type: MemoryType,
  ) {
    const { base, mostPages, guarded } = place;
    const minBytes = type.limits.min * type.pageSize;
    this.base = base;
    this.guarded = guarded;
    this.capacity = Math.ceil(Math.max(mostPages * type.pageSize, 1) / cpu.pageSize) * cpu.pageSize;
    this.ram = cpu.mapRam(base, this.capacity, readWrite, this.accessible(minBytes));
    this.record = data.allocate(recordBytes);
    data.writeWord(this.record, minBytes);
    data.writeWord(this.record + 4, base);
    data.writeWord(this.record + 8, mostPages);
    data.writeWord(this.record + 12, type.pageSize);
  }

  get byteLength(): number {
    return this.data.readWord(this.record) >>> 0;
  }

  /** All of its address space, the part that it may grow into included. */
  region(): { readonly base: number; readonly bytes: Uint8Array } {
    return { base: this.base, bytes: this.ram };
  }

  get bytes(): Uint8Array {
    return this.ram.subarray(0, this.byteLength);
  }

  get maxPages(): number {
    return this.data.readWord(this.record + 8) >>> 0;
  }

  onResize(watcher: () => void): void {
    this.sizeWatchers.push(watcher);
  }

  /** Another instance imports it: nobody may count on its size any more. */
  share(): void {
    for (const watcher of this.sizeWatchers) watcher();
  }

  /** memory.grow: the old size in pages, or -1. */
  grow(pages: number): number {
    const { pageSize } = this.type;
    const old = this.byteLength / pageSize;
    if (old + pages > this.maxPages) return -1;
    if (pages === 0) return old;
    for (const watcher of this.sizeWatchers) watcher();
    const bytes = (old + pages) * pageSize;
    const [accessible, wanted] = [this.accessible(old * pageSize), this.accessible(bytes)];
    if (wanted > accessible) this.cpu.protect(this.base + accessible, wanted - accessible, readWrite);
    this.data.writeWord(this.record, bytes);
    return old;
  }

  /** Bytes that the guest may access where the memory has `bytes` bytes: whole pages of the CPU. */
  private accessible(bytes: number): number {
    return this.guarded ? Math.ceil(bytes / this.cpu.pageSize) * this.cpu.pageSize : this.capacity;
  }
}
