import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { segmentFlags, writeElf32, type ElfWriterInput, type ElfWriterSegment } from './elf-writer.js';
import { elfMachine, readElf32 } from './elf.js';

const code: ElfWriterSegment = {
  name: '.text',
  flags: segmentFlags.read | segmentFlags.execute,
  virtualAddress: 0x100,
  physicalAddress: 0x100,
  data: Uint8Array.of(1, 2, 3),
};
const data: ElfWriterSegment = {
  name: '.data',
  flags: segmentFlags.read | segmentFlags.write,
  virtualAddress: 0x8000_0000,
  physicalAddress: 0x200,
  data: Uint8Array.of(9, 8, 7, 6, 5),
};
const input: ElfWriterInput = {
  machine: elfMachine.arm,
  flags: 0x0500_0000,
  entry: 0x101,
  segments: [code, data],
  symbols: [
    { name: 'run', value: 0x101, size: 2, kind: 'function', local: false },
    { name: '$t', value: 0x100, size: 0, kind: 'none', local: true },
    { name: 'g', value: 0x8000_0004, size: 1, kind: 'object', local: false },
    { name: 'elsewhere', value: 0x9000_0000, size: 0, kind: 'none', local: false },
  ],
};

it.each([
  [4095, 4095],
  [4097, 4096],
  [1 << 20, 4096],
])('of a name of %i characters, writes %i', (length, written) => {
  const elf = readElf32(writeElf32({ ...input, symbols: [{ name: 'n'.repeat(length), value: 0, size: 0, kind: 'none', local: false }] }));
  expect(elf.symbols[1]?.name).toHaveLength(written);
});

it('writes an object file, which a linker places', () => {
  const elf = readElf32(
    writeElf32({
      ...input,
      entry: 0,
      isRelocatable: true,
      segments: [{ ...code, virtualAddress: 0, physicalAddress: 0, align: 16 }],
      symbols: [{ name: 'run', value: 1, size: 2, kind: 'function', local: false }],
    }),
  );
  expect(elf).toMatchObject({ type: 1, segments: [] });
  expect(elf.symbols[1]).toMatchObject({ name: 'run', value: 1, section: 1 });
});

describe('writeElf32', () => {
  const elf = readElf32(writeElf32(input));

  it('writes the header', () => {
    expect(elf).toMatchObject({ type: 2, machine: 40, entry: 0x101, flags: 0x0500_0000 });
  });

  it('writes segments with both addresses', () => {
    expect(elf.segments.map(({ data: bytes, ...rest }) => ({ ...rest, data: [...bytes] }))).toEqual([
      { type: 1, flags: 5, virtualAddress: 0x100, physicalAddress: 0x100, memorySize: 3, data: [1, 2, 3] },
      { type: 1, flags: 6, virtualAddress: 0x8000_0000, physicalAddress: 0x200, memorySize: 5, data: [9, 8, 7, 6, 5] },
    ]);
  });

  it('writes a section for each segment, with matching flags', () => {
    expect(elf.sections.map(({ name, flags, address, size }) => [name, flags, address, size])).toEqual([
      ['', 0, 0, 0],
      ['.text', 6, 0x100, 3],
      ['.data', 3, 0x8000_0000, 5],
      ['.symtab', 0, 0, 5 * 16],
      ['.strtab', 0, 0, 20],
      ['.shstrtab', 0, 0, 39],
    ]);
  });

  it('writes symbols, local ones first, each in its section', () => {
    expect(elf.symbols.slice(1)).toEqual([
      { name: '$t', value: 0x100, size: 0, type: 0, binding: 0, section: 1 },
      { name: 'run', value: 0x101, size: 2, type: 2, binding: 1, section: 1 },
      { name: 'g', value: 0x8000_0004, size: 1, type: 1, binding: 1, section: 2 },
      { name: 'elsewhere', value: 0x9000_0000, size: 0, type: 0, binding: 1, section: 0xfff1 },
    ]);
  });

  it('is what the reader reads, for any contents', () => {
    const segment = fc.record({
      name: fc.constantFrom('.a', '.b', '.c'),
      flags: fc.nat(7),
      virtualAddress: fc.nat(0xffff_ffff),
      physicalAddress: fc.nat(0xffff_ffff),
      data: fc.uint8Array({ maxLength: 40 }),
    });
    const symbol = fc.record({
      name: fc.stringMatching(/^[a-z$.]{0,12}$/),
      value: fc.nat(0xffff_ffff),
      size: fc.nat(0xffff_ffff),
      kind: fc.constantFrom('function', 'object', 'none'),
      local: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 6 }), fc.array(symbol, { maxLength: 8 }), (segments, symbols) => {
        const read = readElf32(writeElf32({ ...input, segments, symbols }));
        expect(read.segments.map((entry) => [entry.virtualAddress, entry.physicalAddress, [...entry.data]])).toEqual(
          segments.map((entry) => [entry.virtualAddress, entry.physicalAddress, [...entry.data]]),
        );
        const facts = ({ name, value, size }: { name: string; value: number; size: number }): string => `${name} ${value} ${size}`;
        expect(read.symbols.slice(1).map(facts).sort()).toEqual(symbols.map(facts).sort());
      }),
    );
  });
});
