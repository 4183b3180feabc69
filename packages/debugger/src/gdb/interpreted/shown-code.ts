import type { Address, CodeView, DebugFunction, InterpreterLayout } from '@fireball/contracts';

/** Addresses for each byte of wasm code: Arm's unwinders take for even what they return to. */
export const bytesOfCode = 4;
/** In front of all code: a word of what stands in no register that gdb knows. */
const headBytes = 16;
/** From where a function begins to its first instruction. */
const headDistance = 2;

/**
 * Interpreted functions at addresses of their own, where gdb finds symbols, lines, frames and variables of them as of machine code. With four addresses for each byte
 * of wasm, one tells whether an activation stands in front of an instruction (the first address of its first byte), within it, or waits for what it has
 * called (behind the last byte).
 */
export class ShownCode {
  /** Where functions begin, by where they are shown to begin. */
  readonly #heads = new Map<Address, Address>();

  private constructor(
    private readonly layout: InterpreterLayout,
    readonly base: Address,
    /** Bytes. */
    readonly size: number,
    functions: readonly DebugFunction[],
  ) {
    for (const { begin } of functions) this.#heads.set(this.of(begin) - headDistance, begin);
  }

  /** Undefined where nothing is interpreted, and where there is no room for so much. */
  static of({ interpreter, functions }: CodeView): ShownCode | undefined {
    if (interpreter === undefined || !functions.some((code) => code.interpreted)) return undefined;
    const { layout } = interpreter;
    const { begin, end, free } = layout;
    const size = headBytes + bytesOfCode * (end - begin);
    const interpreted = functions.filter((code) => code.interpreted);
    return size > free.size ? undefined : new ShownCode(layout, free.base, size, interpreted);
  }

  /** Where the number of operands in registers stands, of the activation that comes next. */
  get cachedAt(): Address {
    return this.base;
  }

  /** What an address of code is multiplied by four and added to. */
  get offset(): number {
    return (this.base + headBytes - bytesOfCode * this.layout.begin) >>> 0;
  }

  /** Where a byte of code is shown. */
  of(address: Address): Address {
    return (this.offset + bytesOfCode * address) >>> 0;
  }

  /** Where code is shown in front of its first instruction: as the compiler's prologue would be. */
  headOf({ begin }: Pick<DebugFunction, 'begin'>): Address {
    return this.of(begin) - headDistance;
  }

  includes(address: Address): boolean {
    return address >= this.base && address < this.base + this.size;
  }

  /** The instruction that comes next there: of a function's beginning, its first one. */
  instructionAt(address: Address): Address | undefined {
    return this.codeAt(address) ?? this.#heads.get(address);
  }

  /** Where else an instruction is shown, which is the first one of a function. */
  beginningAt(instruction: Address): Address | undefined {
    const head = this.of(instruction) - headDistance;
    return this.#heads.has(head) ? head : undefined;
  }

  /** The byte of code that begins there. */
  private codeAt(address: Address): Address | undefined {
    const distance = address - this.base - headBytes;
    return this.includes(address) && distance >= 0 && distance % bytesOfCode === 0 ? this.layout.begin + distance / bytesOfCode : undefined;
  }

  /** What gdb reads there: nothing but how many operands are in registers. Undefined outside. */
  read(cached: number, address: Address, size: number): Uint8Array | undefined {
    if (size < 1 || !this.includes(address)) return undefined;
    const bytes = new Uint8Array(Math.min(size, this.base + this.size - address));
    if (address === this.cachedAt) bytes[0] = cached;
    return bytes;
  }
}
