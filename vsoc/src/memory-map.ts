/**
 * The virtual SoC's address space, the same for both instruction sets. ROM and code memory lie
 * within the reach of a direct call (RISC-V JAL: 1 MiB); data anchors are cheap constants on both.
 */
export const memoryMap = {
  /** ROM: runtime routines, system call stubs, the return-to-host stub. */
  rom: { base: 0x0000_0000, size: 0x1_0000 },
  /** Generated code and the routines that it shares. The upper limit of its size is `maxCodeBytes`. */
  code: { base: 0x0001_0000 },
  /** Globals, slots, records of the first instances. */
  lowData: { base: 0x2000_0000, size: 0x1c00 },
  /** Below the stack limit: small frames, leaf functions and exception frames may use it (jit/ABI.md, "Stack"). */
  stackReserve: { base: 0x2000_1c00, size: 0x400 },
  /** The stack grows down to its base, which is an encodable constant on both targets. */
  stack: { base: 0x2000_2000 },
  /** Result words beyond the fourth. */
  resultBuffer: { base: 0x2300_0000, size: 0x4000 },
  /** Instance data that does not fit into lowData. */
  highData: { base: 0x2400_0000 },
  /** Linear memories (`memoryPlaces`). */
  linearMemory: { base: 0x3000_0000, end: 0xe000_0000 },
} as const;

/**
 * Address space per linear memory: the first few have room to grow and begin at constants that
 * every instruction set encodes cheaply; a crowd of them gets less.
 */
export const memoryPlaces = [
  { upTo: 8, alignment: 0x0100_0000, growth: 0x0400_0000 },
  { upTo: 64, alignment: 0x0100_0000, growth: 0x0100_0000 },
];
export const crowdedPlace = { alignment: 0x0001_0000, growth: 0x0010_0000 };
export const maxCodeBytes = 0x000e_0000;
export const lowRamBytes = 0x2000;
