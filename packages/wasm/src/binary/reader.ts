import { InvalidInputError, type ByteOffset } from '@fireball/contracts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Cursor over module bytes. Offsets count from the start of the file. Like the spec's own decoder it is bounded by the
 * whole input, not by the current section: a section that is too short or too long is found by its size check.
 * Errors carry the offset, the section's name and the spec interpreter's words.
 */
export class ByteReader {
  /** Offset of the next byte. */
  offset: ByteOffset;
  /** Name of the section being read, for errors. */
  section: string | undefined;
  protected readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    offset: ByteOffset = 0,
    section?: string,
  ) {
    this.offset = offset;
    this.section = section;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  /** Fails at `offset`, by default at the next byte. */
  fail(problem: string, offset: ByteOffset = this.offset, hint?: string): never {
    throw new InvalidInputError(problem, { offset, section: this.section, hint });
  }

  protected unexpectedEnd(): never {
    return this.fail('unexpected end of section or function', this.bytes.length);
  }

  byte(): number {
    const byte = this.bytes[this.offset];
    if (byte === undefined) return this.unexpectedEnd();
    this.offset++;
    return byte;
  }

  /** The next byte without moving, or undefined at the end. */
  peek(): number | undefined {
    return this.bytes[this.offset];
  }

  /** Moves over `count` bytes. */
  skip(count: number): void {
    if (count > this.remaining) this.unexpectedEnd();
    this.offset += count;
  }

  /** Fixed-width little-endian 32 bits, unsigned. */
  fixed32(): number {
    if (this.remaining < 4) this.unexpectedEnd();
    const value = this.view.getUint32(this.offset, true);
    this.offset += 4;
    return value;
  }

  /** Fixed-width little-endian 64 bits, unsigned. */
  fixed64(): bigint {
    if (this.remaining < 8) this.unexpectedEnd();
    const value = this.view.getBigUint64(this.offset, true);
    this.offset += 8;
    return value;
  }

  /** LEB128, unsigned 32 bits, at most 5 bytes. */
  u32(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    byte = this.byte();
    if (byte >= 0x80) this.fail('integer representation too long', this.offset - 1);
    if (byte > 0x0f) this.fail('integer too large', this.offset - 1);
    return (value | (byte << 28)) >>> 0;
  }

  /** LEB128, signed 32 bits, at most 5 bytes. */
  s32(): number {
    let value = 0;
    let byte: number;
    for (let shift = 0; shift < 28; shift += 7) {
      byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value << (25 - shift)) >> (25 - shift);
    }
    byte = this.byte();
    if (byte >= 0x80) this.fail('integer representation too long', this.offset - 1);
    if (byte > 0x07 && byte < 0x78) this.fail('integer too large', this.offset - 1);
    return value | (byte << 28);
  }

  /** LEB128, signed 33 bits (block types), at most 5 bytes. */
  s33(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value << (25 - shift)) >> (25 - shift);
    }
    const byte = this.byte();
    if (byte >= 0x80) this.fail('integer representation too long', this.offset - 1);
    if (byte > 0x0f && byte < 0x70) this.fail('integer too large', this.offset - 1);
    const unsigned = (value | (byte << 28)) >>> 0;
    return byte < 0x40 ? unsigned : unsigned - 0x1_0000_0000;
  }

  /** LEB128, signed 64 bits, at most 10 bytes. */
  s64(): bigint {
    let low = 0;
    // Up to four bytes fit in int32 arithmetic, which is nearly every constant.
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt((low << (25 - shift)) >> (25 - shift));
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 63n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(Number(shift) + 7, value);
    }
    const byte = this.byte();
    if (byte >= 0x80) this.fail('integer representation too long', this.offset - 1);
    if (byte !== 0 && byte !== 0x7f) this.fail('integer too large', this.offset - 1);
    return BigInt.asIntN(64, value | (BigInt(byte) << 63n));
  }

  /** A size in bytes of something that must lie within the input. */
  length(): number {
    const start = this.offset;
    const length = this.u32();
    if (length > this.remaining) this.fail('length out of bounds', start);
    return length;
  }

  /** A length-prefixed UTF-8 name. */
  name(): string {
    const length = this.length();
    const start = this.offset;
    this.offset += length;
    try {
      return utf8.decode(this.bytes.subarray(start, this.offset));
    } catch {
      return this.fail('malformed UTF-8 encoding', start);
    }
  }

  /**
   * Reads `count` items. Every item takes at least one byte and the list grows as they come: a hostile count runs into
   * the end of the input before it costs memory.
   */
  list<T>(count: number, item: () => T): T[] {
    const items: T[] = [];
    for (let left = count; left > 0; left--) items.push(item());
    return items;
  }

  /** Reads a counted vector. */
  vector<T>(item: () => T): T[] {
    return this.list(this.u32(), item);
  }

  zeroByte(): void {
    if (this.byte() !== 0) this.fail('zero byte expected', this.offset - 1);
  }
}
