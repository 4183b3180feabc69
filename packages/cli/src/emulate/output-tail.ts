/** Bytes of a program's output that a page shows, at least. */
const shown = 256 * 1024;

/** The end of what a program writes, or all of it. */
export class OutputTail {
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** @param all nothing is forgotten */
  constructor(private readonly all: boolean) {}

  keep(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    // Whole pieces go, while what stays is enough.
    while (!this.all && this.#bytes - this.#pieces[0]!.length >= shown) this.#bytes -= this.#pieces.shift()!.length;
  }

  get text(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }
}
