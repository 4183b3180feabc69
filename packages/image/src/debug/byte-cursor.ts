/** The bytes ended, or hold a number that no address or index can be. Caught by who reads the part; nobody else sees it. */
export class BrokenBytes extends Error {}

/** Little-endian reads one after the other, within [at, end). */
export class ByteCursor {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(
    bytes: Uint8Array,
    public at = 0,
    readonly end = bytes.length,
  ) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (at > end || end > bytes.length) throw new BrokenBytes(`the section ends at 0x${bytes.length.toString(16)}, before 0x${Math.max(at, end).toString(16)}`);
  }

  #take(size: number): number {
    const { at } = this;
    if (!(size <= this.end - at)) throw new BrokenBytes(`${size} bytes needed at 0x${at.toString(16)}, where only ${this.end - at} are left`);
    this.at += size;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  i8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): number {
    const value = this.#view.getBigUint64(this.#take(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new BrokenBytes(`0x${value.toString(16)} is beyond all memory`);
    return Number(value);
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes. */
  unsigned(size: number): number {
    switch (size) {
      case 1:
        return this.u8();
      case 2:
        return this.u16();
      case 4:
        return this.u32();
      case 8:
        return this.u64();
      default:
        throw new BrokenBytes(`numbers of ${size} bytes`);
    }
  }

  /** LEB128. */
  uleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 127) * scale;
      if (!Number.isSafeInteger(value)) throw new BrokenBytes('a number of more than 53 bits');
      if (byte < 128) return value;
      if (scale > 2 ** 70) throw new BrokenBytes('a number without end');
    }
  }

  /** Signed LEB128. */
  sleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 127) * scale;
      if (byte < 128) {
        if ((byte & 64) !== 0) value -= scale * 128;
        if (!Number.isSafeInteger(value)) throw new BrokenBytes('a number of more than 53 bits');
        return value;
      }
      if (scale > 2 ** 56) throw new BrokenBytes('a number of more than 53 bits');
    }
  }

  skip(size: number): void {
    this.#take(size);
  }

  bytes(size: number): Uint8Array {
    const at = this.#take(size);
    return this.#bytes.subarray(at, at + size);
  }

  /** The bytes up to a zero, which is passed too. */
  string(): string {
    const { at } = this;
    this.passString();
    return new TextDecoder().decode(this.#bytes.subarray(at, this.at - 1));
  }

  /** Passes the bytes up to a zero, and that. */
  passString(): void {
    const zero = this.#bytes.indexOf(0, this.at);
    if (zero < 0 || zero >= this.end) throw new BrokenBytes(`text without end at 0x${this.at.toString(16)}`);
    this.at = zero + 1;
  }
}
