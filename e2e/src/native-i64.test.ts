/** Operations on two i64 in operand forms that select differently, constants of every immediate form among them, on both targets, against their definitions. */
import { isNumericOp, opcodes, operationOf, Trap, type NumericOpName, type Value } from '@fireball/wasm';
import { describe, expect, it } from '@jest/globals';
import { moduleOfText, targets, withNative } from './testing/native.js';

const max = 0x7fff_ffff_ffff_ffffn;
const min = -0x8000_0000_0000_0000n;
/** Around carries, signs, shift amounts, and around the immediates of both machines. */
const constants = [
  0n,
  1n,
  2n,
  7n,
  8n,
  31n,
  32n,
  33n,
  63n,
  64n,
  255n,
  256n,
  2047n,
  2048n,
  4095n,
  0xff00n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x1_0000_00ffn,
  0xff_00ff_00ffn,
  0x00ff_00ff_00ff_00ffn,
  0x7f00_0000_0000_0000n,
  max,
  max - 1n,
]
  .flatMap((value) => [value, -value, ~value])
  .concat(min, min + 1n);
const values = [...new Set(constants)];
const few = [0n, 1n, -1n, 31n, 32n, 33n, 0xffff_ffffn, -0x1_0000_0000n, 0x1234_5678_9abc_def0n, max, min];

const a = '(local.get 0)';
const b = '(local.get 1)';
/** The same values out of a computation that nothing can see through: local 2 is 0. */
const ta = `(i64.xor ${a} (local.get 2))`;
const tb = `(i64.xor ${b} (local.get 2))`;

/** Words of i64, extended. */
const wordOf = (x: string): string => `(i32.wrap_i64 ${x})`;
const signedWord = (x: string): string => `(i64.extend_i32_s ${wordOf(x)})`;
const unsignedWord = (x: string): string => `(i64.extend_i32_u ${wordOf(x)})`;
const asSigned = (x: bigint): bigint => BigInt.asIntN(32, x);
const asUnsigned = (x: bigint): bigint => BigInt.asUintN(32, x);

interface Form {
  readonly name: string;
  readonly body: (op: (x: string, y: string) => string) => string;
  readonly operands?: (x: bigint, y: bigint) => readonly [x: bigint, y: bigint];
}

/** Other i64 that are on the operand stack meanwhile: few registers are left. */
const crowded = (body: string): string => {
  const others = Array.from({ length: 4 }, (_, n) => `(i64.xor ${ta} (i64.const ${n}))`).join(' ');
  return `${others} ${body} (local.set 3) (local.set 4) (local.set 4) (local.set 4) (local.set 4) (local.get 3)`;
};

/** Of an operation that gives an i64. */
const forms: readonly Form[] = [
  { name: 'local, local', body: (op) => op(a, b) },
  { name: 'temporary, temporary', body: (op) => op(ta, tb) },
  { name: 'local, temporary', body: (op) => op(a, tb) },
  { name: 'temporary, local', body: (op) => op(ta, b) },
  { name: 'the same local twice', body: (op) => op(a, a), operands: (x) => [x, x] },
  { name: 'local.set of the first operand', body: (op) => `(local.set 0 ${op(a, b)}) ${a}` },
  { name: 'local.set of the second operand', body: (op) => `(local.set 1 ${op(a, b)}) ${b}` },
  { name: 'local.set of a third', body: (op) => `(local.set 3 ${op(a, tb)}) (local.get 3)` },
  { name: 'few registers, temporaries', body: (op) => crowded(op(ta, tb)) },
  { name: 'few registers, a local', body: (op) => crowded(op(ta, b)) },
];

/** The same with operands whose upper word follows from the lower one. */
const extendedForms: readonly Form[] = [
  { name: 'signed words', body: (op) => op(signedWord(a), signedWord(tb)), operands: (x, y) => [asSigned(x), asSigned(y)] },
  { name: 'unsigned words', body: (op) => op(unsignedWord(ta), unsignedWord(b)), operands: (x, y) => [asUnsigned(x), asUnsigned(y)] },
  { name: 'signed and unsigned word', body: (op) => op(signedWord(ta), unsignedWord(tb)), operands: (x, y) => [asSigned(x), asUnsigned(y)] },
  { name: 'unsigned word, pair', body: (op) => op(unsignedWord(a), tb), operands: (x, y) => [asUnsigned(x), y] },
  { name: 'pair, unsigned word', body: (op) => op(a, unsignedWord(tb)), operands: (x, y) => [x, asUnsigned(y)] },
  { name: 'pair, signed word', body: (op) => op(ta, signedWord(b)), operands: (x, y) => [x, asSigned(y)] },
  {
    name: 'locals that hold signed words',
    body: (op) => `(local.set 3 ${signedWord(a)}) (local.set 4 ${signedWord(tb)}) ${op('(local.get 3)', '(local.get 4)')}`,
    operands: (x, y) => [asSigned(x), asSigned(y)],
  },
  {
    name: 'locals that hold unsigned words, one written again',
    body: (op) => `(local.set 3 ${signedWord(a)}) (local.set 3 ${unsignedWord(a)}) (local.set 4 ${unsignedWord(b)}) ${op('(local.get 3)', '(local.get 4)')}`,
    operands: (x, y) => [asUnsigned(x), asUnsigned(y)],
  },
  { name: 'few registers, signed words', body: (op) => crowded(op(signedWord(ta), signedWord(b))), operands: (x, y) => [asSigned(x), asSigned(y)] },
];

/** Sums of products of words, and what is left of them: local 3 is the first operand. */
const sums: readonly { readonly name: string; readonly body: (product: string) => string; readonly of: (x: bigint, product: bigint) => bigint }[] = [
  { name: 'local + product', body: (p) => `(i64.add (local.get 3) ${p})`, of: (x, p) => x + p },
  { name: 'temporary + product', body: (p) => `(i64.add ${ta} ${p})`, of: (x, p) => x + p },
  { name: 'product + local', body: (p) => `(i64.add ${p} (local.get 3))`, of: (x, p) => x + p },
  { name: 'product + local, into the local', body: (p) => `(local.set 3 (i64.add ${p} (local.get 3))) (local.get 3)`, of: (x, p) => x + p },
  { name: 'local + product, twice', body: (p) => `(local.tee 3 (i64.add (local.get 3) ${p})) ${p} (i64.add)`, of: (x, p) => x + 2n * p },
  { name: 'old local behind', body: (p) => `(local.get 3) (local.set 3 (i64.add (local.get 3) ${p})) (i64.sub (local.get 3))`, of: (_x, p) => -p },
  { name: 'product, doubled', body: (p) => `(local.set 3 ${p}) (i64.add (local.get 3) (local.get 3))`, of: (_x, p) => 2n * p },
  ...[1, 30, 31, 32, 33, 63].flatMap((n) =>
    (['i64.shl', 'i64.shr_s', 'i64.shr_u'] as const).map((shift) => ({
      name: `${shift} by ${n}, its lower word`,
      body: (p: string) => signedWord(`(${shift} (i64.add ${ta} ${p}) (i64.const ${n}))`),
      of: (x: bigint, p: bigint) => asSigned(BigInt(operationOf(shift)(BigInt.asIntN(64, x + p), BigInt(n)))),
    })),
  ),
];

const operations = opcodes.flatMap(({ name, signature }) =>
  name.startsWith('i64.') && isNumericOp(name) && signature?.params.length === 2 && signature.params.every((type) => type === 'i64')
    ? [{ name, result: signature.results[0] as 'i32' | 'i64' }]
    : [],
);

function expected(name: NumericOpName, x: bigint, y: bigint): number | bigint | 'trap' {
  try {
    const value = operationOf(name)(x, y);
    return typeof value === 'bigint' ? BigInt.asIntN(64, value) : value;
  } catch (error) {
    if (error instanceof Trap) return 'trap';
    throw error;
  }
}

const i64 = (value: bigint): Value => ({ type: 'i64', value });

describe.each(targets)('i64 on %s', (isa) => {
  it.each(operations)('$name of values', ({ name, result }) => {
    const isValue = result === 'i64';
    const used = [...(isValue ? forms : forms.slice(0, 5)), ...(isValue ? extendedForms : extendedForms.slice(0, -1))];
    const functions = used.map(
      ({ body }, index) => `(func (export "f${index}") (param i64 i64 i64) (result ${result}) (local i64 i64) ${body((x, y) => `(${name} ${x} ${y})`)})`,
    );
    withNative(isa, moduleOfText(`(module ${functions.join('\n')})`), (instance) => {
      for (const [index, { name: form, operands }] of used.entries()) {
        for (const x of few) {
          for (const y of few) {
            const { trap, results } = instance.invoke(`f${index}`, [i64(x), i64(y), i64(0n)]);
            const got = trap === null ? results[0]?.value : 'trap';
            if (got !== expected(name, ...(operands?.(x, y) ?? [x, y])))
              expect({ form, x, y, got }).toEqual({ form, x, y, got: expected(name, ...(operands?.(x, y) ?? [x, y])) });
          }
        }
      }
    });
  });

  it.each(operations)('$name with constants', ({ name, result }) => {
    const bodies: readonly ((c: bigint) => string)[] = [
      (c) => `(${name} ${a} (i64.const ${c}))`,
      (c) => `(${name} ${ta} (i64.const ${c}))`,
      (c) => `(${name} (i64.const ${c}) ${a})`,
      (c) => `(${name} (i64.const ${c}) ${ta})`,
      ...(result === 'i64'
        ? [(c: bigint) => `(local.set 0 (${name} ${a} (i64.const ${c}))) ${a}`]
        : [
            (c: bigint) => `(${name} ${a} (i64.const ${c})) (if (result i32) (then (i32.const 1)) (else (i32.const 0)))`,
            (c: bigint) => `(i32.sub (i32.const 1) (i32.eqz (${name} ${ta} (i64.const ${c}))))`,
          ]),
    ];
    const isSwapped = (form: number): boolean => form === 2 || form === 3;
    for (const [form, body] of bodies.entries()) {
      const functions = values.map((c, index) => `(func (export "f${index}") (param i64 i64 i64) (result ${result}) ${body(c)})`);
      withNative(isa, moduleOfText(`(module ${functions.join('\n')})`), (instance) => {
        for (const [index, c] of values.entries()) {
          for (const x of [...few, c, c - 1n, c + 1n].map((value) => BigInt.asIntN(64, value))) {
            const { trap, results } = instance.invoke(`f${index}`, [i64(x), i64(0n), i64(0n)]);
            const got = trap === null ? results[0]?.value : 'trap';
            const wanted = isSwapped(form) ? expected(name, c, x) : expected(name, x, c);
            if (got !== wanted) expect({ form, c, x, got }).toEqual({ form, c, x, got: wanted });
          }
        }
      });
    }
  });

  it.each([
    { name: 'signed', word: signedWord, valueOf: asSigned },
    { name: 'unsigned', word: unsignedWord, valueOf: asUnsigned },
  ])('sums of products of $name words', ({ word, valueOf }) => {
    const functions = sums.map(
      ({ body }, index) =>
        `(func (export "f${index}") (param i64 i64 i64) (result i64) (local i64) (local.set 3 ${a}) ${body(`(i64.mul ${word(b)} ${word(ta)})`)})`,
    );
    withNative(isa, moduleOfText(`(module ${functions.join('\n')})`), (instance) => {
      for (const [index, { name: form, of }] of sums.entries()) {
        for (const x of few) {
          for (const y of few) {
            const got = instance.invoke(`f${index}`, [i64(x), i64(y), i64(0n)]).results[0]?.value;
            const wanted = BigInt.asIntN(64, of(x, valueOf(x) * valueOf(y)));
            if (got !== wanted) expect({ form, x, y, got }).toEqual({ form, x, y, got: wanted });
          }
        }
      }
    });
  });
});
