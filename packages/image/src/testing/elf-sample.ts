import { elf32, elf64, type ElfLayout } from '../elf-layout.js';

const names = '\0.text\0.symtab\0.strtab\0main\0';
const nameAt = (name: string): number => names.indexOf(name);

/** A program for RISC-V: one segment of 8 bytes and 16 zeros at 0x80000000, one function, `main`, in its second half. */
export function elfSample(kind: 'elf32' | 'elf64'): Uint8Array {
  const layout: ElfLayout = { elf32, elf64 }[kind];
  const { header, segment, section, symbol } = layout;
  const text = header.size + segment.entrySize;
  const symbols = text + 8;
  const strings = symbols + 2 * symbol.entrySize;
  const table = strings + names.length;
  const bytes = new Uint8Array(table + 4 * section.entrySize);
  const view = new DataView(bytes.buffer);
  const half = (at: number, value: number): void => view.setUint16(at, value, true);
  const int = (at: number, value: number): void => view.setUint32(at, value, true);
  const word = (at: number, value: number): void => (layout.bits === 32 ? int(at, value) : view.setBigUint64(at, BigInt(value), true));

  bytes.set([0x7f, 0x45, 0x4c, 0x46, layout.class, 1, 1]);
  half(16, 2);
  half(18, 243);
  word(header.entry, 0x8000_0004);
  word(header.segments, header.size);
  word(header.sections, table);
  half(header.segmentStride, segment.entrySize);
  half(header.segmentCount, 1);
  half(header.sectionStride, section.entrySize);
  half(header.sectionCount, 4);
  half(header.sectionNames, 3);

  int(header.size, 1);
  int(header.size + segment.flags, 5);
  word(header.size + segment.offset, text);
  word(header.size + segment.virtualAddress, 0x8000_0000);
  word(header.size + segment.physicalAddress, 0x8000_0000);
  word(header.size + segment.fileSize, 8);
  word(header.size + segment.memorySize, 24);
  bytes.set([1, 2, 3, 4, 5, 6, 7, 8], text);

  const main = symbols + symbol.entrySize;
  int(main, nameAt('main'));
  word(main + symbol.value, 0x8000_0004);
  word(main + symbol.size, 4);
  bytes[main + symbol.info] = 0x12;
  half(main + symbol.section, 1);
  bytes.set(
    Array.from(names, (char) => char.charCodeAt(0)),
    strings,
  );

  const sections = [
    { name: '', type: 0, at: 0, size: 0, link: 0, itemSize: 0 },
    { name: '.text', type: 1, at: text, size: 8, link: 0, itemSize: 0 },
    { name: '.symtab', type: 2, at: symbols, size: 2 * symbol.entrySize, link: 3, itemSize: symbol.entrySize },
    { name: '.strtab', type: 3, at: strings, size: names.length, link: 0, itemSize: 0 },
  ];
  sections.forEach(({ name, type, at, size, link, itemSize }, index) => {
    const row = table + index * section.entrySize;
    int(row, name === '' ? 0 : nameAt(name));
    int(row + 4, type);
    word(row + section.offset, at);
    word(row + section.size, size);
    int(row + section.link, link);
    word(row + section.itemSize, itemSize);
  });
  return bytes;
}
