import { UnsupportedError, type CpuBackend } from '@fireball/contracts';

interface Range {
  readonly base: number;
  readonly size: number;
}

/** A piece of flash with the host's view of it. */
export interface FlashRegion {
  readonly base: number;
  readonly bytes: Uint8Array;
}

/** Memory that the host fills and the guest reads and executes, but cannot write. */
export class Flash {
  private used = 0;

  constructor(
    private readonly cpu: CpuBackend,
    private readonly range: Range,
  ) {}

  /** Reserves zeroed memory, a whole number of pages. */
  allocate(size: number): FlashRegion {
    const { pageSize } = this.cpu;
    const length = Math.ceil(Math.max(size, 1) / pageSize) * pageSize;
    if (this.used + length > this.range.size) throw new UnsupportedError(`${length} more bytes of interpreted code`);
    const base = this.range.base + this.used;
    this.used += length;
    return { base, bytes: this.cpu.mapRam(base, length, { read: true, write: false, execute: true }) };
  }
}

/** Places pieces one behind the other, word-aligned, before their address is known. */
export class Layout {
  size = 0;

  /** Returns the piece's offset. */
  place(bytes: number, alignment = 4): number {
    const offset = Math.ceil(this.size / alignment) * alignment;
    this.size = offset + bytes;
    return offset;
  }
}
