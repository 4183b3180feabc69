import { describe, expect, it } from '@jest/globals';
import { decodeModule, validateModule, type Value } from '@fireball/wasm';
import fc from 'fast-check';
import { assembleText } from '../inputs/text-format.js';
import type { EngineInstance } from '../instance.js';
import { v8Engine } from './v8.js';

async function start(text: string): Promise<EngineInstance> {
  const module = decodeModule(await assembleText('test.wat', text));
  return v8Engine.instantiate({ file: 'test.wat', module, validated: validateModule(module) }, { fuel: 0, maxPages: 16 });
}

const value = fc.oneof(
  fc.integer().map((bits): Value => ({ type: 'i32', value: bits })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((bits): Value => ({ type: 'i64', value: bits })),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((bits): Value => ({ type: 'f32', value: bits })),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((bits): Value => ({ type: 'f64', value: bits })),
);

describe('bits across the JavaScript border', () => {
  it('returns any list of values in reverse, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 6 }), async (values) => {
        const types = values.map(({ type }) => type);
        const gets = values.map((_, index) => `local.get ${values.length - 1 - index}`);
        const instance = await start(`(module (func (export "f") (param ${types.join(' ')}) (result ${[...types].reverse().join(' ')}) ${gets.join(' ')}))`);
        expect(instance.invoke('f', values).results).toEqual([...values].reverse());
      }),
      { numRuns: 50 },
    );
  });

  it('reads globals with the payload of a signalling NaN', async () => {
    const instance = await start(
      `(module (global (mut f32) (f32.const nan:0x200001)) (global f64 (f64.const -nan:0x4000000000001)) (global (mut i64) (i64.const -1)))`,
    );
    expect([0, 1, 2].map((index) => instance.global(index))).toEqual([
      { type: 'f32', value: 0x7fa00001 },
      { type: 'f64', value: 0xfff4000000000001n },
      { type: 'i64', value: -1n },
    ]);
  });
});

describe('traps', () => {
  it.each([
    ['unreachable', ['unreachable']],
    ['i32.const 1 i32.const 0 i32.div_s drop', ['integer divide by zero']],
    ['i64.const 1 i64.const 0 i64.rem_u drop', ['integer divide by zero']],
    ['i32.const 0x80000000 i32.const -1 i32.div_s drop', ['integer overflow']],
    ['f32.const nan i32.trunc_f32_s drop', ['invalid conversion to integer', 'integer overflow']],
    ['f64.const 1e30 i64.trunc_f64_u drop', ['invalid conversion to integer', 'integer overflow']],
    ['i32.const 65533 i32.load drop', ['out of bounds memory access']],
    ['i32.const 65536 i32.const 0 i32.const 1 memory.fill', ['out of bounds memory access']],
    ['i32.const 0 i32.const 0 i32.const 9 memory.init 0', ['out of bounds memory access']],
    ['i32.const 7 call_indirect', ['undefined element', 'out of bounds table access']],
    ['i32.const 0 call_indirect', ['indirect call type mismatch', 'uninitialized element']],
    ['i32.const 1 call_indirect (param i32)', ['indirect call type mismatch', 'uninitialized element'], 'i32.const 0'],
    ['i32.const 7 table.get 0 drop', ['undefined element', 'out of bounds table access']],
    ['i32.const 1 i32.const 0 i32.const 9 table.init 0', ['undefined element', 'out of bounds table access']],
    ['i32.const 1 i32.const 0 i32.const 9 table.copy', ['undefined element', 'out of bounds table access']],
    ['call 0', ['call stack exhausted']],
  ])('%s', async (code, kinds, before = '') => {
    const instance = await start(
      `(module (memory 1) (table 3 funcref) (data "abc") (elem $e func 0) (elem (i32.const 1) 0) (func (export "f") ${before} ${code}))`,
    );
    const { trap, results } = instance.invoke('f', []);
    expect(results).toEqual([]);
    expect(trap?.kinds).toEqual(kinds);
  });
});

it('refuses a table that is too large for it by name', async () => {
  await expect(start('(module (table 10000001 funcref))')).rejects.toMatchObject({ name: 'UnsupportedError' });
});
