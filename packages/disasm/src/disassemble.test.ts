import { expect, it } from '@jest/globals';
import { disassemble } from './disassemble.js';

const cases: [isa: 'thumb2' | 'rv32' | 'rv64', halfwords: number[], texts: string[]][] = [
  ['thumb2', [0xbf00, 0x4770], ['nop', 'bx lr']],
  ['rv32', [0xffff, 0xffff], ['.short 0xffff', '.short 0xffff']],
  // c.beqz a0, 10; c.bnez a0, -6; c.jal -0x2c; c.j -2; bne a0, a1, 8; jal ra, -0x100; jal zero, 4; c.jr ra
  [
    'rv32',
    [0xc509, 0xfd6d, 0x3fd1, 0xbffd, 0x1463, 0x00b5, 0xf0ef, 0xf01f, 0x006f, 0x0040, 0x8082],
    ['c.beqz a0, 0x10a', 'c.bnez a0, 0xfc', 'c.jal 0xd8', 'c.j 0x104', 'bne a0, a1, 0x110', 'jal 0xc', 'j 0x114', 'c.jr ra'],
  ],
  ['rv64', [0xbffd, 0x1463, 0x00b5], ['c.j 0xfe', 'bne a0, a1, 0x10a']],
  ['rv64', [0x0001, 0xffff, 0xffff, 0x0001], ['c.nop', '.short 0xffff', '.short 0xffff', 'c.nop']],
];

it.each(cases)('%s %j, instructions or not', async (isa, halfwords, texts) => {
  const listing = await disassemble(isa, new Uint8Array(Uint16Array.from(halfwords).buffer), 0x100);
  expect(listing.map(({ text }) => text)).toEqual(texts);
});
