import { memorySpace, type MemoryPlace } from '@fireball/wasm';

/** Guest addresses [base, base + size), in bytes. */
export interface Range {
  readonly base: number;
  readonly size: number;
}

/** Where everything lies on a virtual SoC, in guest addresses. Code that lies within the reach of a direct call from ROM is smaller. */
export interface AddressMap {
  /** Runtime routines and the return-to-host stub. */
  readonly rom: Range;
  /** Generated code and the routines that it shares; `size` is the most that it may take. */
  readonly code: Range;
  /** Wasm code that the interpreter runs, with its tables; absent where everything is compiled. */
  readonly interpreted?: Range;
  /** Globals, slots, records of the first instances. */
  readonly lowData: Range;
  /** Directly behind lowData and below the stack limit: small frames, leaf functions and exception frames may use it (jit/ABI.md, "Stack"). */
  readonly stackReserve: Range;
  /** Directly behind the reserve; the stack grows down to its base. */
  readonly stack: { readonly base: number };
  /** Result words beyond the fourth. */
  readonly resultBuffer: Range;
  /** Code and constants of firmware, and its data; absent where there is none. */
  readonly firmware?: { readonly flash: Range; readonly ram: Range };
  /** Registers of the DMA controller; absent where there is none. */
  readonly dma?: Range;
  /** Instance data that does not fit into lowData. */
  readonly highData: Range;
  readonly linearMemory: Range;
  /** The first that fits is taken; the last one's `upTo` is infinite. */
  readonly memoryPlaces: readonly MemoryPlace[];
}

/**
 * The virtual SoC's own address space, the same for both instruction sets. Data anchors are cheap
 * constants on both. Boards fireball-thumb2 and fireball-rv32 have the same memories for ordinary firmware; a test compares them.
 */
export const memoryMap = {
  rom: { base: 0x0000_0000, size: 0x1_0000 },
  code: { base: 0x0001_0000, size: 0x03ff_0000 },
  interpreted: { base: 0x0800_0000, size: 0x1000_0000 },
  lowData: { base: 0x2000_0000, size: 0x1c00 },
  stackReserve: { base: 0x2000_1c00, size: 0x400 },
  stack: { base: 0x2000_2000 },
  firmware: { flash: { base: 0x1800_0000, size: 0x10_0000 }, ram: { base: 0x2100_0000, size: 0x1_0000 } },
  dma: { base: 0x2200_0000, size: 0x1000 },
  resultBuffer: { base: 0x2300_0000, size: 0x4000 },
  highData: { base: 0x2400_0000, size: 0x0c00_0000 },
  linearMemory: { base: memorySpace.base, size: memorySpace.size },
  memoryPlaces: memorySpace.places,
} as const satisfies AddressMap;
