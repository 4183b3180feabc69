import { WasiError } from '../errno.js';
import type { Content } from './store.js';

/** Largest size of a file in bytes; beyond is EFBIG. */
export const maxFileBytes = 2 ** 32;

/** Bytes of memory that the files of a volume may take together. */
export class MemoryBudget {
  private used = 0;
  constructor(private readonly limit: number) {}

  fits(bytes: number): boolean {
    return this.used + bytes <= this.limit;
  }

  /** @throws WasiError `nospc` */
  take(bytes: number): void {
    if (!this.fits(bytes)) throw new WasiError('nospc');
    this.used += bytes;
  }
}

/** A file that exists in memory only. */
export class MemoryContent implements Content {
  readonly writable = true;
  size: number;

  /** @param bytes become the content's own */
  constructor(
    private readonly budget: MemoryBudget,
    private bytes: Uint8Array = new Uint8Array(0),
  ) {
    budget.take(bytes.length);
    this.size = bytes.length;
  }

  read(offset: number, target: Uint8Array): number {
    const part = this.bytes.subarray(offset, Math.min(this.size, offset + target.length));
    target.set(part);
    return part.length;
  }

  write(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    this.reserve(end);
    this.bytes.set(bytes, offset);
    this.size = Math.max(this.size, end);
  }

  resize(size: number): void {
    this.reserve(size);
    // What is cut off must not come back when the file grows again.
    if (size < this.size) this.bytes.fill(0, size, this.size);
    this.size = size;
  }

  sync(): void {
    // There is no disk.
  }

  setTimes(): void {
    // The node has them.
  }

  close(): void {
    this.budget.take(-this.bytes.length);
    this.bytes = new Uint8Array(0);
    this.size = 0;
  }

  private reserve(size: number): void {
    if (size <= this.bytes.length) return;
    // Appending must not copy everything each time; a file may still take all that the budget has.
    const doubled = Math.max(size, this.bytes.length * 2);
    const room = this.budget.fits(doubled - this.bytes.length) ? doubled : size;
    this.budget.take(room - this.bytes.length);
    const grown = new Uint8Array(room);
    grown.set(this.bytes.subarray(0, this.size));
    this.bytes = grown;
  }
}
