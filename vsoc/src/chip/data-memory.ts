import { NoRoomError, type CpuBackend } from '@fireball/contracts';
import type { HostWrites } from './host-writes.js';
import type { AddressMap } from './memory-map.js';

/** What the high part grows by: mappings are few in the CPU library (Arm: about a thousand) and each slows down the next, so every so many regions the next ones are twice as long. */
const regionBytes = 0x4000;
const regionsOfALength = 32;

/** Guest RAM for instance data and the stack, with a view for the host. */
export class DataMemory {
  private readonly low: Uint8Array;
  private lowUsed = 0;
  private highMapped = 0;
  /** By ascending address; `used` bytes have been given away. */
  private readonly highRegions: { readonly base: number; readonly bytes: Uint8Array; used: number }[] = [];

  constructor(
    private readonly cpu: CpuBackend,
    private readonly map: AddressMap,
    readonly stackBytes: number,
    private readonly hostWrites: HostWrites,
  ) {
    const { base, size } = map.resultBuffer;
    this.highRegions.push({ base, bytes: cpu.mapRam(base, size, { read: true, write: true, execute: false }), used: size });
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
    const { lowData } = this.map;
    if (this.lowUsed + bytes <= lowData.size) {
      const address = lowData.base + this.lowUsed;
      this.lowUsed += bytes;
      return address;
    }
    const region = this.regionFor(bytes);
    const address = region.base + region.used;
    region.used += bytes;
    return address;
  }

  /** The newest region of the high part, or a new one. */
  private regionFor(bytes: number): { readonly base: number; used: number } {
    const newest = this.highRegions.at(-1);
    if (newest !== undefined && newest.used + bytes <= newest.bytes.length) return newest;
    const { pageSize } = this.cpu;
    const { highData } = this.map;
    const left = highData.size - this.highMapped;
    const needed = Math.ceil(Math.max(bytes, 1) / pageSize) * pageSize;
    if (needed > left) throw new NoRoomError(`${needed} more bytes of instance data where ${left} are left`);
    const usual = regionBytes * 2 ** Math.floor(this.highRegions.length / regionsOfALength);
    const length = Math.max(needed, Math.min(usual, left));
    const base = highData.base + this.highMapped;
    this.highMapped += length;
    const region = { base, bytes: this.cpu.mapRam(base, length, { read: true, write: true, execute: false }), used: 0 };
    this.highRegions.push(region);
    return region;
  }

  /** Bytes as they are now, without a copy; undefined where not all of them are memory. */
  view(address: number, length: number): Uint8Array | undefined {
    const { bytes, offset } = this.locate(address);
    return offset >= 0 && offset + length <= bytes.length ? bytes.subarray(offset, offset + length) : undefined;
  }

  private locate(address: number): { bytes: Uint8Array; offset: number } {
    const high = this.highRegionAt(address);
    if (high !== undefined) return { bytes: high.bytes, offset: address - high.base };
    return { bytes: this.low, offset: address - this.map.lowData.base };
  }

  private highRegionAt(address: number): { readonly base: number; readonly bytes: Uint8Array } | undefined {
    let [first, end] = [0, this.highRegions.length];
    while (first < end) {
      const middle = (first + end) >> 1;
      if (this.highRegions[middle]!.base <= address) first = middle + 1;
      else end = middle;
    }
    const last = this.highRegions[first - 1];
    return last !== undefined && address < last.base + last.bytes.length ? last : undefined;
  }

  /** What has been allocated, in pieces. */
  regions(): { readonly base: number; readonly bytes: Uint8Array }[] {
    const { lowData, resultBuffer } = this.map;
    const high = this.highRegions.filter(({ base }) => base !== resultBuffer.base);
    return [
      { base: lowData.base, bytes: this.low.subarray(0, this.lowUsed) },
      ...high.map(({ base, bytes, used }) => ({ base, bytes: bytes.subarray(0, used) })),
    ];
  }

  /** All of its RAM: instance data with the stack, the result buffer, further instance data. */
  get ram(): readonly { readonly base: number; readonly bytes: Uint8Array }[] {
    return [{ base: this.map.lowData.base, bytes: this.low }, ...this.highRegions];
  }

  /** The stack's words from `sp` up. */
  stackWords(sp: number): Int32Array {
    const begin = this.low.byteOffset + Math.min(Math.max(sp - this.map.lowData.base, 0), this.low.length);
    return new Int32Array(this.low.buffer, begin, (this.low.byteOffset + this.low.length - begin) >> 2);
  }

  readWord(address: number): number {
    const { bytes, offset } = this.locate(address);
    return new DataView(bytes.buffer, bytes.byteOffset).getInt32(offset, true);
  }

  writeBytes(address: number, content: Uint8Array): void {
    const { bytes, offset } = this.locate(address);
    bytes.set(content, offset);
    this.hostWrites.memory(address, content);
  }

  writeWord(address: number, value: number): void {
    const { bytes, offset } = this.locate(address);
    new DataView(bytes.buffer, bytes.byteOffset).setInt32(offset, value | 0, true);
    this.hostWrites.memory(address, bytes.subarray(offset, offset + 4));
  }
}
