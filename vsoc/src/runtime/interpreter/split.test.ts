import { describe, expect, it } from '@jest/globals';
import { instantiate, Store, type Value } from '@fireball/wasm';
import { createVsoc } from '../../index.js';
import { moduleOfText } from '../../testing/module.js';

const i32 = (value: number): Value => ({ type: 'i32', value });

const loads = [
  ...['i32.load', 'i32.load16_s', 'i32.load16_u', 'i32.load8_s'].map((op) => [op, 'i32'] as const),
  ...['i64.load', 'i64.load16_s', 'i64.load16_u', 'i64.load32_s', 'i64.load32_u'].map((op) => [op, 'i64'] as const),
  ['f32.load', 'f32'] as const,
  ['f64.load', 'f64'] as const,
];
const stores = [
  ...['i32.store', 'i32.store16', 'i32.store8'].map((op) => [op, 'i32'] as const),
  ...['i64.store', 'i64.store16', 'i64.store32'].map((op) => [op, 'i64'] as const),
  ['f32.store', 'f32'] as const,
  ['f64.store', 'f64'] as const,
];
const values = { i32: 'i32.const 0x89abcdef', i64: 'i64.const 0x8123456789abcdef', f32: 'f32.const nan:0x234567', f64: 'f64.const -1.25e-300' } as const;

const data = String.raw`(memory (export "m") 1) (data (i32.const 0) "\81\92\a3\b4\c5\d6\e7\f8\09\1a\2b\3c\4d\5e\6f\70")`;

/** Results, the memory's beginning and the instructions of f(0) .. f(3). */
function run(text: string): { expected: unknown[]; actual: unknown[]; instructions: number[] } {
  const module = moduleOfText(text);
  const reference = instantiate(new Store({}), module, () => undefined, { fuel: 1000 });
  const vsoc = createVsoc({ isa: 'rv32', tier: 'interpreter', misaligned: 'split' });
  try {
    const instance = vsoc.instantiate(module);
    const bytes = (memory: Uint8Array | undefined): number[] => [...(memory ?? []).slice(0, 32)];
    const expected: unknown[] = [];
    const actual: unknown[] = [];
    const instructions: number[] = [];
    for (const index of [0, 1, 2, 3]) {
      const outcome = reference.invoke('f', [i32(index)], { fuel: 1000 });
      expected.push('trap' in outcome ? outcome.trap : outcome.results, bytes(reference.memories[0]?.bytes));
      const { results, statistics } = instance.invoke('f', [i32(index)]);
      actual.push(results, bytes(instance.memory(0)));
      instructions.push(statistics.instructions);
    }
    return { expected, actual, instructions };
  } finally {
    vsoc.close();
  }
}

describe('misaligned accesses that are split', () => {
  const texts = [
    ...loads.map(([op, type]) => [op, `(module ${data} (func (export "f") (param i32) (result ${type}) (${op} offset=4 (local.get 0))))`] as const),
    ...stores.map(([op, type]) => [op, `(module ${data} (func (export "f") (param i32) (${op} offset=4 (local.get 0) (${values[type]}))))`] as const),
  ];

  it.each(texts)('%s', (op, text) => {
    const { expected, actual, instructions } = run(text);
    expect(actual).toEqual(expected);
    const [aligned = 0, one = 0, two = 0] = instructions;
    // Bytes take the same way always, halves at even addresses.
    expect(one > aligned).toBe(!op.includes('8'));
    expect(two > aligned).toBe(!op.includes('8') && !op.includes('16'));
  });
});
