import { describe, expect, it } from '@jest/globals';
import { UnsupportedError, UsageError, type Isa } from '@fireball/contracts';
import { knownCpus } from '@fireball/emulator';
import { readElf32, type ElfFile } from '@fireball/image';
import { cores } from '@fireball/jit';
import fc from 'fast-check';
import { moduleOfText, targets } from '../testing/module.js';
import { BareSystem } from './bare-system.js';
import { boards, layOutBoard, type Board, type MemoryRange } from './board.js';
import { qemuMachineOf } from './qemu.js';
import { contentsOf } from './ram-image.js';
import { RomData } from './rom-data.js';

const standard: Record<Isa, Board> = { thumb2: boards['mps2-an386'], rv32: boards.virt };

/** The file of a module whose `f` is called without arguments. */
function elfOf(board: Board, text: string): ElfFile {
  const system = new BareSystem({ board, growth: 0x1_0000 });
  try {
    const callee = system.instantiate(moduleOfText(text)).exports.get('f');
    if (callee?.kind !== 'function') throw new TypeError('no function f');
    return readElf32(system.build([{ label: 'f()', function: callee, args: [] }]));
  } finally {
    system.close();
  }
}

const overlap = (a: MemoryRange, b: MemoryRange): boolean => a.base < b.base + b.size && b.base < a.base + a.size;

it.each(['thumb2', 'rv32'] as const)('every core of %s is emulated, code is generated for it, and a machine of QEMU runs that', (isa) => {
  const known = knownCpus(isa);
  expect(Object.keys(cores[isa]).sort()).toEqual([...known].sort());
  expect(known.filter((cpu) => qemuMachineOf(isa, cpu) === undefined)).toEqual([]);
});

describe('layOutBoard', () => {
  const small: Board = { isa: 'thumb2', rom: { base: 0x0800_0000, size: 0x2_0000 }, ram: [{ base: 0x2000_0000, size: 0x1_0000 }] };

  it.each<[string, Board]>([...Object.entries(boards), ['64 KiB of RAM', small]])('keeps everything inside the memories and apart: %s', (_, board: Board) => {
    const { map, stackBytes } = layOutBoard(board);
    const inRom = [map.rom, map.code];
    const stack = { base: map.stack.base, size: stackBytes };
    const inRam = [map.lowData, map.stackReserve, stack, map.resultBuffer, map.highData, map.linearMemory];
    const holds = (range: MemoryRange, part: MemoryRange): boolean => part.base >= range.base && part.base + part.size <= range.base + range.size;
    for (const part of inRom) expect(holds(board.rom, part)).toBe(true);
    for (const part of inRam) expect(board.ram.some((range) => holds(range, part))).toBe(true);
    const all = [...inRom, ...inRam];
    all.forEach((part, index) => {
      for (const other of all.slice(index + 1)) expect(overlap(part, other)).toBe(false);
    });
    expect(map.stackReserve.base).toBe(map.lowData.base + map.lowData.size);
    expect(map.stack.base).toBe(map.stackReserve.base + map.stackReserve.size);
  });

  const ram = { base: 0x2000_0000, size: 0x1_0000 };
  const rom = { base: 0, size: 0x4_0000 };
  it.each<[string, Partial<Board>, number | undefined, RegExp]>([
    ['an odd address', { rom: { base: 2, size: 0x4_0000 } }, undefined, /multiples of 4096/],
    ['an odd size', { ram: [{ base: 0x2000_0000, size: 100 }] }, undefined, /multiples of 4096/],
    ['a range beyond the address space', { ram: [{ base: 0xffff_f000, size: 0x2000 }] }, undefined, /no range/],
    ['no RAM', { ram: [] }, undefined, /needs RAM/],
    ['a ROM without room for code', { rom: { base: 0, size: 0x1_0000 } }, undefined, /too small/],
    ['a stack that does not fit', {}, 0x1_0000, /too small for a stack/],
    ['a stack of no whole pages', {}, 1000, /multiple of 4096/],
  ])('refuses %s', (_, change, stackBytes, message) => {
    const layOut = () => layOutBoard({ isa: 'thumb2', rom, ram: [ram], ...change }, stackBytes === undefined ? {} : { stackBytes });
    expect(layOut).toThrow(UsageError);
    expect(layOut).toThrow(message);
  });
});

describe('contents of RAM', () => {
  it('are its words that are not zero, at their addresses', () => {
    const runs = fc.array(fc.record({ gap: fc.nat(600), words: fc.array(fc.nat(2), { maxLength: 5 }) }), { maxLength: 6 });
    fc.assert(
      fc.property(runs, (parts) => {
        const words = Uint32Array.from(parts.flatMap(({ gap, words: values }) => [...new Array<number>(gap).fill(0), ...values]));
        const region = { base: 0x2000_0000, bytes: new Uint8Array(words.buffer) };
        const rebuilt = new Uint8Array(region.bytes.length);
        for (const { base, bytes } of contentsOf(region)) {
          expect(bytes.length % 4).toBe(0);
          rebuilt.set(bytes, base - region.base);
        }
        expect(rebuilt).toEqual(region.bytes);
      }),
    );
  });
});

it('RomData aligns words and shares texts', () => {
  const data = new RomData(0x100);
  expect(data.text('ab')).toBe(0x100);
  expect(data.words([0x8765_4321])).toBe(0x104);
  expect(data.text('ab')).toBe(0x100);
  expect([...data.image()]).toEqual([0x61, 0x62, 0, 0, 0x21, 0x43, 0x65, 0x87]);
});

describe.each(targets)('a bare ELF file for %s', (isa) => {
  const text =
    '(module (memory 1) (data (i32.const 8) "\\11\\22\\33\\44") (global $g (mut i32) (i32.const 0)) (func $start (global.set $g (i32.const 5))) (start $start) (func $inner (export "f") (result i32) (global.get $g)))';
  const elf = elfOf(standard[isa], text);
  const bit = isa === 'thumb2' ? 1 : 0;
  const segmentAt = (address: number) => elf.segments.find(({ virtualAddress, data }) => address >= virtualAddress && address < virtualAddress + data.length);

  it('loads into ROM only, without overlaps', () => {
    const { rom } = standard[isa];
    const ranges = elf.segments.map(({ physicalAddress, data }) => ({ base: physicalAddress, size: data.length }));
    ranges.forEach((range, index) => {
      expect(range.base).toBeGreaterThanOrEqual(rom.base);
      expect(range.base + range.size).toBeLessThanOrEqual(rom.base + rom.size);
      for (const other of ranges.slice(index + 1)) expect(overlap(range, other)).toBe(false);
    });
  });

  it("has the start function's effects and the data segment", () => {
    const contents = elf.segments.filter(({ flags }) => (flags & 2) !== 0).map(({ data }) => Buffer.from(data).toString('hex'));
    expect(contents.some((hex) => hex.includes('05000000'))).toBe(true);
    expect(contents).toContain('11223344');
  });

  it('names functions, routines and the entry', () => {
    const named = (name: string) => elf.symbols.find((symbol) => symbol.name === name);
    expect(named('$inner') ?? named('f')).toMatchObject({ type: 2, binding: 1 });
    expect(named('i64.div_s')).toBeDefined();
    expect(named('start')?.value).toBe(elf.entry);
    expect(elf.entry & 1).toBe(bit);
    expect(segmentAt(elf.entry)?.flags).toBe(5);
  });

  it('has names with zeros and other control characters as they are printed', () => {
    const odd = elfOf(standard[isa], '(module (func (export "f")) (func (export "a\\00b\\1b[2J")))');
    expect(odd.symbols.map(({ name }) => name)).toContain('a\\u{0}b\\u{1b}[2J');
  });

  it('refuses imports, and more than the ROM holds', () => {
    expect(() => elfOf(standard[isa], '(module (import "env" "g" (func)) (func (export "f")))')).toThrow(UnsupportedError);
    const { rom } = standard[isa];
    const board = { ...standard[isa], rom: { base: rom.base, size: 0x1_2000 } };
    const bytes = '\\01'.repeat(0x3000);
    expect(() => elfOf(board, `(module (memory 1) (data (i32.const 0) "${bytes}") (func (export "f")))`)).toThrow(/in a ROM of 73728 bytes/);
  });
});
