/** Fields of words, and comparisons of small types: what masks become, on both targets, against their definition. */
import { describe, expect, it } from '@jest/globals';
import { callI32, moduleOfText, targets, withNative } from './testing/native.js';

interface Case {
  readonly wat: string;
  readonly value: (x: number, y: number) => number;
}

const words = [0, 1, 0x80, 0xff, 0x1234_5678, 0x7fff_ffff, -0x8000_0000, -1, -2, 0x00ff_ff00];

const shifts = {
  shr_u: (x: number, amount: number) => x >>> amount,
  shr_s: (x: number, amount: number) => x >> amount,
  shl: (x: number, amount: number) => x << amount,
} as const satisfies Readonly<Record<string, (x: number, amount: number) => number>>;
const masks = [1, 6, 15, 0xff, 0x1fc, 0x3ff, 0x7fe, 0xffff, 0xff00, 0x0fff_f000, 0x7fff_ffff, -0x8000_0000, -256, 5];

/** Fields by themselves, where a shifted operand is wanted, and in a local. */
const fields: readonly Case[] = Object.entries(shifts).flatMap(([name, shift]) =>
  [1, 3, 8, 16, 23, 31].flatMap((amount) =>
    masks.flatMap((mask) => {
      const field = `(i32.and (i32.${name} (local.get 0) (i32.const ${amount})) (i32.const ${mask}))`;
      const of = (x: number): number => shift(x, amount) & mask;
      return [
        { wat: field, value: of },
        { wat: `(i32.add (local.get 1) ${field})`, value: (x: number, y: number) => y + of(x) },
        { wat: `(local.set 1 ${field}) (i32.xor (i32.and (local.get 0) (i32.const ${mask})) (local.get 1))`, value: (x: number) => (x & mask) ^ of(x) },
      ];
    }),
  ),
);

const comparisons = {
  lt_u: (a: number, b: number) => a < b,
  le_u: (a: number, b: number) => a <= b,
  gt_u: (a: number, b: number) => a > b,
  ge_u: (a: number, b: number) => a >= b,
} as const satisfies Readonly<Record<string, (a: number, b: number) => boolean>>;

/** ((byte + c) & mask) compared, as a value and by a branch; some with a mask that the byte does not fit. */
const intervals: readonly Case[] = Object.entries(comparisons).flatMap(([name, compare]) =>
  [-48, -1, 0, 56, -200, 300].flatMap((c) =>
    [0, 1, 10, 57, 198, 246, 255, 256].flatMap((limit) =>
      [255, 0x7f, 0xffff].flatMap((mask) => {
        const condition = `(i32.${name} (i32.and (i32.add (i32.and (local.get 0) (i32.const 255)) (i32.const ${c})) (i32.const ${mask})) (i32.const ${limit}))`;
        const holds = (x: number): boolean => compare(((x & 255) + c) & mask, limit);
        return [
          { wat: condition, value: (x: number) => Number(holds(x)) },
          { wat: `(block (br_if 0 ${condition}) (return (local.get 0))) (local.get 1)`, value: (x: number, y: number) => (holds(x) ? y : x) },
        ];
      }),
    ),
  ),
);

describe.each(targets)('what masks become on %s', (isa) => {
  it.each([
    { what: 'fields', cases: fields, inputs: words },
    { what: 'comparisons of bytes', cases: intervals, inputs: [0, 47, 48, 57, 58, 199, 200, 255] },
  ])('$what', ({ cases, inputs }) => {
    const functions = cases.map(({ wat }, index) => `(func (export "f${index}") (param i32 i32) (result i32) ${wat})`);
    const wrong = withNative(isa, moduleOfText(`(module ${functions.join('\n')})`), (instance) =>
      cases.flatMap(({ wat, value }, index) =>
        inputs.flatMap((x, at) => {
          const y = inputs[(at + 3) % inputs.length] as number;
          const actual = callI32(instance, `f${index}`, [x, y]);
          const expected = value(x, y) | 0;
          return actual === expected ? [] : [`${wat} of ${x}, ${y}: ${actual}, not ${expected}`];
        }),
      ),
    );
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});
