/** A growing sequence of bytes, with the integers of the binary format. */
export class ByteWriter {
  private buffer = new Uint8Array(1024);
  length = 0;

  private reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.reserve(1);
    this.buffer[this.length++] = value;
  }

  append(bytes: ArrayLike<number>): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Unsigned LEB128. */
  unsigned(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** Signed LEB128 of a 32-bit value. */
  signed(value: number): void {
    let rest = value;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      const isLast = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40);
      this.byte(isLast ? low : low | 0x80);
      if (isLast) return;
    }
  }

  /** Signed LEB128 of a 64-bit value. */
  signedWide(value: bigint): void {
    if (BigInt.asIntN(32, value) === value) {
      this.signed(Number(value));
      return;
    }
    let rest = value;
    for (;;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      const isLast = (rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40);
      this.byte(isLast ? low : low | 0x80);
      if (isLast) return;
    }
  }

  fixed32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 0xff);
  }

  fixed64(value: bigint): void {
    this.fixed32(Number(value & 0xffff_ffffn));
    this.fixed32(Number((value >> 32n) & 0xffff_ffffn));
  }

  /** What `write` writes, behind its length. */
  sized(write: () => void): void {
    const begin = this.length;
    write();
    const length = this.length - begin;
    // Its bytes give way to the number in front of them, which has been written behind them.
    this.unsigned(length);
    const number = this.buffer.slice(begin + length, this.length);
    this.buffer.copyWithin(begin + number.length, begin, begin + length);
    this.buffer.set(number, begin);
  }

  /** What was written so far, as a copy. */
  take(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  /** A vector: the number of its entries, then each as `write` has it. */
  vector<T>(entries: readonly T[], write: (entry: T, index: number) => void): void {
    this.unsigned(entries.length);
    entries.forEach(write);
  }
}
