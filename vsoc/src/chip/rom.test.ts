import { describe, expect, it } from '@jest/globals';
import { cores, isRoutine, recordOps } from '@fireball/jit';
import { opcodes } from '@fireball/wasm';
import { memoryMap } from './memory-map.js';
import { loadRom, romTrapNumber } from './rom.js';
import { targets, withInstance } from '../testing/module.js';

describe.each(targets)('the %s ROM', (isa) => {
  const rom = loadRom(isa);

  it('has a routine for every instruction that code for any core calls one for, and no others', () => {
    const features = Object.values(cores[isa]);
    const numeric = opcodes.map(({ name }) => name).filter((name) => features.some((each) => isRoutine(name, isa, each, false)));
    expect([...rom.entries.keys()].sort()).toEqual([...numeric, ...Object.keys(recordOps)].sort());
  });

  it('lies between the return-to-host stub and code memory', () => {
    expect(rom.base).toBeGreaterThanOrEqual(memoryMap.rom.base + 0x200);
    expect(rom.base + rom.code.length).toBeLessThanOrEqual(memoryMap.rom.base + memoryMap.rom.size);
  });

  it('has entries inside itself, at instructions', () => {
    for (const address of rom.entries.values()) {
      expect(address % 2).toBe(0);
      expect(address).toBeGreaterThanOrEqual(rom.base);
      expect(address).toBeLessThan(rom.base + rom.code.length);
    }
  });

  it('tells a trap from other code', () => {
    const division = rom.entries.get('i64.div_u') ?? 0;
    expect(romTrapNumber(rom, division, () => 1)).toBeUndefined();
    expect(romTrapNumber(rom, rom.base - 2, () => 1)).toBeUndefined();
    expect(romTrapNumber(rom, rom.base + rom.code.length, () => 1)).toBeUndefined();
  });
});

/** What traps, why, and the first byte of the instruction that must be blamed. */
const traps: [body: string, kind: string, opcode: number][] = [
  ['(drop (i64.div_s (i64.const 1) (i64.const 0)))', 'integer divide by zero', 0x7f],
  ['(drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))', 'integer overflow', 0x7f],
  ['(drop (i32.trunc_f64_s (f64.const nan)))', 'invalid conversion to integer', 0xaa],
  ['(drop (i64.trunc_f32_u (f32.const 1e30)))', 'integer overflow', 0xaf],
  ['(memory.fill (i32.const 65530) (i32.const 0) (i32.const 7))', 'out of bounds memory access', 0xfc],
  ['(table.set (i32.const 3) (ref.null func))', 'out of bounds table access', 0x26],
];

describe.each(targets)('a trap of a routine on %s', (isa) => {
  it.each(traps)('%s: its kind, its function and its instruction', (body, kind, opcode) => {
    const text = `(module (memory 1) (table 3 funcref) (func) (func (export "f") nop ${body} nop))`;
    withInstance({ isa }, text, (instance, { module }) => {
      const { trap } = instance.invoke('f', []);
      expect(trap).toMatchObject({ kind, functionIndex: 1 });
      expect(module.bytes[trap?.wasmOffset ?? 0]).toBe(opcode);
    });
  });
});
