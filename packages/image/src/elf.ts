/**
 * Reads ELF32 little-endian files: object files of the assembler and firmware images.
 * Source: Tool Interface Standard, Executable and Linking Format, version 1.2.
 */
import { InvalidInputError, UnsupportedError } from '@fireball/contracts';
import { ElfReader } from './elf-reader.js';

/** Values of `e_machine` that this project meets. */
export const elfMachine = { arm: 40, riscv: 243 } as const;

/** Values of `e_type`. */
export const elfType = { relocatable: 1, executable: 2, shared: 3 } as const;

const sectionType = { progbits: 1, symtab: 2, rela: 4, nobits: 8, rel: 9 } as const;

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

export interface ElfFile {
  readonly type: number;
  readonly machine: number;
  readonly flags: number;
  readonly entry: number;
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ElfSegment[];
  readonly symbols: readonly ElfSymbol[];
  readonly relocations: readonly ElfRelocation[];
}

const headerSize = 52;
const sectionHeaderSize = 40;
const programHeaderSize = 32;
const symbolSize = 16;

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
  const reader = new ElfReader(bytes);
  if (!isElf(bytes)) throw new InvalidInputError('not an ELF file', { offset: 0 });
  if (reader.u8(4, 'header') !== 1) throw new UnsupportedError('64-bit ELF', { offset: 4 });
  if (reader.u8(5, 'header') !== 1) throw new UnsupportedError('big-endian ELF', { offset: 5 });
  reader.need(0, headerSize, 'header');

  const segments = readSegments(reader);
  const raw = readSections(reader);
  const symbolTable = raw.find((section) => section.type === sectionType.symtab);
  const symbols = symbolTable === undefined ? [] : readSymbols(reader, raw, symbolTable);
  const relocations = raw.flatMap((section) =>
    section.type === sectionType.rel || section.type === sectionType.rela
      ? readRelocations(reader, section, raw.length, symbols.length)
      : [],
  );
  return {
    type: reader.u16(16, 'header'),
    machine: reader.u16(18, 'header'),
    entry: reader.u32(24, 'header'),
    flags: reader.u32(36, 'header'),
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
  const count = reader.u16(44, 'header');
  if (count === 0) return [];
  const table = reader.u32(28, 'header');
  const stride = tableStride(reader, 42, programHeaderSize, 'program header');
  reader.need(table, count * stride, 'program header');
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * stride;
    const fileOffset = reader.u32(at + 4, 'program header');
    const fileSize = reader.u32(at + 16, 'program header');
    const memorySize = reader.u32(at + 20, 'program header');
    if (fileSize > memorySize)
      throw new InvalidInputError(`segment ${index} holds more bytes than it takes in memory`, {
        offset: at + 16,
        section: 'program header',
      });
    return {
      type: reader.u32(at, 'program header'),
      flags: reader.u32(at + 24, 'program header'),
      virtualAddress: reader.u32(at + 8, 'program header'),
      physicalAddress: reader.u32(at + 12, 'program header'),
      memorySize,
      data: reader.slice(fileOffset, fileSize, `segment ${index}`),
    };
  });
}

function readSections(reader: ElfReader): RawSection[] {
  const count = reader.u16(48, 'header');
  if (count === 0) return [];
  const table = reader.u32(32, 'header');
  const stride = tableStride(reader, 46, sectionHeaderSize, 'section header');
  reader.need(table, count * stride, 'section header');
  const sections: RawSection[] = [];
  for (let index = 0; index < count; index++) {
    const at = table + index * stride;
    const word = (field: number): number => reader.u32(at + field, 'section header');
    const type = word(4);
    const size = word(20);
    const fileOffset = word(16);
    const inFile = type !== 0 && type !== sectionType.nobits;
    sections.push({
      index,
      nameOffset: word(0),
      name: '',
      type,
      flags: word(8),
      address: word(12),
      fileOffset,
      size,
      link: word(24),
      info: word(28),
      entrySize: word(36),
      data: inFile ? reader.slice(fileOffset, size, `section ${index}`) : new Uint8Array(0),
    });
  }
  const names = sectionAt(sections, reader.u16(50, 'header'), 50);
  return sections.map((section) => ({
    ...section,
    name: reader.string(names.fileOffset, names.data.length, section.nameOffset, 'section names'),
  }));
}

function readSymbols(reader: ElfReader, sections: RawSection[], table: RawSection): ElfSymbol[] {
  const names = sectionAt(sections, table.link, table.fileOffset);
  requireEntrySize(table, symbolSize);
  return Array.from({ length: table.data.length / symbolSize }, (_, index) => {
    const at = table.fileOffset + index * symbolSize;
    const info = reader.u8(at + 12, table.name);
    return {
      name: reader.string(names.fileOffset, names.data.length, reader.u32(at, table.name), names.name),
      value: reader.u32(at + 4, table.name),
      size: reader.u32(at + 8, table.name),
      type: info & 15,
      binding: info >> 4,
      section: reader.u16(at + 14, table.name),
    };
  });
}

function readRelocations(
  reader: ElfReader,
  table: RawSection,
  sectionCount: number,
  symbolCount: number,
): ElfRelocation[] {
  const withAddend = table.type === sectionType.rela;
  const stride = withAddend ? 12 : 8;
  requireEntrySize(table, stride);
  if (table.info >= sectionCount)
    throw new InvalidInputError(`relocations for section ${table.info}, which does not exist`, {
      offset: table.fileOffset,
      section: table.name,
    });
  return Array.from({ length: table.data.length / stride }, (_, index) => {
    const at = table.fileOffset + index * stride;
    const info = reader.u32(at + 4, table.name);
    const symbol = info >>> 8;
    if (symbol >= symbolCount)
      throw new InvalidInputError(`relocation against symbol ${symbol}, which does not exist`, {
        offset: at + 4,
        section: table.name,
      });
    return {
      section: table.info,
      offset: reader.u32(at, table.name),
      type: info & 0xff,
      symbol,
      addend: withAddend ? reader.u32(at + 8, table.name) | 0 : undefined,
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
    throw new InvalidInputError(
      `${table.data.length} bytes in entries of ${table.entrySize}, entries of ${size} expected`,
      { offset: table.fileOffset, section: table.name },
    );
}

function sectionAt(sections: RawSection[], index: number, offset: number): RawSection {
  const section = sections[index];
  if (section === undefined)
    throw new InvalidInputError(`section ${index} does not exist`, { offset, section: 'section header' });
  return section;
}
