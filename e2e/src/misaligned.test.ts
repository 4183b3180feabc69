/** RV32 code for cores that trap on misaligned accesses: it makes none, wherever wasm's addresses come out. */
import { assembleText, engineNamed, type Engine } from '@fireball/engines';
import { describe, expect, it } from '@jest/globals';
import { corpus } from '../corpus/index.js';
import { runRow } from '../corpus/run.js';
import { accessAttack, memoryShapes } from './attack/accesses.js';
import { families } from './attack/families.js';
import { judge } from './attack/judge.js';
import { Random, type Attack } from './attack/program.js';

const rv32 = engineNamed('rv32');
/** The engine with split accesses; the corpus is watched, so a misaligned access is an error. */
const split: Engine = {
  ...rv32,
  createLinker: (options) => rv32.createLinker({ ...options, misaligned: 'split', verify: 'deep' }),
};

/** Addresses of every remainder for every width. */
const attack: Attack = {
  modules: [
    {
      name: 'main',
      text: `(module (memory 1 1)
        (func (export "f") (param i32 i64) (result i64) (i64.store align=8 (local.get 0) (local.get 1)) (i32.store16 offset=3 align=2 (local.get 0) (i32.const 0xbeef))
          (i64.xor (i64.load align=8 (local.get 0)) (i64.add (i64.load32_s offset=1 align=4 (local.get 0)) (i64.load16_s offset=2 align=2 (local.get 0)))))
        (func (export "known") (result i32) (i32.store align=4 (i32.const 6) (i32.const 0x12345678)) (i32.add (i32.load (i32.const 8)) (i32.load16_s align=2 (i32.const 7)))))`,
    },
  ],
  functions: [
    { name: 'f', params: ['i32', 'i64'], aims: [[0, 1, 2, 3, 4, 5, 6, 7, 65528]] },
    { name: 'known', params: [], aims: [] },
  ],
};

describe('--misaligned split', () => {
  it.each(memoryShapes)('hostile accesses, memory $name', (shape) => {
    for (let program = 0; program < 3; program++) {
      const random = new Random(`split ${shape.name} ${program}`);
      expect(judge(accessAttack(random, shape), ['rv32'], 80, random, { misaligned: 'split' }).failures).toEqual([]);
    }
  });

  it.each(families)('hostile $name', ({ name, make }) => {
    const random = new Random(`split ${name}`);
    expect(judge(make(random), ['rv32'], 80, random, { misaligned: 'split' }).failures).toEqual([]);
  });

  it('believes no align hint', () => {
    expect(judge(attack, ['rv32'], 100, new Random('hints'), { misaligned: 'split' }).failures).toEqual([]);
  });

  it('and without it, misaligned accesses are there to be seen', () => {
    const { failures } = judge(attack, ['rv32'], 100, new Random('hints'), { sandbox: { aligned: true } });
    expect(failures).toEqual([expect.stringMatching(/sandbox violation: (write|read) of [24] bytes .* not a multiple of its size/)]);
  });

  it.each(corpus.filter(({ rows }) => rows.some(({ modules }) => modules.some(({ wat }) => wat.includes('memory')))))(
    'the corpus: $name',
    async ({ rows }) => {
      for (const row of rows) {
        expect({ row: row.name, problems: await runRow(row, split, (wat) => assembleText('row.wat', wat)) }).toEqual({ row: row.name, problems: [] });
      }
    },
    60_000,
  );
});
