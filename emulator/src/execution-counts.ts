const pageShift = 12;
const pageBytes = 1 << pageShift;

/** How often the instruction at each address was executed; all instructions lie at even addresses, many of them in few pages. */
export class ExecutionCounts {
  readonly #pages = new Map<number, Float64Array>();
  /** The page that was looked at last: the next instruction mostly is in it. */
  #number = -1;
  #page: Float64Array = new Float64Array(0);
  /** Of all together. */
  total = 0;

  /** The instruction at `address` was executed. */
  add(address: number): void {
    if (address >>> pageShift !== this.#number) this.#turnTo(address >>> pageShift);
    const at = (address & (pageBytes - 1)) >> 1;
    this.#page[at] = this.#page[at]! + 1;
    this.total++;
  }

  #turnTo(number: number): void {
    let page = this.#pages.get(number);
    if (page === undefined) this.#pages.set(number, (page = new Float64Array(pageBytes >> 1)));
    this.#number = number;
    this.#page = page;
  }

  at(address: number): number {
    return this.#pages.get(address >>> pageShift)?.[(address & (pageBytes - 1)) >> 1] ?? 0;
  }

  /** Of the instructions in [begin, end). */
  between(begin: number, end: number): number {
    let sum = 0;
    for (let address = begin; address < end; address += 2) sum += this.at(address);
    return sum;
  }

  /** Addresses that were executed, ascending, with their counts. */
  *entries(): Generator<readonly [address: number, count: number], void> {
    for (const [number, page] of [...this.#pages].sort(([a], [b]) => a - b))
      for (const [index, count] of page.entries()) if (count > 0) yield [number * pageBytes + 2 * index, count];
  }
}
