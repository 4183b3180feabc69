import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ByteCursor } from '../debug/byte-cursor.js';
import { LineTable } from '../debug/line-table.js';
import { segmentFlags, writeElf32 } from '../elf-writer.js';
import { elfMachine } from '../elf.js';
import { writeAddressRanges } from './address-ranges.js';
import { ByteWriter } from './byte-writer.js';
import { writeCallFrames, type FrameRow } from './call-frames.js';
import { attributes, encodings, tags, writeEntries, type DebugEntry } from './entries.js';
import { Expression } from './expressions.js';
import { writeLineProgram, type LineRow } from './line-program.js';
import { LocationLists, RangeLists } from './location-lists.js';

const hasReadelf = spawnSync('readelf', ['--version']).status === 0;
const judge = hasReadelf ? 'readelf' : 'readelf is not installed: skipped';

describe('numbers of variable length', () => {
  it.each<[number, readonly number[]]>([
    [0, [0]],
    [127, [0x7f]],
    [128, [0x80, 1]],
    [624485, [0xe5, 0x8e, 0x26]],
  ])('%d unsigned', (value, expected) => {
    const writer = new ByteWriter();
    writer.uleb(value);
    expect([...writer.finish()]).toEqual(expected);
  });

  it.each<[number, readonly number[]]>([
    [2, [2]],
    [-2, [0x7e]],
    [63, [0x3f]],
    [64, [0xc0, 0]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [-123456, [0xc0, 0xbb, 0x78]],
  ])('%d signed', (value, expected) => {
    const writer = new ByteWriter();
    writer.sleb(value);
    expect([...writer.finish()]).toEqual(expected);
  });

  it('are what the reader reads', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: -(2 ** 45), max: 2 ** 45 }), fc.stringMatching(/^[a-zé]*$/), (unsigned, signed, text) => {
        const writer = new ByteWriter();
        writer.uleb(unsigned);
        writer.text(text);
        writer.sleb(signed);
        writer.sized(() => {
          writer.u16(7);
        });
        const cursor = new ByteCursor(writer.finish());
        expect([cursor.uleb(), cursor.string(), cursor.sleb(), cursor.u32(), cursor.u16(), cursor.at]).toEqual([unsigned, text, signed, 2, 7, writer.length]);
      }),
    );
  });
});

const steps = fc.array(
  fc.record({
    bytes: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 70_000 })),
    line: fc.integer({ min: 1, max: 5000 }),
    file: fc.integer({ min: 1, max: 2 }),
    isStatement: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
);

describe('line programs', () => {
  it('are what the reader reads, at every address', () => {
    fc.assert(
      fc.property(fc.nat(0x7fff_0000), steps, (begin, list) => {
        let end = begin;
        const rows = list.map(({ bytes, ...row }): LineRow => {
          const address = end;
          end += bytes;
          return { ...row, address };
        });
        const table = new LineTable({ line: writeLineProgram(['a.wat', 'b.c'], [{ rows, end }]) });
        expect(table.problems).toEqual([]);
        for (const [index, { address, file, line }] of rows.entries()) {
          const expected = { file: ['a.wat', 'b.c'][file - 1], line };
          expect(table.at(address)).toEqual(expected);
          expect(table.at((rows[index + 1]?.address ?? end) - 1)).toEqual(expected);
        }
        expect(table.at(end)).toBeUndefined();
      }),
    );
  });
});

/** Thumb code with all that is written. */
function sample(rows: readonly LineRow[], frames: readonly FrameRow[], end: number): Uint8Array {
  const lists = new LocationLists();
  const ranges = new RangeLists();
  const i32: DebugEntry = {
    tag: tags.baseType,
    attributes: [
      [attributes.name, { text: 'i32' }],
      [attributes.byteSize, { number: 4 }],
      [attributes.encoding, { number: encodings.signed }],
    ],
  };
  const place = lists.add([
    { begin: 0x100, end: 0x104, expression: new Expression().contents(4).shift('shl', 2).value().finish() },
    { begin: 0x104, end: 0x108, expression: new Expression().frameSlot(-8).finish() },
  ]);
  const local: DebugEntry = {
    tag: tags.variable,
    attributes: [
      [attributes.name, { text: 'local0' }],
      [attributes.type, { entry: i32 }],
      [attributes.location, { offset: place }],
    ],
  };
  const block: DebugEntry = {
    tag: tags.lexicalBlock,
    attributes: [[attributes.ranges, { offset: ranges.add([{ begin: 0x100, end: 0x104 }]) }]],
    children: [local],
  };
  const run: DebugEntry = {
    tag: tags.subprogram,
    attributes: [
      [attributes.name, { text: 'run' }],
      [attributes.external, { flag: true }],
      [attributes.lowPc, { address: 0x100 }],
      [attributes.highPc, { number: end - 0x100 }],
      [attributes.frameBase, { expression: new Expression().operation('callFrameAddress').finish() }],
    ],
    children: [block],
  };
  const covered = ranges.add([{ begin: 0x100, end }]);
  const unit: DebugEntry = {
    tag: tags.compileUnit,
    attributes: [
      [attributes.name, { text: 'a.wat' }],
      [attributes.statementList, { offset: 0 }],
      [attributes.lowPc, { address: 0 }],
      [attributes.ranges, { offset: covered }],
    ],
    children: [i32, run],
  };
  const { info, abbreviations } = writeEntries(unit);
  return writeElf32({
    machine: elfMachine.arm,
    flags: 0x0500_0200,
    entry: 0x101,
    segments: [
      { name: '.text', flags: segmentFlags.read | segmentFlags.execute, virtualAddress: 0x100, physicalAddress: 0x100, data: new Uint8Array(end - 0x100) },
    ],
    symbols: [],
    sections: [
      { name: '.debug_info', data: info },
      { name: '.debug_abbrev', data: abbreviations },
      { name: '.debug_line', data: writeLineProgram(['a.wat'], [{ rows, end }]) },
      { name: '.debug_loc', data: lists.finish() },
      { name: '.debug_ranges', data: ranges.finish() },
      { name: '.debug_aranges', data: writeAddressRanges([{ begin: 0x100, end }]) },
      { name: '.debug_frame', data: writeCallFrames([{ convention: { stackPointer: 13, returnAddress: 14, undefinedRegisters: [0, 1] }, end, rows: frames }]) },
    ],
  });
}

(hasReadelf ? describe : describe.skip)(`a file with debug information (${judge})`, () => {
  const rows: LineRow[] = [
    { address: 0x100, file: 1, line: 1, isStatement: true },
    { address: 0x104, file: 1, line: 300, isStatement: false },
  ];
  const frames: FrameRow[] = [
    { address: 0x100, frameBytes: 0, saved: new Map() },
    {
      address: 0x102,
      frameBytes: 16,
      saved: new Map([
        [4, -8],
        [14, -4],
      ]),
    },
    { address: 0x202, frameBytes: -16, saved: new Map() },
  ];
  const dump = (what: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'dwarf-'));
    try {
      const file = join(folder, 'a.elf');
      writeFileSync(file, sample(rows, frames, 0x300));
      const { stdout, stderr } = spawnSync('readelf', [`--debug-dump=${what}`, file], { encoding: 'utf8' });
      expect(stderr).toBe('');
      return stdout;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it.each<[string, readonly RegExp[]]>([
    ['info', [/DW_TAG_compile_unit/, /DW_AT_name +: a\.wat/, /DW_TAG_subprogram[\s\S]*run[\s\S]*DW_OP_call_frame_cfa[\s\S]*DW_TAG_lexical_block[\s\S]*local0/]],
    ['decodedline', [/a\.wat +1 +0x100 +x/, /a\.wat +300 +0x104 *$/m, /0x300/]],
    ['loc', [/00000100 00000104 \(DW_OP_breg4 \(r4\): 0; DW_OP_const1u: 2; DW_OP_shl; DW_OP_stack_value\)/, /00000104 00000108 \(DW_OP_fbreg: -8\)/]],
    ['Ranges', [/00000100 00000104/]],
    ['aranges', [/Version: +2\n[\s\S]*00000100 00000200\s+00000000 00000000/]],
    ['frames-interp', [/00000100 r13\+0 +u +u/, /00000102 r13\+16 +u +u +c-8 +c-4/, /00000202 r13-16/]],
  ])('says of %s what was written', (what, expected) => {
    const printed = dump(what);
    for (const pattern of expected) expect(printed).toMatch(pattern);
  });
});
