import { describe, expect, it } from '@jest/globals';
import { FireballError, InvalidInputError } from '@fireball/contracts';
import fc from 'fast-check';
import { elfMachine, elfType, isElf, readElf32 } from './elf.js';

interface SampleSection {
  readonly name: string;
  readonly type: number;
  readonly data: Uint8Array;
  readonly link?: number;
  readonly info?: number;
  readonly entrySize?: number;
  readonly size?: number;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

function words(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, index) => view.setUint32(4 * index, value, true));
  return new Uint8Array(view.buffer);
}

const symbolNames = '\0loop\0';
const sections: readonly SampleSection[] = [
  { name: '', type: 0, data: new Uint8Array(0) },
  { name: '.text', type: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
  { name: '.bss', type: 8, data: new Uint8Array(0), size: 4096 },
  {
    name: '.symtab',
    type: 2,
    // Null symbol; `loop`: value 4, size 2, global function (0x12) in section 1.
    data: Uint8Array.from([...words(0, 0, 0, 0), ...words(1, 4, 2), 0x12, 0, 1, 0]),
    link: 4,
    entrySize: 16,
  },
  { name: '.strtab', type: 3, data: ascii(symbolNames) },
  { name: '.rela.text', type: 4, data: words(4, (1 << 8) | 16, 0xffff_fffc), link: 3, info: 1, entrySize: 12 },
  { name: '.rel.text', type: 9, data: words(0, (1 << 8) | 2), link: 3, info: 1, entrySize: 8 },
  // Of a position independent image, by another table of symbols: not read.
  { name: '.dynsym', type: 11, data: new Uint8Array(16 * 10), link: 4, entrySize: 16 },
  { name: '.rela.dyn', type: 4, data: words(0, (9 << 8) | 3, 0), link: 7, info: 0, entrySize: 12 },
];

/** One loadable segment over .text, then the sections, then their headers. */
function sample(): Uint8Array {
  const names = sections.map(({ name }) => name);
  const all: readonly SampleSection[] = [...sections, { name: '.shstrtab', type: 3, data: ascii([...names, '.shstrtab', ''].join('\0')) }];
  const headers: number[][] = [];
  const body: number[] = [];
  const start = 52 + 32;
  let nameAt = 0;
  for (const section of all) {
    const { name, type, data, link = 0, info = 0, entrySize = 0, size = data.length } = section;
    headers.push([nameAt, type, 0, 0, start + body.length, size, link, info, 4, entrySize]);
    nameAt += name.length + 1;
    body.push(...data);
  }
  const table = start + body.length;
  const identification = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const halves = (...values: number[]): number[] => values.flatMap((value) => [value & 0xff, value >> 8]);
  return Uint8Array.from([
    ...identification,
    ...halves(elfType.executable, elfMachine.arm),
    ...words(1, 0x8000_0001, 52, table, 0x0500_0200),
    ...halves(52, 32, 1, 40, all.length, all.length - 1),
    ...words(1, start, 0x8000_0000, 0x0800_0000, 8, 16, 5, 4),
    ...body,
    ...headers.flatMap((header) => [...words(...header)]),
  ]);
}

describe('readElf32', () => {
  const elf = readElf32(sample());

  it('reads the header', () => {
    expect(elf).toMatchObject({ type: 2, machine: 40, entry: 0x8000_0001, flags: 0x0500_0200 });
  });

  it('reads sections; .bss has a size but no bytes', () => {
    expect(elf.sections.map(({ name, size }) => [name, size])).toEqual([
      ['', 0],
      ['.text', 8],
      ['.bss', 4096],
      ['.symtab', 32],
      ['.strtab', 6],
      ['.rela.text', 12],
      ['.rel.text', 8],
      ['.dynsym', 160],
      ['.rela.dyn', 12],
      ['.shstrtab', 77],
    ]);
    expect([...(elf.sections[1]?.data ?? [])]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(elf.sections[2]?.data).toHaveLength(0);
  });

  it('reads segments, symbols and relocations', () => {
    expect(elf.segments).toHaveLength(1);
    expect(elf.segments[0]).toMatchObject({ type: 1, flags: 5, virtualAddress: 0x8000_0000, physicalAddress: 0x0800_0000, memorySize: 16 });
    expect([...(elf.segments[0]?.data ?? [])]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(elf.symbols[1]).toEqual({ name: 'loop', value: 4, size: 2, type: 2, binding: 1, section: 1 });
    expect(elf.relocations).toEqual([
      { section: 1, offset: 4, type: 16, symbol: 1, addend: -4 },
      { section: 1, offset: 0, type: 2, symbol: 1, addend: undefined },
    ]);
  });

  const header = (change: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = sample();
    change(bytes);
    return bytes;
  };
  it.each([
    ['empty', new Uint8Array(0), /not an ELF/],
    ['64-bit', header((b) => (b[4] = 2)), /64-bit ELF/],
    ['big-endian', header((b) => (b[5] = 2)), /big-endian ELF/],
    ['section table beyond the end', header((b) => (b[34] = 0xff)), /file ends at/],
    ['section entries too small', header((b) => (b[46] = 8)), /entries of 8 bytes/],
    ['program entries too small', header((b) => (b[42] = 8)), /entries of 8 bytes/],
    ['no such name section', header((b) => (b[50] = 99)), /section 99 does not exist/],
    ['name outside its table', header((b) => (b[52 + 32 + 8 + 16] = 0xff)), /name without end/],
    ['segment larger in the file', header((b) => (b[52 + 16] = 17)), /more bytes than it takes/],
  ])('refuses: %s', (_, bytes, message) => {
    expect(() => readElf32(bytes)).toThrow(message);
    expect(() => readElf32(bytes)).toThrow(FireballError);
  });

  it('refuses every truncation with a byte offset', () => {
    const bytes = sample();
    for (let length = 0; length < bytes.length; length++) {
      let error: unknown;
      try {
        readElf32(bytes.subarray(0, length));
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(InvalidInputError);
      expect((error as InvalidInputError).facts.offset).toBeDefined();
    }
  });

  it('reads or refuses any damaged file, and never fails otherwise', () => {
    const bytes = sample();
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        try {
          readElf32(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(FireballError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

it('isElf looks at the magic number only', () => {
  expect(isElf(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46))).toBe(true);
  expect(isElf(Uint8Array.of(0x7f, 0x45, 0x4c))).toBe(false);
});
