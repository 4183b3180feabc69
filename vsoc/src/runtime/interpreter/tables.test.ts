import { readFileSync } from 'node:fs';
import { opcodes } from '@fireball/wasm';
import { describe, expect, it } from '@jest/globals';
import { loadRom } from '../../chip/rom.js';
import { targets } from '../../testing/module.js';
import { handlerTables } from './handlers.js';
import { opcodePlace, tableEntries, tables } from './layout.js';

const generated = new URL('../../../guest/rom/interp/generated/handlers.inc', import.meta.url);

it('the rows that the assembler gets are those of the opcode table', () => {
  expect(readFileSync(generated, 'utf8')).toBe(handlerTables());
});

it('an opcode behind another prefix has no place', () => {
  expect(() => opcodePlace(0xfd00)).toThrow('0xfd00 has no place');
});

/** No instruction has this opcode, nor will one have it alone. */
const noOpcode = 0xff;

describe.each(targets)('the dispatch tables of the interpreter in ROM, %s', (isa) => {
  const { base, code, entries } = loadRom(isa, 0, 'rom/interp');
  const first = entries.get('interp.tables')! - base;
  const view = new DataView(code.buffer, code.byteOffset, code.length);

  // In the others of RISC-V, what has no handler of its own brings operands to where the first ones want them.
  const complete = tables[isa].map((name, position) => [name, position] as const).filter(([name]) => !name.includes('cached'));

  it.each(complete)('have a handler for every instruction: %s', (_name, position) => {
    const handler = (place: number): number => view.getInt32(first + 4 * (tableEntries * position + place), true);
    const illegal = handler(noOpcode);
    const missing = opcodes.filter((opcode) => handler(opcodePlace(opcode.code)) === illegal);
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});
