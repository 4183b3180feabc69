import type { ByteOffset } from '@fireball/contracts';

/** Numbers of any length. */
export class NumberReader {
  /** Offset behind the number that was read last. */
  next: ByteOffset = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** An index, LEB128, at `position`; -1 where it is malformed or so large that it names nothing. */
  index(position: ByteOffset): number {
    const behind = this.skipUnsigned(position);
    if (behind < 0) return -1;
    const { bytes } = this;
    let value = 0;
    for (let at = behind - 1; at >= position; at--) value = value * 0x80 + (bytes[at]! & 0x7f);
    this.next = behind;
    return value < 0x8000_0000 ? value : -1;
  }

  /** Offset behind an unsigned number of 32 bits at `position`; -1 where it is malformed (core spec 5.2.2). */
  skipUnsigned(position: ByteOffset): ByteOffset {
    const { bytes } = this;
    for (let left = 4; left > 0; left--) if (bytes[position++]! < 0x80) return position;
    return bytes[position]! <= 0x0f ? position + 1 : -1;
  }

  /** Offset behind a signed number of `most` bytes at most at `position`; -1 where it is malformed (core spec 5.2.2). */
  skipSigned(position: ByteOffset, most: 5 | 10): ByteOffset {
    const { bytes } = this;
    for (let left = most - 1; left > 0; left--) if (bytes[position++]! < 0x80) return position;
    const last = bytes[position++]!;
    const isMinimal = most === 5 ? last <= 0x07 || (last >= 0x78 && last < 0x80) : last === 0 || last === 0x7f;
    return isMinimal ? position : -1;
  }
}
