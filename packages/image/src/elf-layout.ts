/** Where the fields of an ELF file's tables are, in bytes from the start of each entry, for one class of files. */
export interface ElfLayout {
  /** `EI_CLASS`. */
  readonly class: number;
  /** Width of addresses, offsets and sizes. */
  readonly bits: 32 | 64;
  readonly header: {
    readonly size: number;
    readonly entry: number;
    /** File offsets of the tables of segments and sections. */
    readonly segments: number;
    readonly sections: number;
    readonly flags: number;
    readonly segmentStride: number;
    readonly segmentCount: number;
    readonly sectionStride: number;
    readonly sectionCount: number;
    /** Index of the section with the sections' names. */
    readonly sectionNames: number;
  };
  readonly segment: {
    readonly entrySize: number;
    readonly flags: number;
    readonly offset: number;
    readonly virtualAddress: number;
    readonly physicalAddress: number;
    readonly fileSize: number;
    readonly memorySize: number;
  };
  readonly section: {
    readonly entrySize: number;
    readonly flags: number;
    readonly address: number;
    readonly offset: number;
    readonly size: number;
    readonly link: number;
    readonly info: number;
    /** Size of the entries that the section itself holds. */
    readonly itemSize: number;
  };
  readonly symbol: {
    readonly entrySize: number;
    readonly value: number;
    readonly size: number;
    readonly info: number;
    readonly section: number;
  };
  /** The addend, where there is one, comes last. */
  readonly relocation: { readonly info: number; readonly addend: number };
}

export const elf32 = {
  class: 1,
  bits: 32,
  header: {
    size: 52,
    entry: 24,
    segments: 28,
    sections: 32,
    flags: 36,
    segmentStride: 42,
    segmentCount: 44,
    sectionStride: 46,
    sectionCount: 48,
    sectionNames: 50,
  },
  segment: { entrySize: 32, flags: 24, offset: 4, virtualAddress: 8, physicalAddress: 12, fileSize: 16, memorySize: 20 },
  section: { entrySize: 40, flags: 8, address: 12, offset: 16, size: 20, link: 24, info: 28, itemSize: 36 },
  symbol: { entrySize: 16, value: 4, size: 8, info: 12, section: 14 },
  relocation: { info: 4, addend: 8 },
} as const satisfies ElfLayout;

export const elf64 = {
  class: 2,
  bits: 64,
  header: {
    size: 64,
    entry: 24,
    segments: 32,
    sections: 40,
    flags: 48,
    segmentStride: 54,
    segmentCount: 56,
    sectionStride: 58,
    sectionCount: 60,
    sectionNames: 62,
  },
  segment: { entrySize: 56, flags: 4, offset: 8, virtualAddress: 16, physicalAddress: 24, fileSize: 32, memorySize: 40 },
  section: { entrySize: 64, flags: 8, address: 16, offset: 24, size: 32, link: 40, info: 44, itemSize: 56 },
  symbol: { entrySize: 24, value: 8, size: 16, info: 4, section: 6 },
  relocation: { info: 8, addend: 16 },
} as const satisfies ElfLayout;
