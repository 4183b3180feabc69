import { NoRoomError, UnsupportedError } from '@fireball/contracts';
import { wasmPageSize, type MemoryType, type TableType } from './types.js';

/** Address space that a linear memory gets when fewer than `upTo` memories exist before it. */
export interface MemoryPlace {
  readonly upTo: number;
  readonly alignment: number;
  /** Most bytes that it may grow to. */
  readonly growth: number;
}

/** Address space for linear memories, which they share in the order of their creation. */
export interface MemorySpace {
  readonly base: number;
  readonly size: number;
  /** The first that fits is taken; the last one's `upTo` is infinite. */
  readonly places: readonly MemoryPlace[];
}

/**
 * The space that every engine grants, whether it has more or not: that of the virtual SoC. The first few memories have room to
 * grow and begin at constants that every instruction set encodes cheaply; a crowd of them gets less.
 */
export const memorySpace = {
  base: 0x3000_0000,
  size: 0xb000_0000,
  places: [
    { upTo: 1, alignment: 0x0100_0000, growth: 0x4000_0000 },
    { upTo: 8, alignment: 0x0100_0000, growth: 0x0400_0000 },
    { upTo: 64, alignment: 0x0100_0000, growth: 0x0100_0000 },
    { upTo: Infinity, alignment: 0x0001_0000, growth: 0x0010_0000 },
  ],
} as const satisfies MemorySpace;

/** Elements by which any table may grow beyond its minimum. */
export const tableGrowth = 4096;
/** Most elements of a table, what engines allow (WebAssembly JavaScript Interface, section 6.1). */
export const mostTableElements = 10_000_000;
/** Elements of all tables of a store together, with what they may grow by. */
const tableSpace = 40_000_000;

/** A memory's place: where its address space begins, and how far it may grow. */
export interface MemoryGrant {
  readonly base: number;
  readonly mostPages: number;
}

const placeUnit = 4096;

/**
 * How large the memories and tables of one store may get. The one rule that all engines follow, so that `memory.grow` and `table.grow` answer the same on each:
 * a memory has its minimum, and grows to its declared maximum, to `maxPages` (of 64 KiB, whatever its own pages are) or to what its place has, whichever
 * is least; a table grows by `tableGrowth`.
 */
export class SizeLimits {
  private count = 0;
  private next: number;
  private tableElements = 0;

  constructor(
    private readonly maxPages: number = 2 ** 32 / wasmPageSize,
    private readonly space: MemorySpace = memorySpace,
  ) {
    this.next = space.base;
  }

  /**
   * Takes address space for one more memory.
   * @throws UnsupportedError where its minimum does not fit into what is left
   */
  takeMemory({ limits: { min, max }, pageSize }: MemoryType): MemoryGrant {
    const { base, size, places } = this.space;
    const { alignment, growth } = places.find(({ upTo }) => this.count < upTo) as MemoryPlace;
    const left = Math.max(base + size - this.next, 0);
    const most = Math.floor(Math.min(this.maxPages * wasmPageSize, growth, left) / pageSize);
    const mostPages = Math.min(max ?? Infinity, Math.max(min, most));
    if (mostPages * pageSize > left)
      throw new NoRoomError(`a memory of ${min} pages of ${pageSize} bytes where ${left} bytes of address space are left for memories`);
    const grant = { base: this.next, mostPages };
    const end = this.next + Math.ceil(Math.max(mostPages * pageSize, 1) / placeUnit) * placeUnit;
    this.next = Math.ceil(end / alignment) * alignment;
    this.count++;
    return grant;
  }

  /**
   * Takes room for one more table and returns the most elements that it may have.
   * @throws UnsupportedError where its minimum is more than any table may have, or than is left for all tables
   */
  takeTable({ limits: { min, max } }: TableType): number {
    if (min > mostTableElements) throw new UnsupportedError(`a table of ${min} elements (the limit is ${mostTableElements})`);
    const most = Math.min(max ?? Infinity, min + tableGrowth, mostTableElements);
    if (this.tableElements + most > tableSpace) throw new UnsupportedError(`tables of more than ${tableSpace} elements together`);
    this.tableElements += most;
    return most;
  }
}
