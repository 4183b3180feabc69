import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readElf } from '../elf.js';
import { readImage } from '../read-image.js';
import { debugInformation } from './debug-sections.js';
import { LineTable } from './line-table.js';
import { ProgramSymbols } from './program-symbols.js';

const folder = fileURLToPath(new URL('../../src/testing/lines/', import.meta.url));
const read = (name: string): Uint8Array => readFileSync(`${folder}${name}`);

/** What addr2line says of every instruction. */
const wanted = readFileSync(`${folder}lines.txt`, 'utf8')
  .trim()
  .split('\n')
  .map((row) => {
    const [elf = '', address = '', place = ''] = row.split(' ');
    const [file = '', line = ''] = place.split(':');
    return { elf, address: Number.parseInt(address, 16), file: basename(file), line: Number(line) };
  });
const files = [...new Set(wanted.map(({ elf }) => elf))];

describe.each(files)('line numbers of %s', (elf) => {
  const symbols = new ProgramSymbols([readImage(read(elf))]);

  it('are those of addr2line', () => {
    const rows = wanted.filter((row) => row.elf === elf);
    expect(rows.length).toBeGreaterThan(15);
    const found = rows.map(({ address }) => {
      const { file = '', line } = symbols.lineAt(address) ?? {};
      return { elf, address, file: basename(file), line };
    });
    expect(found).toEqual(rows);
  });

  it('cover nothing else: dropped functions leave none at address 0', () => {
    expect([0, 4, 0xfe, 0x1000].map((address) => symbols.lineAt(address))).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('functions are named, and how far in an address is', () => {
    expect(symbols.functionAt(0x100)).toMatchObject({ name: 'sum', start: 0x100, offset: 0 });
    expect(symbols.functionAt(0x10c)).toMatchObject({ name: 'sum', offset: 0xc });
    expect(symbols.functionAt(0xff)).toBeUndefined();
    const start = symbols.addressOf('_start') ?? 0;
    expect(symbols.functionAt(start + 2)).toMatchObject({ name: '_start', offset: 2 });
    const values = symbols.addressOf('values.0') ?? symbols.addressOf('values') ?? 0;
    expect(symbols.symbolAt(values + 4)?.offset).toBe(4);
  });
});

const sectionsOf = (elf: string): { line: Uint8Array; lineStrings?: Uint8Array | undefined; strings?: Uint8Array | undefined } => {
  const { line = new Uint8Array(0), lineStrings, strings } = debugInformation(readElf(read(elf))) ?? {};
  return { line, lineStrings, strings };
};

describe('broken line numbers', () => {
  it('rows without end are not kept', () => {
    // Version 4, no folders, no files; each byte of the program is DW_LNS_copy.
    const header = [4, 0, 9, 0, 0, 0, 1, 1, 1, 0xfb, 14, 2, 0, 0, 0];
    const line = new Uint8Array(4 + header.length + 3_000_000).fill(1);
    new DataView(line.buffer).setUint32(0, line.length - 4, true);
    line.set(header, 4);
    const { problems, isEmpty } = new LineTable({ line });
    expect(isEmpty).toBe(true);
    expect(problems).toEqual([expect.stringContaining('more than 2000000 rows')]);
  });

  it('any bytes are read to their end, with a word about what is wrong', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (line) => {
        const table = new LineTable({ line });
        expect(table.isEmpty && table.problems.length === 0).toBe(line.length === 0);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(files)('%s with changed bytes', (elf) => {
    const { line, ...strings } = sectionsOf(elf);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(line.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(line.length), (changes, cut) => {
        const changed = Uint8Array.from(line).slice(0, Math.max(cut, 1));
        for (const [at, byte] of changes) changed[at % changed.length] = byte;
        const table = new LineTable({ line: changed, ...strings });
        for (const address of [0, 0x100, 0x110, 0xffff_ffff]) table.at(address);
        for (const problem of table.problems) expect(problem).toMatch(/^\.debug_line, offset 0x[0-9a-f]+: /);
      }),
      { numRuns: 300 },
    );
  });

  it('a unit that is broken does not hide the next one', () => {
    const { line, ...strings } = sectionsOf('arm-3.elf');
    const broken = Uint8Array.from(line);
    broken[4] = 9;
    const both = new Uint8Array([...broken, ...line]);
    const table = new LineTable({ line: both, ...strings });
    expect(table.problems).toEqual(['.debug_line, offset 0x0: line numbers of DWARF version 9; 2 to 5 are known']);
    expect(table.at(0x100)?.line).toBe(6);
  });

  const u32 = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
  const unit = (body: number[]): Uint8Array => Uint8Array.from([...u32(body.length), ...body]);
  const header = (lineRange: number): number[] => {
    const rest = [1, 1, 0xfb, lineRange, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0x61, 0, 0, 0, 0, 0];
    return [3, 0, ...u32(rest.length), ...rest];
  };
  const cases: [what: string, body: number[], problem: RegExp][] = [
    ['a special opcode with a line range of 0', [...header(0), 200], /a line range of 0/],
    ['a number without end', [...header(14), 2, ...Array.from({ length: 20 }, () => 255)], /53 bits/],
    ['an extended opcode that ends behind the unit', [...header(14), 0, 90, 2], /numbers of 89 bytes/],
    ['a header that goes on behind the unit', [3, 0, ...u32(4000), ...header(14).slice(6)], /a header of 4000 bytes does not fit/],
    ['4 billion files without a format', [5, 0, 4, 0, ...u32(40), 1, 1, 1, 0xfb, 14, 1, 0, 0, 0, 255, 255, 255, 255, 15], /files without a format/],
  ];
  it.each(cases)('%s', (_what, body, problem) => {
    const table = new LineTable({ line: unit(body) });
    expect(table.problems).toHaveLength(1);
    expect(table.problems[0]).toMatch(problem);
  });
});
