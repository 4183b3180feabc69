import { UnsupportedError, type CpuBackend } from '@fireball/contracts';
import type { AddressMap } from './memory-map.js';

/** Guest RAM for instance data and the stack, with a view for the host. */
export class DataMemory {
  private readonly low: Uint8Array;
  private lowUsed = 0;
  private highUsed = 0;
  private readonly highRegions: { base: number; bytes: Uint8Array }[] = [];

  constructor(
    private readonly cpu: CpuBackend,
    private readonly map: AddressMap,
    readonly stackBytes: number,
  ) {
    const { base, size } = map.resultBuffer;
    this.highRegions.push({ base, bytes: cpu.mapRam(base, size, { read: true, write: true, execute: false }) });
    const lowBytes = map.lowData.size + map.stackReserve.size + stackBytes;
    this.low = cpu.mapRam(map.lowData.base, lowBytes, { read: true, write: true, execute: false });
  }

  /** Initial sp. */
  get stackTop(): number {
    return this.map.stack.base + this.stackBytes;
  }

  /** Reserves zeroed, 8-byte aligned guest memory; the cheap low part first. */
  allocate(size: number): number {
    const bytes = (size + 7) & ~7;
    const { lowData, highData } = this.map;
    if (this.lowUsed + bytes <= lowData.size) {
      const address = lowData.base + this.lowUsed;
      this.lowUsed += bytes;
      return address;
    }
    const { pageSize } = this.cpu;
    const length = Math.ceil(Math.max(bytes, 1) / pageSize) * pageSize;
    const base = highData.base + this.highUsed;
    if (this.highUsed + length > highData.size) throw new UnsupportedError(`${length} more bytes of instance data`);
    this.highUsed += length;
    this.highRegions.push({ base, bytes: this.cpu.mapRam(base, length, { read: true, write: true, execute: false }) });
    return base;
  }

  private locate(address: number): { bytes: Uint8Array; offset: number } {
    const high = this.highRegions.find((region) => address >= region.base && address < region.base + region.bytes.length);
    if (high !== undefined) return { bytes: high.bytes, offset: address - high.base };
    return { bytes: this.low, offset: address - this.map.lowData.base };
  }

  /** What has been allocated, in pieces. */
  regions(): { readonly base: number; readonly bytes: Uint8Array }[] {
    const { lowData, resultBuffer } = this.map;
    const high = this.highRegions.filter(({ base }) => base !== resultBuffer.base);
    return [{ base: lowData.base, bytes: this.low.subarray(0, this.lowUsed) }, ...high];
  }

  readWord(address: number): number {
    const { bytes, offset } = this.locate(address);
    return new DataView(bytes.buffer, bytes.byteOffset).getInt32(offset, true);
  }

  writeBytes(address: number, content: Uint8Array): void {
    const { bytes, offset } = this.locate(address);
    bytes.set(content, offset);
  }

  writeWord(address: number, value: number): void {
    const { bytes, offset } = this.locate(address);
    new DataView(bytes.buffer, bytes.byteOffset).setInt32(offset, value | 0, true);
  }
}
