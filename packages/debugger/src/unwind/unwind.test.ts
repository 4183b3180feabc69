import { expect, it } from '@jest/globals';
import type { Isa } from '@fireball/contracts';
import { CodeReader } from './code-reader.js';
import { atEntry, stackStates } from './unwind.js';

const kept = { thumb2: new Set([4, 5, 6, 7, 8, 9, 10, 11, 14]), rv32: new Set([1, 8, 9, 18]) };

/** Halfwords and words in hexadecimal, each with sp and saved registers in front of it: `-16 r4@-8`. */
type Line = readonly [code: string, state: string];

const cases: readonly (readonly [name: string, isa: Isa, lines: readonly Line[]])[] = [
  [
    'push, sub and pop',
    'thumb2',
    [
      ['b510', '0'],
      ['b084', '-8 4@-8 14@-4'],
      ['2001', '-24 4@-8 14@-4'],
      ['b004', '-24 4@-8 14@-4'],
      ['bd10', '-8 4@-8 14@-4'],
    ],
  ],
  [
    'str and ldr with write-back',
    'thumb2',
    [
      ['f84ded08', '0'],
      ['bf00', '-8 14@-8'],
      ['f85dfb08', '-8 14@-8'],
    ],
  ],
  [
    'a frame beyond immediates',
    'thumb2',
    [
      ['b500', '0'],
      ['f2423c45', '-4 14@-4'],
      ['ebad0d0c', '-4 14@-4'],
      ['bf00', '-9033 14@-4'],
      ['4770', '-9033 14@-4'],
    ],
  ],
  [
    'a return under a condition',
    'thumb2',
    [
      ['b500', '0'],
      ['b081', '-4 14@-4'],
      ['2800', '-8 14@-4'],
      ['b001', '-8 14@-4'],
      ['bf08', '-4 14@-4'],
      ['bd00', '-4 14@-4'],
      ['b082', '-4 14@-4'],
      ['bd00', '-12 14@-4'],
    ],
  ],
  [
    'code behind a branch, reached from in front',
    'thumb2',
    [
      ['b510', '0'],
      ['d001', '-8 4@-8 14@-4'],
      ['bd10', '-8 4@-8 14@-4'],
      ['bf00', '-8 4@-8 14@-4'],
      ['de04', '-8 4@-8 14@-4'],
    ],
  ],
  [
    'vpush',
    'thumb2',
    [
      ['ed2d8b02', '0'],
      ['bf00', '-8'],
      ['ecbd8b02', '-8'],
      ['4770', '0'],
    ],
  ],
  [
    'addi and sw',
    'rv32',
    [
      ['1101', '0'],
      ['ce06', '-32'],
      ['cc22', '-32 1@-4'],
      ['0001', '-32 1@-4 8@-8'],
      ['40f2', '-32 1@-4 8@-8'],
      ['4462', '-32 8@-8'],
      ['6105', '-32'],
      ['8082', '0'],
    ],
  ],
  [
    'a frame beyond immediates, by lui',
    'rv32',
    [
      ['737d', '0'],
      ['911a', '0'],
      ['0001', '-4096'],
      ['8082', '-4096'],
    ],
  ],
  [
    'a call does not move sp',
    'rv32',
    [
      ['1141', '0'],
      ['c606', '-16'],
      ['00c000ef', '-16 1@-4'],
      ['0001', '-16 1@-4'],
      ['9002', '-16 1@-4'],
    ],
  ],
];

it.each(cases)('%s (%s)', async (_, isa, lines) => {
  const bytes = lines.flatMap(([code]) => {
    // A word of Thumb is two halfwords, the first one first; a word of RISC-V is little-endian.
    const halves = code.length === 4 ? [code] : isa === 'thumb2' ? [code.slice(0, 4), code.slice(4)] : [code.slice(4), code.slice(0, 4)];
    return halves.flatMap((half) => [Number.parseInt(half.slice(2), 16), Number.parseInt(half.slice(0, 2), 16)]);
  });
  const reader = await CodeReader.open(isa, 0x1000, Uint8Array.from(bytes));
  try {
    const states = stackStates(reader, reader.begin, reader.end, { roots: new Map([[0x1000, atEntry]]), otherwise: undefined, kept: kept[isa] });
    const found = [...states]
      .sort(([a], [b]) => a - b)
      .map(([, { sp, saved }]) => [String(sp), ...[...saved].map(([register, offset]) => `${register}@${offset}`)].join(' '));
    expect(found).toEqual(lines.map(([, state]) => state));
  } finally {
    reader.close();
  }
});
