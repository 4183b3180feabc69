import { InvalidInputError } from '@fireball/contracts';
import type { ElfLayout } from './elf-layout.js';

/** Longest name that is read: hostile tables could make every entry share one huge string. */
export const maxNameLength = 4096;

/** Little-endian reads with bounds checks that name the byte offset and the part being read. */
export class ElfReader {
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    readonly layout: ElfLayout,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws InvalidInputError if [offset, offset + size) is not inside the file. */
  need(offset: number, size: number, section: string): void {
    if (offset + size > this.bytes.length)
      throw new InvalidInputError(`file ends at 0x${this.bytes.length.toString(16)}, ${size} bytes needed`, { offset, section });
  }

  u8(offset: number, section: string): number {
    this.need(offset, 1, section);
    return this.view.getUint8(offset);
  }

  u16(offset: number, section: string): number {
    this.need(offset, 2, section);
    return this.view.getUint16(offset, true);
  }

  u32(offset: number, section: string): number {
    this.need(offset, 4, section);
    return this.view.getUint32(offset, true);
  }

  /** An address, offset or size of the file's class. */
  word(offset: number, section: string): number {
    if (this.layout.bits === 32) return this.u32(offset, section);
    const value = this.u64(offset, section);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new InvalidInputError(`0x${value.toString(16)} is beyond all memory`, { offset, section });
    return Number(value);
  }

  /** An addend of the file's class. */
  signedWord(offset: number, section: string): number {
    return this.layout.bits === 32 ? this.u32(offset, section) | 0 : Number(BigInt.asIntN(64, this.u64(offset, section)));
  }

  /** `r_info`. */
  relocationInfo(offset: number, section: string): { readonly symbol: number; readonly type: number } {
    const low = this.u32(offset, section);
    return this.layout.bits === 32 ? { symbol: low >>> 8, type: low & 0xff } : { symbol: this.u32(offset + 4, section), type: low };
  }

  private u64(offset: number, section: string): bigint {
    this.need(offset, 8, section);
    return this.view.getBigUint64(offset, true);
  }

  slice(offset: number, size: number, section: string): Uint8Array {
    this.need(offset, size, section);
    return this.bytes.subarray(offset, offset + size);
  }

  /** The zero-terminated string at `index` of the string table [start, start + size). */
  string(start: number, size: number, index: number, section: string): string {
    if (index === 0 && size === 0) return '';
    const end = Math.min(start + size, start + index + maxNameLength + 1);
    let text = '';
    for (let at = start + index; at < end; at++) {
      const code = this.u8(at, section);
      if (code === 0) return text;
      text += String.fromCharCode(code);
    }
    throw new InvalidInputError(`name without end, or longer than ${maxNameLength} bytes`, { offset: start + index, section });
  }
}
