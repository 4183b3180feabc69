import { InternalError, NoRoomError, type CpuBackend, type Isa } from '@fireball/contracts';

/** Instruction cache line. */
export const lineBytes = 32;
/**
 * Granularity of W^X in our own layer: the CPU library's pages are too coarse (hazard 16). A line, which is also the smallest region of an MPU
 * (Armv7-M Architecture Reference Manual, B3.5), so that functions lie close together.
 */
export const blockBytes = lineBytes;
/** What code is aligned to at least: a block where code leaves for a ROM, in which nothing is freed or protected. */
export const alignedBytes = 4;

/** What is mapped at first: most systems that are made run a module of a few functions. */
const leastMapped = 0x4000;

const blockStates = { free: 0, writable: 1, sealed: 2 } as const;

/** What free code memory holds: a trap in every half-word. */
const trapHalfword = { thumb2: 0xdeff, rv32: 0x9002 } as const satisfies Record<Isa, number>;

export function blocksOf(size: number, granule = blockBytes): number {
  return Math.max(1, Math.ceil(size / granule));
}

/** Reserved blocks that may still be written. Becomes executable by `seal`, once. */
export interface WritableRegion {
  readonly address: number;
  /** Bytes asked for; the region ends at a block boundary behind them. */
  readonly size: number;
  /** Copies `bytes` to the region's start and makes it executable, in one step: no guest instruction runs in between. */
  seal(bytes: Uint8Array): ExecutableRegion;
  /** Seals what `codeAt` makes for the region's address. If it throws, the blocks are given back. */
  fill<Code extends { readonly bytes: Uint8Array }>(codeAt: (address: number) => Code): InstalledCode<Code>;
  /** Gives the blocks back unused. */
  abandon(): void;
}

/** Read-only, executable code. */
export interface ExecutableRegion {
  readonly address: number;
  readonly size: number;
  /** Traps everything in it and frees its blocks. No activation may be live. */
  free(): void;
}

/** Code and where it lies. */
export interface InstalledCode<Code> {
  readonly code: Code;
  readonly region: ExecutableRegion;
}

/** No run of free blocks is long enough. */
export class CodeMemoryFullError extends NoRoomError {}

/** Faults that tests plant to see them found. */
export interface CodeMemoryFaults {
  /** The flush after a copy is forgotten: stale instructions are fetched. */
  readonly dropFlush?: boolean;
}

/**
 * Code memory of the virtual SoC. Data writes go to the D-side; instruction fetches come from the
 * I-side, which changes only by a line flush, so that a forgotten flush runs stale code as on a chip.
 * The guest sees the I-side, mapped read-only and executable.
 */
export class CodeMemory {
  private dSide = new Uint8Array(0);
  /** One behind the other: the guest's mappings. */
  private readonly iSides: Uint8Array[] = [];
  /** States of the blocks that are mapped; those behind are free. */
  private blocks = new Uint8Array(0);
  /** Blocks that regions may take. */
  private readonly mostBlocks: number;
  /** Grows with every change of what is stored or fetched. */
  changes = 0;
  /** From the base on, what was ever reserved. */
  private usedBytes = 0;
  /** No block below is free. */
  private firstFree = 0;

  constructor(
    private readonly cpu: CpuBackend,
    readonly base: number,
    /** The most that there can be of it; it is mapped as it is needed. */
    readonly size: number,
    private readonly faults: CodeMemoryFaults = {},
    /** Bytes that regions may take, where a budget is below the mapped size. */
    budget = size,
    /** Bytes of a block, a multiple of `alignedBytes`. */
    readonly granule = blockBytes,
  ) {
    if (size % cpu.pageSize !== 0 || size % granule !== 0) throw new InternalError('code memory size is not whole pages');
    this.mostBlocks = Math.floor(Math.min(size, budget) / granule);
    this.mapUpTo(1);
  }

  /** First address behind code memory. */
  get end(): number {
    return this.base + this.size;
  }

  /** What is mapped of it, from the base on. */
  get mappedBytes(): number {
    return this.dSide.length;
  }

  /** Maps at least `bytes` from the base on: twice what is there, so that a large module needs few mappings. */
  private mapUpTo(bytes: number): void {
    const old = this.dSide.length;
    if (bytes <= old) return;
    const wanted = Math.min(Math.max(bytes, 2 * old, leastMapped), this.size);
    const mapped = Math.ceil(wanted / this.cpu.pageSize) * this.cpu.pageSize;
    this.iSides.push(this.cpu.mapRam(this.base + old, mapped - old, { read: true, write: false, execute: true }));
    const stored = new Uint8Array(mapped);
    stored.set(this.dSide);
    this.dSide = stored;
    const blocks = new Uint8Array(Math.min(mapped / this.granule, this.mostBlocks));
    blocks.set(this.blocks);
    this.blocks = blocks;
    this.fillTraps(old, mapped - old);
    this.flush(this.base + old, mapped - old);
  }

  /** @throws CodeMemoryFullError if no run of free blocks is long enough */
  reserve(size: number): WritableRegion {
    const count = blocksOf(size, this.granule);
    const first = this.findFree(count);
    if (first < 0) throw new CodeMemoryFullError(`code memory of ${this.size} bytes is full: ${size} more bytes do not fit`);
    this.usedBytes = Math.max(this.usedBytes, (first + count) * this.granule);
    this.mapUpTo((first + count) * this.granule);
    if (first === this.firstFree) this.firstFree = first + count;
    this.blocks.fill(blockStates.writable, first, first + count);
    const region: WritableRegion = {
      address: this.base + first * this.granule,
      size,
      seal: (bytes) => this.seal(first, count, size, bytes),
      fill: (codeAt) => {
        try {
          const code = codeAt(region.address);
          return { code, region: region.seal(code.bytes) };
        } catch (error) {
          region.abandon();
          throw error;
        }
      },
      abandon: () => {
        this.expect(first, count, blockStates.writable);
        this.freeBlocks(first, count);
      },
    };
    return region;
  }

  /** Reserves `size` bytes and seals what `codeAt` makes for their address. If it throws, the blocks are given back. */
  install<Code extends { readonly bytes: Uint8Array }>(size: number, codeAt: (address: number) => Code): InstalledCode<Code> {
    return this.reserve(size).fill(codeAt);
  }

  /** The bytes that the CPU would fetch from [address, address + size). */
  fetched(address: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    this.eachMapping(address - this.base, size, (mapping, at, offset, length) => bytes.set(mapping.subarray(at, at + length), offset));
    return bytes;
  }

  /** The bytes of [address, address + size) as memory holds them, whatever the instruction cache knows. */
  stored(address: number, size: number): Uint8Array {
    return this.dSide.slice(address - this.base, address - this.base + size);
  }

  /** What is stored, and what the CPU fetches, in one or more pieces. All of it that was ever used: traps follow. */
  views(): { readonly stored: Uint8Array; readonly fetched: readonly Uint8Array[] } {
    const { usedBytes } = this;
    const fetched: Uint8Array[] = [];
    this.eachMapping(0, usedBytes, (mapping, at, _, length) => fetched.push(mapping.subarray(at, at + length)));
    return { stored: this.dSide.subarray(0, usedBytes), fetched };
  }

  /** Traps in all that was ever used behind the first `bytes`, as if it had not been. */
  clearBehind(bytes: number): void {
    if (bytes >= this.usedBytes) return;
    this.fillTraps(bytes, this.usedBytes - bytes);
    this.flush(this.base + bytes, this.usedBytes - bytes);
  }

  /** Would the CPU fetch something else at `address` than what is stored there? */
  isStale(address: number): boolean {
    const at = address - this.base;
    if (at < 0 || at >= this.dSide.length) return false;
    const fetched = this.fetched(address, 2);
    return fetched.some((byte, index) => byte !== this.dSide[at + index]);
  }

  /** Bytes that regions may take. */
  get room(): number {
    return this.mostBlocks * this.granule;
  }

  /** Of every block that is mapped and that regions may take, from the base on. */
  blockStates(): ('free' | 'writable' | 'sealed')[] {
    return Array.from(this.blocks, (state) => (state === blockStates.free ? 'free' : state === blockStates.writable ? 'writable' : 'sealed'));
  }

  /** A write that no protection stops: of a bus master beside the CPU, such as a DMA engine. The instruction cache does not see it. */
  writePhysical(address: number, bytes: Uint8Array): void {
    this.dSide.set(bytes, address - this.base);
    this.changes++;
  }

  /** Does code memory hold all of [address, address + size)? */
  contains(address: number, size: number): boolean {
    return address >= this.base && address + size <= this.end;
  }

  /** Bytes of the longest run of blocks that would be free without these regions. */
  longestRun(without: readonly ExecutableRegion[]): number {
    const used = this.usedBytes / this.granule;
    const free = this.blocks.subarray(0, used).map((state) => (state === blockStates.free ? 1 : 0));
    for (const { address, size } of without) {
      const first = (address - this.base) / this.granule;
      free.fill(1, first, first + blocksOf(size, this.granule));
    }
    let longest = 0;
    let run = 0;
    for (const isFree of free) {
      run = isFree === 1 ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
    return Math.max(longest, run + this.mostBlocks - used) * this.granule;
  }

  private findFree(count: number): number {
    let run = 0;
    for (let block = this.firstFree; block < this.blocks.length; block++) {
      run = this.blocks[block] === blockStates.free ? run + 1 : 0;
      if (run === count) return block - count + 1;
    }
    const last = this.blocks.length - run;
    return last + count <= this.mostBlocks ? last : -1;
  }

  private freeBlocks(first: number, count: number): void {
    this.blocks.fill(blockStates.free, first, first + count);
    this.firstFree = Math.min(this.firstFree, first);
  }

  private expect(first: number, count: number, state: number): void {
    for (let block = first; block < first + count; block++) {
      if (this.blocks[block] !== state) throw new InternalError(`code block ${block} is in state ${this.blocks[block]}, not ${state}`);
    }
  }

  private seal(first: number, count: number, size: number, bytes: Uint8Array): ExecutableRegion {
    this.expect(first, count, blockStates.writable);
    if (bytes.length !== size) throw new InternalError(`${bytes.length} code bytes for a region of ${size}`);
    const offset = first * this.granule;
    this.fillTraps(offset, count * this.granule);
    this.dSide.set(bytes, offset);
    if (this.faults.dropFlush !== true) this.flush(this.base + offset, count * this.granule);
    this.blocks.fill(blockStates.sealed, first, first + count);
    return {
      address: this.base + offset,
      size,
      free: () => {
        this.expect(first, count, blockStates.sealed);
        this.fillTraps(offset, count * this.granule);
        this.flush(this.base + offset, count * this.granule);
        this.freeBlocks(first, count);
      },
    };
  }

  /** @param offset, size even: blocks, mappings and what regions take are. */
  private fillTraps(offset: number, size: number): void {
    this.changes++;
    const { buffer, byteOffset } = this.dSide;
    new Uint16Array(buffer, byteOffset + offset, size / 2).fill(trapHalfword[this.cpu.isa]);
  }

  /** Instruction cache maintenance: the lines of [address, address + size) are fetched anew from the D-side. */
  flush(address: number, size: number): void {
    this.changes++;
    const begin = (address - this.base) & ~(lineBytes - 1);
    const end = Math.min(this.dSide.length, (address - this.base + size + lineBytes - 1) & ~(lineBytes - 1));
    this.eachMapping(begin, end - begin, (mapping, at, offset, length) => mapping.set(this.dSide.subarray(begin + offset, begin + offset + length), at));
    this.cpu.invalidateCode(this.base + begin, end - begin);
  }

  /** The parts of [offset, offset + size) in the mappings: where each begins in its mapping and in the range, and its length. */
  private eachMapping(offset: number, size: number, part: (mapping: Uint8Array, at: number, offset: number, length: number) => void): void {
    let base = 0;
    for (const mapping of this.iSides) {
      const begin = Math.max(offset, base);
      const end = Math.min(offset + size, base + mapping.length);
      if (begin < end) part(mapping, begin - base, begin - offset, end - begin);
      base += mapping.length;
    }
  }
}
