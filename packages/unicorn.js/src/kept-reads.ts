/** Where the words are in the scratch page, and how many; native/kept-reads.h has the other side. */
export const keptReadsOffset = 512;
const slots = 256;
export const keptReadsWords = slots + 1;

/** Reads that devices need not be asked for. */
export class KeptReads {
  readonly #words: Uint32Array;
  /** Any number of reads. */
  static readonly endless = 0xffff_ffff;

  constructor(words: Uint32Array) {
    this.#words = words;
  }

  /** Places of one slot take each other's. */
  static slotOf(address: number, size: number): number {
    return ((address >>> 2) ^ (address >>> 10) ^ (address << 6) ^ (size << 3)) & (slots - 1);
  }

  /**
   * In a device's read callback, within `run`: this read has no effect, and finds the same value until the guest makes another access that is
   * not kept, or the run ends. So many reads of the same address and size are answered by the value that the callback is about to return.
   */
  keep(address: number, size: number, count: number): void {
    this.#words[KeptReads.slotOf(address, size)] = count;
    this.#words[slots] = 1;
  }

  /** How many of the reads that were kept last in a slot have not been made. */
  left(slot: number): number {
    return this.#words[slot] ?? 0;
  }
}
