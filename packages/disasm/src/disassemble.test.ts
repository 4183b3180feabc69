import { expect, it } from '@jest/globals';
import { disassemble } from './disassemble.js';

const cases: [isa: 'thumb2' | 'rv32' | 'rv64', halfwords: number[], texts: string[]][] = [
  ['thumb2', [0xbf00, 0x4770], ['nop', 'bx lr']],
  ['rv32', [0xffff, 0xffff], ['.short 0xffff', '.short 0xffff']],
  ['rv64', [0x0001, 0xffff, 0xffff, 0x0001], ['c.nop', '.short 0xffff', '.short 0xffff', 'c.nop']],
];

it.each(cases)('%s %j, instructions or not', async (isa, halfwords, texts) => {
  const listing = await disassemble(isa, new Uint8Array(Uint16Array.from(halfwords).buffer), 0x100);
  expect(listing.map(({ text }) => text)).toEqual(texts);
});
