/** Bit strings, least significant bit first. */
import { InvalidInputError } from '@fireball/contracts';

export class BitWriter {
  private readonly out: number[] = [];
  private used = 0;

  /** Appends the `width` low bits of `value`. */
  put(value: number, width: number): void {
    for (let bit = 0; bit < width; bit++, this.used++) {
      if (this.used % 8 === 0) this.out.push(0);
      const last = this.out.length - 1;
      this.out[last] = (this.out[last] ?? 0) | (((value >> bit) & 1) << (this.used % 8));
    }
  }

  /** Padded with 0 to whole bytes. */
  bytes(): readonly number[] {
    return this.out;
  }
}

export class BitReader {
  private position: number;

  constructor(
    private readonly bytes: Uint8Array,
    start: number,
  ) {
    this.position = 8 * start;
  }

  /** @throws InvalidInputError with the byte offset, at the end of the bytes */
  get(width: number): number {
    let value = 0;
    for (let bit = 0; bit < width; bit++, this.position++) {
      const byte = this.bytes[this.position >> 3];
      if (byte === undefined) throw new InvalidInputError('the packed set ends early', { offset: this.position >> 3 });
      value |= ((byte >> (this.position & 7)) & 1) << bit;
    }
    return value;
  }

  /** Offset of the byte after the last one read. */
  end(): number {
    return (this.position + 7) >> 3;
  }
}
