/**
 * Reads little-endian ELF files: object files of the assembler and firmware images, of 32 and of 64 bits.
 * Source: System V Application Binary Interface, chapters 4 and 5 (Object Files, Program Loading).
 */
import { InvalidInputError, UnsupportedError } from '@fireball/contracts';
import { elf32, elf64 } from './elf-layout.js';
import { ElfReader } from './elf-reader.js';

/** Values of `e_machine` that this project meets. */
export const elfMachine = { arm: 40, riscv: 243 } as const;

/** Values of `p_type` that this project meets. */
export const elfSegmentType = { load: 1 } as const;

/** Values of `e_type`. */
export const elfType = { relocatable: 1, executable: 2, shared: 3 } as const;

const sectionType = { progbits: 1, symtab: 2, rela: 4, nobits: 8, rel: 9 } as const;

/** A section of an ELF file (System V ABI, "Sections"). */
export interface ElfSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  /** Guest address; 0 in object files. */
  readonly address: number;
  /** Size in bytes; equals `data.length` except for sections that take no room in the file (.bss). */
  readonly size: number;
  /** A view of the file's bytes. */
  readonly data: Uint8Array;
}

/** A row of the program header (System V ABI, "Program Header"). */
export interface ElfSegment {
  /** `p_type`; 1 is PT_LOAD. */
  readonly type: number;
  /** `p_flags`: 1 execute, 2 write, 4 read. */
  readonly flags: number;
  readonly virtualAddress: number;
  readonly physicalAddress: number;
  readonly memorySize: number;
  readonly data: Uint8Array;
}

/** A row of the symbol table (System V ABI, "Symbol Table"). */
export interface ElfSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  /** Low nibble of `st_info`: 0 none, 1 object, 2 function, 3 section, 4 file. */
  readonly type: number;
  /** High nibble of `st_info`: 0 local, 1 global, 2 weak. */
  readonly binding: number;
  /** Index of the section the symbol lies in; 0 = undefined, 0xfff1 = absolute. */
  readonly section: number;
}

/** A relocation of an object file (System V ABI, "Relocation"). */
export interface ElfRelocation {
  /** Index of the section that is changed. */
  readonly section: number;
  /** Offset in that section. */
  readonly offset: number;
  readonly type: number;
  /** Index into `symbols`. */
  readonly symbol: number;
  /** Undefined where the addend stands in the instruction (SHT_REL). */
  readonly addend: number | undefined;
}

/** A file that has been read; data are views of its bytes. */
export interface ElfFile {
  /** Width of an address. */
  readonly bits: 32 | 64;
  readonly type: number;
  readonly machine: number;
  readonly flags: number;
  readonly entry: number;
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ElfSegment[];
  readonly symbols: readonly ElfSymbol[];
  readonly relocations: readonly ElfRelocation[];
}

/** True if the bytes start as every ELF file does. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

interface RawSection extends ElfSection {
  readonly nameOffset: number;
  readonly fileOffset: number;
  readonly link: number;
  readonly info: number;
  readonly entrySize: number;
}

/**
 * Parses an ELF32 little-endian file.
 * @throws InvalidInputError with the byte offset, for truncated or inconsistent files.
 * @throws UnsupportedError for 64-bit or big-endian files.
 */
export function readElf32(bytes: Uint8Array): ElfFile {
  if (isElf(bytes) && bytes[4] === elf64.class) throw new UnsupportedError('64-bit ELF', { offset: 4 });
  return readElf(bytes);
}

/**
 * Parses a little-endian ELF file of either class. Addresses and sizes are numbers.
 * @throws InvalidInputError with the byte offset, for truncated or inconsistent files, and values above 2^53 - 1.
 * @throws UnsupportedError for big-endian files.
 */
export function readElf(bytes: Uint8Array): ElfFile {
  if (!isElf(bytes)) throw new InvalidInputError('not an ELF file', { offset: 0 });
  const start = new ElfReader(bytes, elf32);
  const layout = [elf32, elf64].find((candidate) => candidate.class === start.u8(4, 'header'));
  if (layout === undefined) throw new InvalidInputError(`ELF class ${start.u8(4, 'header')}; 1 (32-bit) and 2 (64-bit) exist`, { offset: 4 });
  if (start.u8(5, 'header') !== 1) throw new UnsupportedError('big-endian ELF', { offset: 5 });
  const reader = new ElfReader(bytes, layout);
  const { header } = layout;
  reader.need(0, header.size, 'header');

  const segments = readSegments(reader);
  const raw = readSections(reader);
  const symbolTable = raw.find((section) => section.type === sectionType.symtab);
  const symbols = symbolTable === undefined ? [] : readSymbols(reader, raw, symbolTable);
  // Those that go by another table, .dynsym, are a dynamic loader's, or the image's own.
  const relocations = raw.flatMap((section) =>
    (section.type === sectionType.rel || section.type === sectionType.rela) && section.link === symbolTable?.index
      ? readRelocations(reader, section, raw.length, symbols.length)
      : [],
  );
  return {
    bits: layout.bits,
    type: reader.u16(16, 'header'),
    machine: reader.u16(18, 'header'),
    entry: reader.word(header.entry, 'header'),
    flags: reader.u32(header.flags, 'header'),
    sections: raw.map(({ index, name, type, flags, address, size, data }) => ({
      index,
      name,
      type,
      flags,
      address,
      size,
      data,
    })),
    segments,
    symbols,
    relocations,
  };
}

function readSegments(reader: ElfReader): ElfSegment[] {
  const { header, segment: field } = reader.layout;
  const count = reader.u16(header.segmentCount, 'header');
  if (count === 0) return [];
  const table = reader.word(header.segments, 'header');
  const stride = tableStride(reader, header.segmentStride, field.entrySize, 'program header');
  reader.need(table, count * stride, 'program header');
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * stride;
    const word = (offset: number): number => reader.word(at + offset, 'program header');
    const fileSize = word(field.fileSize);
    const memorySize = word(field.memorySize);
    const type = reader.u32(at, 'program header');
    if (type === elfSegmentType.load && fileSize > memorySize)
      throw new InvalidInputError(`segment ${index} holds more bytes than it takes in memory`, {
        offset: at + field.fileSize,
        section: 'program header',
      });
    return {
      type,
      flags: reader.u32(at + field.flags, 'program header'),
      virtualAddress: word(field.virtualAddress),
      physicalAddress: word(field.physicalAddress),
      memorySize,
      data: reader.slice(word(field.offset), fileSize, `segment ${index}`),
    };
  });
}

function readSections(reader: ElfReader): RawSection[] {
  const { header, section: field } = reader.layout;
  const count = reader.u16(header.sectionCount, 'header');
  if (count === 0) return [];
  const table = reader.word(header.sections, 'header');
  const stride = tableStride(reader, header.sectionStride, field.entrySize, 'section header');
  reader.need(table, count * stride, 'section header');
  const sections: RawSection[] = [];
  for (let index = 0; index < count; index++) {
    const at = table + index * stride;
    const word = (offset: number): number => reader.word(at + offset, 'section header');
    const type = reader.u32(at + 4, 'section header');
    const size = word(field.size);
    const fileOffset = word(field.offset);
    const inFile = type !== 0 && type !== sectionType.nobits;
    sections.push({
      index,
      nameOffset: reader.u32(at, 'section header'),
      name: '',
      type,
      flags: word(field.flags),
      address: word(field.address),
      fileOffset,
      size,
      link: reader.u32(at + field.link, 'section header'),
      info: reader.u32(at + field.info, 'section header'),
      entrySize: word(field.itemSize),
      data: inFile ? reader.slice(fileOffset, size, `section ${index}`) : new Uint8Array(0),
    });
  }
  const names = sectionAt(sections, reader.u16(header.sectionNames, 'header'), header.sectionNames);
  return sections.map((section) => ({
    ...section,
    name: reader.string(names.fileOffset, names.data.length, section.nameOffset, 'section names'),
  }));
}

function readSymbols(reader: ElfReader, sections: RawSection[], table: RawSection): ElfSymbol[] {
  const { symbol: field } = reader.layout;
  const names = sectionAt(sections, table.link, table.fileOffset);
  requireEntrySize(table, field.entrySize);
  return Array.from({ length: table.data.length / field.entrySize }, (_, index) => {
    const at = table.fileOffset + index * field.entrySize;
    const info = reader.u8(at + field.info, table.name);
    return {
      name: reader.string(names.fileOffset, names.data.length, reader.u32(at, table.name), names.name),
      value: reader.word(at + field.value, table.name),
      size: reader.word(at + field.size, table.name),
      type: info & 15,
      binding: info >> 4,
      section: reader.u16(at + field.section, table.name),
    };
  });
}

function readRelocations(reader: ElfReader, table: RawSection, sectionCount: number, symbolCount: number): ElfRelocation[] {
  const withAddend = table.type === sectionType.rela;
  const { relocation: field } = reader.layout;
  const stride = field.addend + (withAddend ? reader.layout.bits / 8 : 0);
  requireEntrySize(table, stride);
  if (table.info >= sectionCount)
    throw new InvalidInputError(`relocations for section ${table.info}, which does not exist`, {
      offset: table.fileOffset,
      section: table.name,
    });
  return Array.from({ length: table.data.length / stride }, (_, index) => {
    const at = table.fileOffset + index * stride;
    const { symbol, type } = reader.relocationInfo(at + field.info, table.name);
    if (symbol >= symbolCount)
      throw new InvalidInputError(`relocation against symbol ${symbol}, which does not exist`, {
        offset: at + field.info,
        section: table.name,
      });
    return {
      section: table.info,
      offset: reader.word(at, table.name),
      type,
      symbol,
      addend: withAddend ? reader.signedWord(at + field.addend, table.name) : undefined,
    };
  });
}

function tableStride(reader: ElfReader, field: number, smallest: number, section: string): number {
  const stride = reader.u16(field, 'header');
  if (stride < smallest)
    throw new InvalidInputError(`entries of ${stride} bytes, at least ${smallest} expected`, {
      offset: field,
      section,
    });
  return stride;
}

function requireEntrySize(table: RawSection, size: number): void {
  if (table.entrySize !== size || table.data.length % size !== 0)
    throw new InvalidInputError(`${table.data.length} bytes in entries of ${table.entrySize}, entries of ${size} expected`, {
      offset: table.fileOffset,
      section: table.name,
    });
}

function sectionAt(sections: RawSection[], index: number, offset: number): RawSection {
  const section = sections[index];
  if (section === undefined) throw new InvalidInputError(`section ${index} does not exist`, { offset, section: 'section header' });
  return section;
}
