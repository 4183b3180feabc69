/**
 * Writes ELF32 little-endian executables: loadable segments, a section for each, and symbols; or object files of such sections that need no relocation.
 * Source: Tool Interface Standard, Executable and Linking Format, version 1.2.
 */
import { InternalError } from '@fireball/contracts';
import { maxNameLength } from './elf-reader.js';
import { elfType } from './elf.js';

/** Bits of `p_flags`. */
export const segmentFlags = { execute: 1, write: 2, read: 4 } as const;

/** One loadable segment and its section. */
export interface ElfWriterSegment {
  /** Of the section. */
  readonly name: string;
  /** `segmentFlags`. */
  readonly flags: number;
  /** Where the program sees it. */
  readonly virtualAddress: number;
  /** Where the loader puts it. */
  readonly physicalAddress: number;
  readonly data: Uint8Array;
  /** Of the section; 4 unless told otherwise. */
  readonly align?: number;
}

/** A symbol of the written file. */
export interface ElfWriterSymbol {
  readonly name: string;
  /** Address; bit 0 set for Thumb functions. */
  readonly value: number;
  readonly size: number;
  readonly kind: 'function' | 'object' | 'none';
  /** Local symbols come first in the table, as the format wants it. */
  readonly local: boolean;
}

/** A program as `writeElf32` takes it. */
export interface ElfWriterInput {
  /** `e_machine` (`elfMachine`). */
  readonly machine: number;
  /** `e_flags` of that machine. */
  readonly flags: number;
  readonly entry: number;
  /** An object file of one segment, whose address is 0: a linker places it. */
  readonly isRelocatable?: boolean;
  readonly segments: readonly ElfWriterSegment[];
  /** A symbol belongs to the section that contains its address; without one it is absolute. */
  readonly symbols: readonly ElfWriterSymbol[];
  /** Sections that are not loaded: debug information. */
  readonly sections?: readonly { readonly name: string; readonly data: Uint8Array }[];
}

const headerSize = 52;
const programHeaderSize = 32;
const sectionHeaderSize = 40;
const symbolSize = 16;
/** File alignment of contents; `p_align` says the same, since addresses and offsets need not agree further. */
const alignment = 4;

const sectionTypes = { progbits: 1, symtab: 2, strtab: 3 } as const;
const sectionFlags = { write: 1, alloc: 2, execute: 4 } as const;
const symbolTypes = { none: 0, object: 1, function: 2 } as const;
const absoluteSection = 0xfff1;

interface SectionHeader {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly data: Uint8Array;
  readonly link: number;
  readonly info: number;
  readonly align: number;
  readonly entrySize: number;
}

/** The file's bytes. */
export function writeElf32(input: ElfWriterInput): Uint8Array {
  const { segments, sections: others = [], isRelocatable = false } = input;
  const loaded = isRelocatable ? [] : segments;
  const sections = segments.map(sectionOfSegment);
  for (const { name, data } of others)
    sections.push({ name, type: sectionTypes.progbits, flags: 0, address: 0, data, link: 0, info: 0, align: 1, entrySize: 0 });
  const names = new StringTable();
  const { table, firstGlobal } = symbolTable(input.symbols, segments, names);
  // Section 0 is the null section, so the symbol table's index is one more than its position.
  const symtabIndex = sections.length + 1;
  sections.push(tableSection('.symtab', sectionTypes.symtab, table, symtabIndex + 1, firstGlobal, symbolSize));
  sections.push(tableSection('.strtab', sectionTypes.strtab, names.bytes(), 0, 0, 0));
  const sectionNames = new StringTable();
  const nameOffsets = [...sections.map(({ name }) => name), '.shstrtab'].map((name) => sectionNames.add(name));
  sections.push(tableSection('.shstrtab', sectionTypes.strtab, sectionNames.bytes(), 0, 0, 0));

  let end = headerSize + programHeaderSize * loaded.length;
  const offsets = sections.map(({ data }) => {
    const offset = alignUp(end);
    end = offset + data.length;
    return offset;
  });
  const sectionTable = alignUp(end);
  const file = new Uint8Array(sectionTable + sectionHeaderSize * (sections.length + 1));
  const view = new DataView(file.buffer);
  writeHeader(view, input, sectionTable, sections.length);
  loaded.forEach((segment, index) => {
    const { length } = segment.data;
    const { physicalAddress, virtualAddress, flags } = segment;
    words(view, headerSize + programHeaderSize * index, [1, offsets[index] as number, virtualAddress, physicalAddress, length, length, flags, alignment]);
  });
  sections.forEach((section, index) => {
    const offset = offsets[index] as number;
    file.set(section.data, offset);
    const { type, flags, address, data, link, info, align, entrySize } = section;
    words(view, sectionTable + sectionHeaderSize * (index + 1), [
      nameOffsets[index] as number,
      type,
      flags,
      address,
      offset,
      data.length,
      link,
      info,
      align,
      entrySize,
    ]);
  });
  return file;
}

function writeHeader(view: DataView, { machine, flags, entry, segments, isRelocatable = false }: ElfWriterInput, sectionTable: number, sections: number): void {
  // Magic number, 32 bits, little-endian, version 1.
  words(view, 0, [0x464c_457f, 0x0001_0101, 0, 0]);
  halves(view, 16, [isRelocatable ? elfType.relocatable : elfType.executable, machine]);
  words(view, 20, [1, entry, isRelocatable ? 0 : headerSize, sectionTable, flags]);
  halves(view, 40, [headerSize, isRelocatable ? 0 : programHeaderSize, isRelocatable ? 0 : segments.length, sectionHeaderSize, sections + 1, sections]);
}

function sectionOfSegment({ name, flags, virtualAddress, data, align = alignment }: ElfWriterSegment): SectionHeader {
  const write = (flags & segmentFlags.write) === 0 ? 0 : sectionFlags.write;
  const execute = (flags & segmentFlags.execute) === 0 ? 0 : sectionFlags.execute;
  return {
    name,
    type: sectionTypes.progbits,
    flags: sectionFlags.alloc | write | execute,
    address: virtualAddress,
    data,
    link: 0,
    info: 0,
    align,
    entrySize: 0,
  };
}

function tableSection(name: string, type: number, data: Uint8Array, link: number, info: number, entrySize: number): SectionHeader {
  return { name, type, flags: 0, address: 0, data, link, info, align: alignment, entrySize };
}

function symbolTable(
  symbols: readonly ElfWriterSymbol[],
  segments: readonly ElfWriterSegment[],
  names: StringTable,
): { table: Uint8Array; firstGlobal: number } {
  const ordered = [...symbols.filter(({ local }) => local), ...symbols.filter(({ local }) => !local)];
  const table = new Uint8Array(symbolSize * (ordered.length + 1));
  const view = new DataView(table.buffer);
  ordered.forEach(({ name, value, size, kind, local }, index) => {
    const at = symbolSize * (index + 1);
    const section = segments.findIndex(({ virtualAddress, data }) => value >= virtualAddress && value < virtualAddress + data.length);
    words(view, at, [names.add(name), value, size]);
    view.setUint8(at + 12, symbolTypes[kind] | (local ? 0 : 1 << 4));
    view.setUint16(at + 14, section < 0 ? absoluteSection : section + 1, true);
  });
  return { table, firstGlobal: symbols.filter(({ local }) => local).length + 1 };
}

/** Zero-terminated UTF-8 strings, cut where the reader would not take all of one; offset 0 is the empty one. */
class StringTable {
  readonly #name = new Uint8Array(maxNameLength);
  private readonly content: number[] = [0];
  private readonly offsets = new Map<string, number>([['', 0]]);

  add(text: string): number {
    if (text.includes('\0')) throw new InternalError('a name with a zero character in an ELF file');
    let offset = this.offsets.get(text);
    if (offset === undefined) {
      offset = this.content.length;
      const { written } = new TextEncoder().encodeInto(text, this.#name);
      this.content.push(...this.#name.subarray(0, written), 0);
      this.offsets.set(text, offset);
    }
    return offset;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.content);
  }
}

function alignUp(offset: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

function words(view: DataView, at: number, values: readonly number[]): void {
  values.forEach((value, index) => view.setUint32(at + 4 * index, value, true));
}

function halves(view: DataView, at: number, values: readonly number[]): void {
  values.forEach((value, index) => view.setUint16(at + 2 * index, value, true));
}
