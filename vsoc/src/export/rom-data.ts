/** Constant data at growing addresses: words and texts, each with the address that it gets. */
export class RomData {
  private readonly content: number[] = [];
  private readonly texts = new Map<string, number>();

  constructor(readonly base: number) {}

  /** First address behind what has been placed. */
  get end(): number {
    return this.base + this.content.length;
  }

  /** Little-endian words at a multiple of 4. */
  words(values: readonly number[]): number {
    this.align();
    const address = this.end;
    for (const value of values) this.content.push(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
    return address;
  }

  bytes(values: Iterable<number>): number {
    const address = this.end;
    for (const value of values) this.content.push(value);
    return address;
  }

  /** Zero-terminated UTF-8; equal texts are placed once. */
  text(text: string): number {
    let address = this.texts.get(text);
    if (address === undefined) {
      address = this.bytes([...new TextEncoder().encode(text), 0]);
      this.texts.set(text, address);
    }
    return address;
  }

  align(): void {
    while (this.content.length % 4 !== 0) this.content.push(0);
  }

  image(): Uint8Array {
    return Uint8Array.from(this.content);
  }
}
