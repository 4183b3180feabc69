import { opcodes } from '@fireball/wasm';
import { describe, expect, it } from '@jest/globals';
import { loadRom } from '../../chip/rom.js';
import { targets } from '../../testing/module.js';
import { tableEntries, tables } from './layout.js';

/** No instruction has this opcode, nor will one have it alone. */
const noOpcode = 0xff;
const prefix = 0xfc;

/** An opcode's place in a dispatch table; those behind the prefix lie behind the first 256. */
function placeOf(code: number): number {
  return code < 0x100 ? code : code >> 8 === prefix ? 0x100 + (code & 0xff) : Infinity;
}

describe.each(targets)('the dispatch tables of the interpreter in ROM, %s', (isa) => {
  const { base, code, entries } = loadRom(isa, 0, 'rom/interp');
  const first = entries.get('interp.tables')! - base;
  const view = new DataView(code.buffer, code.byteOffset, code.length);

  // In the others of RISC-V, what has no handler of its own brings operands to where the first ones want them.
  const complete = tables[isa].map((name, position) => [name, position] as const).filter(([name]) => !name.includes('cached'));

  it.each(complete)('have a handler for every instruction: %s', (_name, position) => {
    const handler = (place: number): number => view.getInt32(first + 4 * (tableEntries * position + place), true);
    const illegal = handler(noOpcode);
    const missing = opcodes.filter((opcode) => placeOf(opcode.code) >= tableEntries || handler(placeOf(opcode.code)) === illegal);
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});
