/** Little-endian bytes one after the other, and DWARF's numbers of variable length (DWARF 4, section 7.6). */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  #room(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  u8(value: number): void {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#room(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
  }

  /** A whole number from 0 to 2^53. */
  uleb(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.u8((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.u8(rest);
  }

  /** A whole number from -2^53 to 2^53. */
  sleb(value: number): void {
    let rest = value;
    while (rest < -64 || rest > 63) {
      const low = ((rest % 128) + 128) % 128;
      this.u8(low | 128);
      rest = Math.floor(rest / 128);
    }
    this.u8(rest & 127);
  }

  /** Its bytes as UTF-8, up to the first zero character, and a zero. */
  text(text: string): void {
    const [upToZero = ''] = text.split('\0');
    this.bytes(new TextEncoder().encode(upToZero));
    this.u8(0);
  }

  bytes(bytes: ArrayLike<number>): void {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** What `write` writes, behind its size in 32 bits. */
  sized(write: () => void): void {
    const at = this.#length;
    this.u32(0);
    write();
    this.setU32(at, this.#length - at - 4);
  }

  /** Zero bytes up to a multiple of `size`, counted from `from`. */
  align(size: number, from = 0): void {
    while ((this.#length - from) % size !== 0) this.u8(0);
  }

  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
